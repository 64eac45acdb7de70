import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { linkSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { findLabProgram, lab, rejects, runInfo, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { writeTar } from "../../../../src/archive/tar-writer.ts";
import { buildRootfs } from "./harness.ts";
import { readMembers } from "./read-tar.ts";

const run = promisify(execFile);
const linuxTest = lab(test, "linux");
const rootTest = lab(test, "mounts");

/** Name, type, mode and owner of every member, one line each. */
async function listing(file: string): Promise<string[]> {
  return [...(await readMembers(file))].map(([name, { type, mode, uid, gid }]) => `${name} ${type} ${mode.toString(8)} ${uid}:${gid}`);
}

const tarOutput = [{ format: "tar", path: "out.tar" }];

linuxTest("host_files brings links, loader and libraries along, and chroot can run the program", async () => {
  const { folder } = await buildRootfs({
    base: { host_files: ["/bin/sh"] },
    output: [...tarOutput, { format: "directory", path: "root" }],
  });
  const members = await readMembers(join(folder, "out.tar"));
  assert.ok(
    [...members.keys()].some((name) => /ld-linux|ld-musl/.test(name)),
    "the loader is there",
  );
  assert.ok([...members.values()].every(({ uid, gid }) => uid === 0 && gid === 0));
  if (process.getuid?.() !== 0) return;
  const { stdout } = await run("chroot", [join(folder, "root"), "/bin/sh", "-c", "echo alive"], { env: { PATH: process.env.PATH } });
  assert.is(stdout, "alive\n");
});

linuxTest("host_files brings the interpreter of a script, also one found through env", async () => {
  const folder = tmp("script");
  const script = join(folder, "hello");
  writeFileSync(script, "#!/usr/bin/env -S sh\necho hello\n", { mode: 0o755 });
  await buildRootfs({ base: { host_files: [script] }, output: tarOutput }, { folder });
  const names = [...(await readMembers(join(folder, "out.tar"))).keys()];
  assert.ok(names.includes(script.slice(1)));
  assert.ok(names.some((name) => name.endsWith("/bin/env")) && names.some((name) => name.endsWith("/bin/sh")));
});

test("a folder as base keeps modes, links and hard links, and belongs to root unless told otherwise", async () => {
  const folder = tmp("folder");
  mkdirSync(join(folder, "base/etc"), { recursive: true });
  writeFileSync(join(folder, "base/etc/one"), "one");
  linkSync(join(folder, "base/etc/one"), join(folder, "base/etc/two"));
  symlinkSync("/etc/one", join(folder, "base/link"));
  await buildRootfs({ base: "base", files: { "/link": { content: "through the link" } }, output: tarOutput }, { folder });
  assert.equal(await listing(join(folder, "out.tar")), [
    "etc/ directory 755 0:0",
    "etc/one file 644 0:0",
    "etc/two file 644 0:0",
    "link symlink 777 0:0",
  ]);
  const members = await readMembers(join(folder, "out.tar"));
  assert.is(members.get("etc/one")?.text, "through the link", "an absolute link stays inside the image");
  assert.is(members.get("etc/two")?.text, "one");
});

for (const compression of ["none", "gzip", "xz", "zstd"] as const) {
  const program = compression === "xz" || compression === "zstd" ? compression : undefined;
  (program === undefined ? test : lab(test, program))(
    `an archive as base keeps the owners it records (compression: ${compression})`,
    async () => {
      const folder = tmp("archive");
      const plain = await archive();
      if (program !== undefined) {
        writeFileSync(join(folder, "plain"), plain);
        await run(findLabProgram(program) ?? program, ["-q", join(folder, "plain")]);
      }
      const file = { none: "base.tar", gzip: "base.tar", xz: "plain.xz", zstd: "plain.zst" }[compression];
      if (program === undefined) writeFileSync(join(folder, file), compression === "gzip" ? gzipSync(plain) : plain);
      await buildRootfs({ base: file, output: tarOutput }, { folder });
      assert.equal(await listing(join(folder, "out.tar")), [
        "etc/ directory 755 0:0",
        "etc/shadow file 640 0:42",
        "home/ directory 755 0:0",
        "home/me/ directory 700 1000:1000",
        "home/me/again hardlink 640 0:42",
      ]);
    },
  );
}

test("names in an archive cannot lead out of the image", async () => {
  const folder = tmp("hostile");
  const outside = join(folder, "outside");
  mkdirSync(outside);
  const file = { type: "file", mode: 0o644, content: Buffer.from("x") } as const;
  const entries = [
    { ...file, name: `../../../../../../../../../..${outside}/climbed` },
    { name: "out", type: "symlink", mode: 0o777, linkName: outside } as const,
    { ...file, name: "out/through-link" },
    { name: "up", type: "symlink", mode: 0o777, linkName: "../../../../../.." } as const,
    { ...file, name: `up${outside}/through-dots` },
  ];
  writeFileSync(join(folder, "base.tar"), Buffer.concat(await collect(writeTar(entries))));
  await buildRootfs({ base: "base.tar", output: [{ format: "directory", path: "root" }] }, { folder });
  assert.equal(readdirSync(outside), []);
  assert.equal(readdirSync(join(folder, "root", outside)).sort(), ["climbed", "through-dots", "through-link"]);
});

rootTest("builds chain: an OCI archive is a base, with its layers and whiteouts applied", async () => {
  const folder = tmp("chain");
  const base = { host_files: ["sh", "rm", "mkdir"] };
  const layer = async (name: string, from: unknown, command: string) =>
    buildRootfs(
      {
        base: from,
        output: [
          { format: "oci-archive", path: `${name}.oci` },
          { format: "tar", path: `${name}.tar`, layer_only: true },
        ],
      },
      {
        folder,
        async provision(communicator) {
          assert.equal(await communicator.execute({ command, signal: new AbortController().signal }), { exitCode: 0 });
        },
      },
    );
  await layer("one", base, "mkdir /a && echo 1 > /a/one && echo 2 > /a/two");
  await layer("two", "one.oci", "rm /a/one && rm -rf /tmp && mkdir /tmp && echo 3 > /tmp/three");
  assert.equal(await listing(join(folder, "two.tar")), [
    "a/ directory 755 0:0",
    "a/.wh.one file 600 0:0",
    "tmp/ directory 755 0:0",
    "tmp/three file 644 0:0",
  ]);
  await buildRootfs({ base: "two.oci", output: tarOutput }, { folder });
  const names = [...(await readMembers(join(folder, "out.tar"))).keys()];
  assert.ok(names.includes("a/two") && names.includes("tmp/three") && !names.includes("a/one"));
});

rootTest("the running system as base: outputs hold the changes alone, and the system is not touched", async () => {
  const { folder } = await buildRootfs(
    { base: "host", output: tarOutput },
    {
      async provision(communicator) {
        const command = "echo changed > /etc/motd && rm /etc/hostname && hostname other && echo nameserver ::1 > /etc/resolv.conf";
        assert.equal(await communicator.execute({ command, signal: new AbortController().signal }), { exitCode: 0 });
      },
    },
  );
  assert.equal([...(await readMembers(join(folder, "out.tar"))).keys()], ["etc/", "etc/.wh.hostname", "etc/motd"]);
  assert.is((await readMembers(join(folder, "out.tar"))).get("etc/motd")?.text, "changed\n");
  assert.not.match(readFileSync("/etc/resolv.conf", "utf8"), /nameserver ::1/);
  assert.is.not((await run("hostname")).stdout, "other\n");
});

test("an archive is downloaded and checked, and a wrong checksum stops the build", async () => {
  const folder = tmp("download");
  const body = await archive();
  const server = createServer((_request, response) => response.end(body)).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/base.tar`;
    const run = runInfo({ environment: { ...process.env, PACKER_CACHE_DIR: join(folder, "cache") } });
    const sha256 = createHash("sha256").update(body).digest("hex");
    await buildRootfs({ base: { archive: url, checksum: `sha256:${sha256}` }, output: tarOutput }, { folder, run });
    assert.is((await listing(join(folder, "out.tar"))).length, 5);
    const wrong = buildRootfs(
      { base: { archive: url, checksum: `sha256:${"0".repeat(64)}` }, output: [{ format: "tar", path: "no.tar" }] },
      { folder, run },
    );
    await rejects(wrong, { code: "TPK7002" });
  } finally {
    server.close();
  }
});

async function archive(): Promise<Buffer> {
  return Buffer.concat(
    await collect(
      writeTar([
        { name: "etc/shadow", type: "file", mode: 0o640, gid: 42, content: Buffer.from("root:!\n") },
        { name: "./home/me/", type: "directory", mode: 0o700, uid: 1000, gid: 1000 },
        { name: "home/me/again", type: "hardlink", mode: 0o640, linkName: "etc/shadow" },
      ]),
    ),
  );
}

async function collect(source: AsyncIterable<Buffer>): Promise<Buffer[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return chunks;
}

test.run();
