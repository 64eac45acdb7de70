import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { artifactConformance, lab, postProcessorConformance, prepare, rejects, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import checksum from "../../../src/components/post-processors/checksum.ts";
import { input, made, postProcess } from "./run.ts";

const all = ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"];

function folderWithFiles(): string {
  const folder = tmp();
  mkdirSync(join(folder, "out"));
  writeFileSync(join(folder, "out/one"), "one");
  writeFileSync(join(folder, "out/two"), "two");
  return folder;
}

function line(folder: string, type: string, path: string, name: string): string {
  return `${execFileSync(`${type}sum`, [join(folder, path)], { encoding: "utf8" }).split(" ")[0]}\t${name}\n`;
}

test("PP-03, PP-04: one file per type with digest, tab and base name of each file; md5 unless told otherwise", async () => {
  const folder = folderWithFiles();
  const files = ["out/one", "out/two"];
  await made(checksum, {}, { folder, files });
  assert.is(
    readFileSync(join(folder, "packer_test_null_md5.checksum"), "utf8"),
    files.map((file) => line(folder, "md5", file, file.slice(4))).join(""),
  );
  await made(checksum, { checksum_types: all, output: "sums/{{.ChecksumType}}" }, { folder, files });
  for (const type of all) {
    assert.is(readFileSync(join(folder, "sums", type), "utf8"), files.map((file) => line(folder, type, file, file.slice(4))).join(""));
  }
});

test("PP-04: output knows the build, its generated data and the type; several types may share a file; parents are made", async () => {
  const folder = folderWithFiles();
  const output = "deep/er/{{.BuildName}}-{{.BuilderType}}-{{build `ID`}}.sums";
  const artifact = await made(checksum, { checksum_types: ["md5", "sha1"], output }, { folder, files: ["out/one"], data: { ID: "i-7" } });
  assert.equal(artifact.files, ["out/one", "deep/er/test-null-i-7.sums"]);
  assert.is(
    readFileSync(join(folder, "deep/er/test-null-i-7.sums"), "utf8"),
    line(folder, "md5", "out/one", "one") + line(folder, "sha1", "out/one", "one"),
  );
});

test("MISS-25: a second run adds its lines", async () => {
  const folder = folderWithFiles();
  for (const _ of [1, 2]) await made(checksum, { output: "sums" }, { folder, files: ["out/one"] });
  assert.is(readFileSync(join(folder, "sums"), "utf8"), line(folder, "md5", "out/one", "one").repeat(2));
});

test("PP-05: the artifact is the input's files and the new ones, and the input is always kept", async () => {
  const folder = folderWithFiles();
  const { artifact, keep, forceKeep } = await postProcess(
    checksum,
    { checksum_types: ["md5", "sha256"] },
    { folder, files: ["out/one", "out/two"] },
  );
  assert.equal({ keep, forceKeep }, { keep: true, forceKeep: true });
  assert.equal(artifact?.files, ["out/one", "out/two", "packer_test_null_md5.checksum", "packer_test_null_sha256.checksum"]);
  assert.is(artifact?.builderId, "packer.post-processor.checksum");
  assert.is(artifact?.id, "");
  assert.match(artifact?.description ?? "", /^Created artifact from files: out\/one, out\/two, packer_test_null_md5/);
});

test("an artifact without files makes none", async () => {
  const artifact = await made(checksum, {}, { folder: tmp() });
  assert.equal(artifact.files, []);
});

test("a file that cannot be read is named, and nothing is written for the others", async () => {
  const folder = folderWithFiles();
  await rejects(postProcess(checksum, { output: "sums" }, { folder, files: ["out/one", "out/gone"] }), {
    code: "TPK6003",
    message: /out\/gone/,
  });
  assert.not.ok(existsSync(join(folder, "sums")));
  await rejects(postProcess(checksum, { output: "out" }, { folder, files: ["out/one"] }), {
    code: "TPK6011",
    message: /could not write out/,
  });
});

lab(test, "mounts")("a full disk leaves the file as it was, or none", async () => {
  const folder = folderWithFiles();
  mkdirSync(join(folder, "small"));
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", join(folder, "small")]);
  try {
    // The first bytes of the lines still fit.
    const sums = "x".repeat(4096 * 15 - 10);
    writeFileSync(join(folder, "small/sums"), sums);
    writeFileSync(join(folder, "small/fill"), "x".repeat(4096));
    const fail = (output: string) =>
      rejects(postProcess(checksum, { output }, { folder, files: ["out/one"] }), { code: "TPK6011", message: /could not write/ });
    await fail("small/sums");
    assert.is(readFileSync(join(folder, "small/sums"), "utf8"), sums);
    await fail("small/new");
    assert.equal(readdirSync(join(folder, "small")).sort(), ["fill", "sums"]);
  } finally {
    execFileSync("umount", [join(folder, "small")]);
  }
});

test("kinds that do not exist and templates that cannot be read are refused before the build, all at once", async () => {
  const diagnostics = await prepare(await checksum.create(), { checksum_types: ["md5", "crc32", "SHA1"], output: "{{.Build" });
  assert.equal(
    diagnostics.map(({ code, path }) => [code, path]),
    [
      ["TPK3108", ["output"]],
      ["TPK3105", ["checksum_types", 1]],
      ["TPK3105", ["checksum_types", 2]],
    ],
  );
});

const make = async () => {
  const workingDirectory = folderWithFiles();
  return {
    factory: checksum,
    config: { output: "sums/{{.ChecksumType}}" },
    artifact: input(workingDirectory, ["out/one"]),
    workingDirectory,
  };
};
postProcessorConformance(test, make);
artifactConformance(test, async () => {
  const { workingDirectory, config } = await make();
  return { artifact: await made(checksum, config, { folder: workingDirectory, files: ["out/one"] }), workingDirectory };
});

test.run();
