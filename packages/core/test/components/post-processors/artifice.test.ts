import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { artifactConformance, postProcessorConformance, prepare, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import artifice from "../../../src/components/post-processors/artifice.ts";
import { input, made, postProcess } from "./run.ts";

function folderWithFiles(): string {
  const folder = tmp();
  mkdirSync(join(folder, "out"));
  for (const name of ["b.img", "a.img", "log"]) writeFileSync(join(folder, "out", name), name);
  writeFileSync(join(folder, "built"), "built");
  return folder;
}

test("PP-01: patterns replace the list of files; those without a match are silently empty", async () => {
  const folder = folderWithFiles();
  const artifact = await made(artifice, { files: ["none*", "out/*.img", "out/a.img"] }, { folder, files: ["built"] });
  assert.equal(artifact.files, ["out/a.img", "out/b.img", "out/a.img"]);
  assert.is(artifact.builderId, "packer.post-processor.artifice");
  assert.is(artifact.id, "");
  assert.is(artifact.description, "Created artifact from files: out/a.img, out/b.img, out/a.img");
  assert.equal((await made(artifice, { files: "gone,nowhere/*" }, { folder, files: ["built"] })).files, []);
});

test("PP-02: the input is kept unless the user says otherwise", async () => {
  const { keep, forceKeep } = await postProcess(artifice, { files: ["out/*"] }, { folder: folderWithFiles(), files: ["built"] });
  assert.equal({ keep, forceKeep }, { keep: true, forceKeep: false });
});

test("no files, and patterns that cannot be read, are refused before the build", async () => {
  const codes = async (files: readonly string[]) =>
    (await prepare(await artifice.create(), { files })).map(({ code, path }) => [code, path]);
  assert.equal(await codes([]), [["TPK3105", ["files"]]]);
  assert.equal(await codes(["ok", "["]), [["TPK3105", ["files", 1]]]);
  assert.equal(
    (await prepare(await artifice.create(), {})).map(({ code }) => code),
    ["TPK3104"],
  );
});

const make = async () => {
  const workingDirectory = folderWithFiles();
  return { factory: artifice, config: { files: ["out/*.img"] }, artifact: input(workingDirectory, ["built"]), workingDirectory };
};
postProcessorConformance(test, make);
artifactConformance(test, async () => {
  const { workingDirectory, config } = await make();
  return { artifact: await made(artifice, config, { folder: workingDirectory, files: ["built"] }), workingDirectory };
});

test.run();
