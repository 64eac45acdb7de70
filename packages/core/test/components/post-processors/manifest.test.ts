import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Config } from "@tspack/core/sdk";
import {
  findLabProgram,
  lab,
  packerVariables,
  postProcessorConformance,
  prepareWell,
  RecordingUi,
  rejects,
  runInfo,
  tmp,
  within,
} from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { formatManifest, parseManifest } from "../../../src/components/post-processors/manifest/records.ts";
import manifest from "../../../src/components/post-processors/manifest.ts";
import { input, postProcess } from "./run.ts";

function folderWithFiles(): string {
  const folder = tmp();
  mkdirSync(join(folder, "out"));
  writeFileSync(join(folder, "out/one"), "one");
  writeFileSync(join(folder, "out/three"), "three");
  return folder;
}

/** A manifest with what differs from run to run made equal. */
function timeless(path: string): string {
  return readFileSync(path, "utf8")
    .replace(/"build_time": \d+/g, '"build_time": 0')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "UUID");
}

const options: readonly Config[] = [
  {},
  { output: "m.json", strip_path: true, strip_time: true },
  { output: "m.json", custom_data: { b: "{{build `ID`}}", a: '<&> "é" \u2028 back\\bslash \b\f\t\n', "10": "x" } },
];

lab(test, "packer")("PP-13..17: the file is Packer's own, byte for byte, after one run and another", async () => {
  for (const builder of [
    { type: "file", name: "test", target: "out/one", content: "one" },
    { type: "null", name: "test", communicator: "none" },
  ]) {
    for (const config of options) {
      const theirs = tmp();
      const processors = [{ type: "manifest", ...config }];
      writeFileSync(join(theirs, "t.json"), JSON.stringify({ builders: [builder], "post-processors": processors }));
      const env = { ...process.env, CHECKPOINT_DISABLE: "1", PACKER_CONFIG_DIR: tmp() };
      for (const _ of [1, 2]) execFileSync(findLabProgram("packer") ?? "packer", ["build", "t.json"], { cwd: theirs, env });
      const output = String(config.output ?? "packer-manifest.json");
      const written = readFileSync(join(theirs, output), "utf8");
      assert.is(formatManifest(parseManifest(written)), written, "read and written back");

      const ours = folderWithFiles();
      for (const _ of [1, 2]) await runLike(builder.type, config, ours);
      assert.is(timeless(join(ours, output)), timeless(join(theirs, output)));
    }
  }
});

/** Runs ours with what Packer 1.6.6 hands to its own after these builders. */
async function runLike(builder: string, config: Config, folder: string): Promise<void> {
  const component = await manifest.create();
  const packer = packerVariables({ packer_builder_type: builder });
  await prepareWell(component, config, { packer, run: runInfo({ workingDirectory: folder }) });
  const artifact = builder === "null" ? { ...input(folder, []), id: "Null" } : input(folder, ["out/one"]);
  const data = { ID: builder === "null" ? "Null" : "<no value>" };
  await component.postProcess({ ui: new RecordingUi(), artifact, data, signal: new AbortController().signal });
}

test("PP-17: the record, with the run's own time where the clock is fixed", async () => {
  const folder = folderWithFiles();
  const run = { environment: { SOURCE_DATE_EPOCH: "1" }, startedAtMs: 1_767_323_045_000 };
  await postProcess(
    manifest,
    { custom_data: { k: "{{build `ID`}}" } },
    { folder, files: ["out/one", "out/gone"], data: { ID: "i-1" }, run },
  );
  assert.equal(JSON.parse(readFileSync(join(folder, "packer-manifest.json"), "utf8")), {
    builds: [
      {
        name: "test",
        builder_type: "null",
        build_time: 1_767_323_045,
        files: [
          { name: "out/one", size: 3 },
          { name: "out/gone", size: 0 },
        ],
        artifact_id: "File",
        packer_run_uuid: "00000000-0000-4000-8000-000000000000",
        custom_data: { k: "i-1" },
      },
    ],
    last_run_uuid: "00000000-0000-4000-8000-000000000000",
  });
});

test("PP-14, PP-15: base names only, and no time", async () => {
  const folder = folderWithFiles();
  await postProcess(manifest, { strip_path: true, strip_time: true }, { folder, files: [join(folder, "out/three")] });
  const [record] = parseManifest(readFileSync(join(folder, "packer-manifest.json"), "utf8")).builds;
  assert.ok(record && "files" in record);
  assert.equal(record.files, [{ name: "three", size: 5 }]);
  assert.not.ok("build_time" in record);
});

