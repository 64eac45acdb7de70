// Images that come packed: the one file in them is used, as with Packer (row ISO-10).
import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { createReadStream, existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { buffer } from "node:stream/consumers";
import { lab, rejects, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { writeZip } from "../../src/archive/zip-writer.ts";
import { parseChecksum } from "../../src/checksum/checksum.ts";
import { TspackError } from "../../src/diagnostics/error.ts";
import { archiveFormatOf } from "../../src/download/archive-format.ts";
import { type DownloadOptions, download } from "../../src/download/download.ts";
import { serveFile, testServer } from "./test-server.ts";

const content = Buffer.concat([randomBytes(1_000_000), Buffer.alloc(200_000)]);
const { signal } = new AbortController();
const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

/** A folder with `disk.img`, and beside it as each program packs it. */
function packed(): string {
  const folder = tmp("packed");
  writeFileSync(join(folder, "disk.img"), content);
  mkdirSync(join(folder, "in"));
  writeFileSync(join(folder, "in/disk.img"), content);
  const run = (program: string, ...args: string[]): unknown => execFileSync(program, args, { cwd: folder });
  for (const [program, ending] of [
    ["gzip", "gz"],
    ["bzip2", "bz2"],
    ["xz", "xz"],
    ["zstd", "zst"],
  ] as const) {
    run(program, "-k", "-q", "disk.img");
    run("tar", "-cf", `disk.tar.${ending}`, `--use-compress-program=${program}`, "in");
  }
  run("tar", "-cf", "disk.tar", "disk.img");
  run("tar", "-cf", "two.tar", "disk.img", "in");
  return folder;
}

function get(location: string, folder: string, changes: Partial<DownloadOptions> = {}) {
  const options = { location, cacheDirectory: join(folder, "cache"), workingDirectory: folder, extension: "iso", signal };
  const archive = archiveFormatOf(basename(location), undefined);
  const checksum = parseChecksum("none");
  return download({ ...options, archive, checksum, environment: { PATH: process.env.PATH }, firstDelayMs: 1, ...changes });
}

lab(
  test,
  "xz",
  "bzip2",
  "zstd",
)("every kind of archive that Packer unpacks is unpacked, local ones too", async () => {
  const folder = packed();
  const entry = { mode: 0o644, sizeBytes: content.length, content: () => createReadStream(join(folder, "disk.img")) };
  writeFileSync(join(folder, "disk.zip"), await buffer(writeZip([{ name: "in/disk.img", ...entry }], { level: 6 })));
  writeFileSync(
    join(folder, "two.zip"),
    await buffer(
      writeZip(
        [
          { name: "a", ...entry },
          { name: "b", ...entry },
        ],
        { level: 6 },
      ),
    ),
  );
  const names = ["gz", "bz2", "xz", "zst", "tar", "zip"].map(
    (ending) => `disk.${ending === "tar" || ending === "zip" ? ending : `img.${ending}`}`,
  );
  for (const name of [...names, "disk.tar.gz", "disk.tar.bz2", "disk.tar.xz", "disk.tar.zst"]) {
    const { path, from } = await get(name, folder, { checksum: parseChecksum(sha256(readFileSync(join(folder, name)))) });
    assert.is(from, "downloaded", name);
    assert.ok(readFileSync(path).equals(content), name);
    assert.match(path, /cache\/[0-9a-f]{40}\.iso$/);
  }
  assert.ok(existsSync(join(folder, "disk.img.xz")), "a local archive stays");
  writeFileSync(join(folder, "cut.img.gz"), readFileSync(join(folder, "disk.img.gz")).subarray(0, 500_000));
  for (const [name, message] of [
    ["two.tar", /could not unpack .*two\.tar as tar: it has several files, where one is wanted: disk\.img, in\/disk\.img/],
    ["two.zip", /could not unpack .*two\.zip as zip: .*it has 2 files, where one is wanted/],
    ["cut.img.gz", /could not unpack .*cut\.img\.gz as gz: unexpected end of file/],
  ] as const) {
    await rejects(get(name, folder), { code: "TPK7001", message });
  }
  await rejects(get("disk.img", folder, { archive: "xz" }), { code: "TPK7001", message: /could not unpack .*disk\.img as xz: xz failed/ });
  await rejects(get("disk.img.xz", folder, { environment: { PATH: join(folder, "in") } }), {
    code: "TPK6008",
    message: /xz is needed to read xz/,
  });
  assert.equal(
    readdirSync(join(folder, "cache")).filter((name) => !/\.iso(\.unpacked\.json)?$/.test(name)),
    [],
    "nothing half-way is left",
  );
});

lab(test, "xz")("a packed download is verified as it comes, resumed, kept unpacked, and used again while it is what it was", async () => {
  const folder = tmp("packed");
  writeFileSync(join(folder, "disk.img"), content);
  execFileSync("xz", ["-k", "disk.img"], { cwd: folder });
  const archive = readFileSync(join(folder, "disk.img.xz"));
  const server = await testServer(serveFile(archive, { etag: '"1"', dropAfter: [800_000] }));
  try {
    await within(30_000, async () => {
      const location = `${server.url}/disk.img.xz`;
      const right = { checksum: parseChecksum(sha256(archive)) };
      const labels: string[] = [];
      const progress = (label: string) => {
        labels.push(label);
        return { advance() {}, finish() {} };
      };
      const { path } = await get(location, folder, { ...right, progress });
      assert.ok(readFileSync(path).equals(content));
      assert.equal(labels, ["disk.img.xz", "unpacking disk.img.xz"]);
      assert.is(server.requests.length, 2, "broken once, and resumed");
      assert.match(server.requests[1] ?? "", /bytes=\d+-/);
      assert.equal(readdirSync(join(folder, "cache")).sort(), [basename(path), `${basename(path)}.unpacked.json`]);
      assert.is((await get(location, folder, right)).from, "reused");
      assert.is(server.requests.length, 2);
      truncateSync(path, 1000);
      assert.is((await get(location, folder, right)).from, "downloaded");
      assert.ok(readFileSync(path).equals(content));
      const error = await rejects(get(location, folder, { checksum: parseChecksum(sha256(content)) }), { code: "TPK7002" });
      assert.match((TspackError.is(error) && error.hint) || "", /that of the packed file, before it is unpacked/);
      assert.is(
        (await get(location, folder, { ...right, archive: undefined })).from,
        "downloaded",
        "as it is, when it is not to be unpacked",
      );
      assert.ok(readFileSync(path).equals(archive));
    });
  } finally {
    await server.close();
  }
});

test("the ending of the name tells how a file is packed, unless the parameter does", () => {
  for (const [name, wanted, expected] of [
    ["a.iso", undefined, undefined],
    ["a.img.xz", undefined, "xz"],
    ["a.tar.xz", undefined, "tar.xz"],
    ["a.tgz", "", "tgz"],
    ["a.XZ", undefined, undefined],
    ["xz", undefined, undefined],
    ["a.img.xz", "false", undefined],
    ["a.img.xz", "0", undefined],
    ["a", "zip", "zip"],
  ] as const) {
    assert.is(archiveFormatOf(name, wanted), expected, name);
  }
  assert.throws(() => archiveFormatOf("a", "rar"), /"rar" is no kind of archive/);
  assert.throws(() => archiveFormatOf("a", "constructor"), /no kind of archive/);
});

test.run();
