import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { artifactConformance, lab, postProcessorConformance, prepare, rejects, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { archiveFormat } from "../../../src/components/post-processors/compress/format.ts";
import compress from "../../../src/components/post-processors/compress.ts";
import { input, made, postProcess } from "./run.ts";

const content = randomBytes(100_000);

function folderWithFiles(): string {
  const folder = tmp();
  mkdirSync(join(folder, "in"));
  writeFileSync(join(folder, "in/one"), content);
  writeFileSync(join(folder, "in/two"), "two");
  chmodSync(join(folder, "in/two"), 0o750);
  return folder;
}

test("PP-06, PP-07, PP-09: the extension, or format in its place, says what is made", () => {
  const table: readonly (readonly [output: string, format: string, archive: string | undefined, compression: string | undefined])[] = [
    ["a.tar", "", "tar", undefined],
    ["a.zip", "", "zip", undefined],
    ["a.gz", "", undefined, "gz"],
    ["a.lz4", "", undefined, "lz4"],
    ["a.bgzf", "", undefined, "bgzf"],
    ["a.xz", "", undefined, "xz"],
    ["a.bzip2", "", undefined, "bz2"],
    ["a.zst", "", undefined, "zst"],
    ["a.tar.gz", "", "tar", "gz"],
    ["a.tar.lz4", "", "tar", "lz4"],
    ["a.tar.bzip2", "", "tar", "bz2"],
    ["packer_x_null", "", "tar", "gz"],
    ["gz", "", "tar", "gz"],
    ["a.foo", "", "tar", "gz"],
    ["a.tgz", "", "tar", "gz"],
    ["A.ZIP", "", "tar", "gz"],
    ["v1.2/image", "", "tar", "gz"],
    ["a.tar/b", "", "tar", "gz"],
    ["a.tar/b.gz", "", undefined, "gz"],
    ["a", "zip", "zip", undefined],
    ["a.zip", "tar.lz4", "tar", "lz4"],
    ["a.gz", ".zip", "zip", undefined],
    ["a.gz", "nonsense", "tar", "gz"],
  ];
  for (const [output, format, archive, compression] of table) {
    assert.equal(archiveFormat(output, format), { archive, compression }, `${output} ${format}`);
  }
});

lab(
  test,
  "xz",
  "bzip2",
  "lz4",
  "zstd",
)("PP-09, PP-10: tar in every compression holds base names, modes and the whole content", async () => {
  for (const extension of ["tar", "tar.gz", "tar.bgzf", "tar.lz4", "tar.xz", "tar.bzip2", "tar.zst", "whatever"]) {
    const folder = folderWithFiles();
    const artifact = await made(compress, { output: `out/a.${extension}`, compression_level: 1 }, { folder, files: ["in/one", "in/two"] });
    assert.equal(artifact.files, [`out/a.${extension}`]);
    const program = { "tar.lz4": "lz4", "tar.bzip2": "bzip2", "tar.bgzf": "gzip", whatever: "gzip" }[extension];
    const flags = program === undefined ? [] : [`--use-compress-program=${program}`];
    const unpacked = tmp();
    execFileSync("tar", ["-xpf", join(folder, `out/a.${extension}`), "-C", unpacked, "--no-same-owner", ...flags]);
    assert.equal(readdirSync(unpacked).sort(), ["one", "two"]);
    assert.ok(readFileSync(join(unpacked, "one")).equals(content));
    assert.is(statSync(join(unpacked, "two")).mode & 0o777, 0o750);
  }
});

lab(
  test,
  "xz",
  "bzip2",
  "lz4",
)("PP-09: one file alone is compressed without an archive", async () => {
  const programs = { gz: "gzip", bgzf: "gzip", lz4: "lz4", xz: "xz", bzip2: "bzip2" };
  for (const [extension, program] of Object.entries(programs)) {
    const folder = folderWithFiles();
    await made(compress, { output: `one.${extension}` }, { folder, files: ["in/one"] });
    const back = execFileSync(program, ["-dc"], { input: readFileSync(join(folder, `one.${extension}`)), maxBuffer: 1e7 });
    assert.ok(back.equals(content), extension);
  }
});

test("PP-09: compression alone takes exactly one file", async () => {
  for (const files of [[], ["in/one", "in/two"]]) {
    const folder = folderWithFiles();
    await rejects(postProcess(compress, { output: "new/a.gz" }, { folder, files }), {
      code: "TPK6003",
      message: new RegExp(`exactly one file can be compressed, and the artifact has ${files.length}`),
    });
    assert.not.ok(existsSync(join(folder, "new")));
  }
});

lab(test, "unzip")("PP-10: zip holds the given paths, without what would leave the folder", async () => {
  const folder = folderWithFiles();
  const files = ["in/one", join(folder, "in/two"), "in/../in/two"];
  await made(compress, { output: "a.zip" }, { folder, files });
  const names = execFileSync("unzip", ["-Z1", join(folder, "a.zip")], { encoding: "utf8" });
  assert.equal(names.trimEnd().split("\n"), ["in/one", join(folder, "in/two").slice(1), "in/in/two"]);
  const unpacked = tmp();
  execFileSync("unzip", ["-q", join(folder, "a.zip"), "-d", unpacked]);
  assert.ok(readFileSync(join(unpacked, "in/one")).equals(content));
  assert.is(statSync(join(unpacked, folder, "in/two")).mode & 0o777, 0o750);
});

test("PP-08: level 0 means the default, more than 9 means 9, below -1 is refused", async () => {
  const folder = folderWithFiles();
  writeFileSync(join(folder, "text"), JSON.stringify(Array.from({ length: 20_000 }, (_, index) => `line ${index * 7919}`)));
  const sizeAt = async (level: number | undefined, extension: string): Promise<number> => {
    const config = level === undefined ? {} : { compression_level: level };
    await made(compress, { ...config, output: `o.${extension}` }, { folder, files: ["text"] });
    return statSync(join(folder, `o.${extension}`)).size;
  };
  for (const extension of ["gz", "zip"]) {
    const usual = await sizeAt(undefined, extension);
    assert.is(await sizeAt(0, extension), usual);
    assert.is(await sizeAt(-1, extension), usual);
    assert.is(await sizeAt(99, extension), await sizeAt(9, extension));
    assert.ok((await sizeAt(1, extension)) > usual);
  }
  assert.equal(
    (await prepare(await compress.create(), { compression_level: -2 })).map(({ code }) => code),
    ["TPK3105"],
  );
});

test("PP-06: output knows the build; the default name has no extension and is tar with gzip", async () => {
  const folder = folderWithFiles();
  assert.equal((await made(compress, {}, { folder, files: ["in/one"] })).files, ["packer_test_null"]);
  assert.match(execFileSync("tar", ["-tzf", join(folder, "packer_test_null")], { encoding: "utf8" }), /^one\n$/);
  const artifact = await made(compress, { output: "{{.BuildName}}/{{build `ID`}}.gz" }, { folder, files: ["in/one"], data: { ID: "i-9" } });
  assert.equal(artifact.files, ["test/i-9.gz"]);
  assert.equal(
    (await prepare(await compress.create(), { output: "{{.Nope" })).map(({ code }) => code),
    ["TPK3108"],
  );
});

test("PP-12: the artifact is the archive, and the input goes unless the user says otherwise", async () => {
  const { artifact, keep, forceKeep } = await postProcess(compress, { output: "o/a.gz" }, { folder: folderWithFiles(), files: ["in/one"] });
  assert.equal({ keep, forceKeep }, { keep: false, forceKeep: false });
  assert.is(artifact?.builderId, "packer.post-processor.compress");
  assert.is(artifact?.id, "");
  assert.is(artifact?.description, "compressed artifacts in: o/a.gz");
});

test("the same files give the same bytes", async () => {
  for (const extension of ["tar.gz", "zip", "tar.lz4"]) {
    const folder = folderWithFiles();
    const bytes: Buffer[] = [];
    for (const time of [1_000_000_000, 1_700_000_000]) {
      execFileSync("touch", ["-d", `@${time}`, join(folder, "in/two")]);
      await made(compress, { output: `a.${extension}` }, { folder, files: ["in/two"] });
      bytes.push(readFileSync(join(folder, `a.${extension}`)));
    }
    assert.ok(bytes[0]?.equals(bytes[1] ?? Buffer.alloc(0)), extension);
  }
});

test("files that are missing, are folders, or would be overwritten by their own archive are refused, and nothing changes", async () => {
  const folder = folderWithFiles();
  writeFileSync(join(folder, "a.gz"), "an older one");
  const refused = (files: readonly string[], code: string, message: RegExp) =>
    rejects(postProcess(compress, { output: "a.gz" }, { folder, files }), { code, message });
  await refused(["gone"], "TPK3107", /could not read gone/);
  await refused(["in"], "TPK3107", /in is not a plain file/);
  await refused(["./a.gz"], "TPK6003", /both the file to compress and the file to write/);
  assert.is(readFileSync(join(folder, "a.gz"), "utf8"), "an older one");
  await rejects(postProcess(compress, { output: "in/one/a.gz" }, { folder, files: ["in/two"] }), { code: "TPK6011" });
});

test("files with one base name are announced", async () => {
  const folder = folderWithFiles();
  writeFileSync(join(folder, "two"), "another two");
  const { ui } = await postProcess(compress, { output: "a.tar" }, { folder, files: ["in/two", "two"] });
  assert.match(ui.text, /error: Several files are called two/);
});

test("cancelled half-way it leaves neither the file nor the folders made for it", () =>
  within(60_000, async () => {
    for (const extension of ["tar.gz", "zip", "lz4"]) {
      const folder = tmp();
      writeFileSync(join(folder, "big"), randomBytes(30_000_000));
      const controller = new AbortController();
      const running = postProcess(compress, { output: `new/er/a.${extension}` }, { folder, files: ["big"], signal: controller.signal });
      const started = (): boolean => existsSync(join(folder, "new/er")) && readdirSync(join(folder, "new/er")).length > 0;
      while (!started()) await new Promise((resolve) => setImmediate(resolve));
      controller.abort();
      await rejects(running, { code: "TPK6009" });
      assert.equal(readdirSync(folder), ["big"], extension);
    }
  }));

const make = async () => {
  const workingDirectory = folderWithFiles();
  return { factory: compress, config: { output: "out/a.tar.gz" }, artifact: input(workingDirectory, ["in/one"]), workingDirectory };
};
postProcessorConformance(test, make);
artifactConformance(test, async () => {
  const { workingDirectory, config } = await make();
  return { artifact: await made(compress, config, { folder: workingDirectory, files: ["in/one"] }), workingDirectory };
});

test.run();