test("PP-18: records are kept, with what others wrote into them; force and a new run start afresh, the same run does not", async () => {
  const folder = folderWithFiles();
  const path = join(folder, "packer-manifest.json");
  writeFileSync(path, `{"builds": [{"name": "old", "ours": 1}], "last_run_uuid": "before"}`);
  const names = (): unknown[] =>
    parseManifest(readFileSync(path, "utf8")).builds.map((record) => ("name" in record ? record.name : undefined));
  await postProcess(manifest, {}, { folder });
  assert.equal(names(), ["old", "test"]);
  assert.match(readFileSync(path, "utf8"), /"ours": 1/);
  const force = packerVariables({ packer_force: true, packer_build_name: "forced" });
  await postProcess(manifest, {}, { folder, packer: force });
  assert.equal(names(), ["old", "test", "forced"], "the same run");
  await postProcess(manifest, {}, { folder, packer: force, run: { runUuid: "new" } });
  await postProcess(manifest, {}, { folder, packer: force, run: { runUuid: "new" } });
  assert.equal(names(), ["forced", "forced"]);
});

test("PP-18: builds that end together lose no record, in one process and in several", () =>
  within(40_000, async () => {
    const folder = folderWithFiles();
    const builds = Array.from({ length: 25 }, (_, index) => `b${index}`);
    await Promise.all(builds.map((name) => postProcess(manifest, {}, { folder, packer: packerVariables({ packer_build_name: name }) })));
    const program = join(tmp(), "builds.mts");
    const module = (path: string): string => JSON.stringify(fileURLToPath(new URL(path, import.meta.url)));
    writeFileSync(
      program,
      `import manifest from ${module("../../../src/components/post-processors/manifest.ts")};
       import { postProcess } from ${module("./run.ts")};
       for (let i = 0; i < 5; i++) await postProcess(manifest, {}, { folder: ${JSON.stringify(folder)} });`,
    );
    const children = [1, 2].map(() => spawn(process.execPath, ["--conditions=source", "--import", "tsx", program], { stdio: "inherit" }));
    assert.equal(await Promise.all(children.map(async (child) => (await once(child, "exit"))[0])), [0, 0]);
    const { builds: records } = parseManifest(readFileSync(join(folder, "packer-manifest.json"), "utf8"));
    assert.is(records.length, 35);
    assert.equal(readdirSync(folder).sort(), ["out", "packer-manifest.json"]);
  }));

test("PP-19: the input is passed on and always kept", async () => {
  const folder = folderWithFiles();
  const component = await manifest.create();
  await prepareWell(component, {}, { run: runInfo({ workingDirectory: folder }) });
  const artifact = input(folder, ["out/one"]);
  const result = await component.postProcess({ ui: new RecordingUi(), artifact, data: {}, signal: new AbortController().signal });
  assert.ok(result.artifact === artifact && result.keep && result.forceKeep);
});

test("folders are made, an empty file is a manifest without records, a link stays a link", async () => {
  const folder = folderWithFiles();
  await postProcess(manifest, { output: "a/b/m.json" }, { folder });
  assert.ok(existsSync(join(folder, "a/b/m.json")));
  writeFileSync(join(folder, "empty.json"), "");
  symlinkSync("empty.json", join(folder, "link.json"));
  await postProcess(manifest, { output: "link.json" }, { folder });
  assert.is(realpathSync(join(folder, "link.json")), realpathSync(join(folder, "empty.json")));
  assert.is(parseManifest(readFileSync(join(folder, "empty.json"), "utf8")).builds.length, 1);
});

test("a file that is no manifest is left as it is", async () => {
  const folder = folderWithFiles();
  for (const text of ["junk", "[]", '{"builds": 7}']) {
    writeFileSync(join(folder, "m.json"), text);
    await rejects(postProcess(manifest, { output: "m.json" }, { folder }), {
      code: "TPK6003",
      message: /m\.json exists, but is not a manifest/,
    });
    assert.is(readFileSync(join(folder, "m.json"), "utf8"), text);
  }
  rmSync(join(folder, "m.json"));
  await rejects(postProcess(manifest, { output: "out/one/m.json" }, { folder }), { code: "TPK6011", message: /could not write/ });
});

postProcessorConformance(test, async () => {
  const workingDirectory = folderWithFiles();
  return { factory: manifest, config: { output: "m.json" }, artifact: input(workingDirectory, ["out/one"]), workingDirectory };
});

test.run();
