import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { localCommunicator, prepare, prepareWell, RecordingUi, rejects, runInfo, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import file from "../../../src/components/provisioners/file.ts";
import type { Config } from "../../../src/program/program.ts";
import type { Communicator } from "../../../src/sdk/communicator.ts";
import type { GeneratedData } from "../../../src/sdk/hook.ts";

/** A folder here, a folder on the "machine", and a provisioner between them. */
function bench() {
  const here = tmp("here");
  const machine = tmp("machine");
  const ui = new RecordingUi();
  const controller = new AbortController();
  const provision = async (config: Config, data: GeneratedData = {}, changes: Partial<Communicator> = {}) => {
    const component = await file.create();
    await prepareWell(component, config, { run: runInfo({ workingDirectory: here }) });
    const communicator = { ...localCommunicator(machine), ...changes };
    await component.provision({ ui, communicator, data, signal: controller.signal });
  };
  return { here, machine, ui, controller, provision };
}

const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
const read = (...path: string[]) => readFileSync(join(...path), "utf8");

test("a file is uploaded with its mode, and its progress is told", async () => {
  const { here, machine, ui, provision } = bench();
  writeFileSync(join(here, "a.sh"), "x".repeat(1_000_000));
  chmodSync(join(here, "a.sh"), 0o751);
  let [label, total, done, finished]: [string, number | undefined, number, number] = ["", 0, 0, 0];
  ui.progress = (name, bytes) => {
    [label, total] = [name, bytes];
    return {
      advance: (count) => {
        done += count;
      },
      finish: () => {
        finished++;
      },
    };
  };
  await provision({ source: "a.sh", destination: "b.sh" });
  assert.is(read(machine, "b.sh").length, 1_000_000);
  assert.is(mode(join(machine, "b.sh")), "751");
  assert.equal([label, total, done, finished], ["b.sh", 1_000_000, 1_000_000, 1]);
  assert.equal(ui.lines, ["say: Uploading a.sh => b.sh"]);
});

test("a destination with a slash at the end is a folder; source comes after sources", async () => {
  const { here, machine, ui, provision } = bench();
  for (const name of ["a", "b", "c"]) writeFileSync(join(here, name), name);
  mkdirSync(join(machine, "into"));
  await provision({ sources: ["a", "b"], source: "c", destination: "into/" });
  assert.equal(readdirSync(join(machine, "into")), ["a", "b", "c"]);
  assert.equal(ui.lines, ["say: Uploading a => into/", "say: Uploading b => into/", "say: Uploading c => into/"]);
});

test("a folder is uploaded with its name, or with a slash at the end its contents alone", async () => {
  const { here, machine, provision } = bench();
  mkdirSync(join(here, "tree", "deep"), { recursive: true });
  writeFileSync(join(here, "tree", "deep", "x"), "x");
  await provision({ source: "tree", destination: "named" });
  await provision({ source: "tree/", destination: "contents" });
  assert.is(read(machine, "named/tree/deep/x"), "x");
  assert.is(read(machine, "contents/deep/x"), "x");
});

test("content is uploaded as a file, and the destination sees the values of the build", async () => {
  const { machine, provision } = bench();
  await provision({ content: "id {{build `ID`}}\n", destination: "{{.ID}}.txt" }, { ID: "i-1" });
  assert.is(read(machine, "i-1.txt"), "id i-1\n");
});

test("a generated source is looked for when it is needed", async () => {
  const { here, machine, provision } = bench();
  const config = { source: "made", destination: "made", generated: true };
  await rejects(provision(config), { code: "TPK3107", message: /could not read made/ });
  writeFileSync(join(here, "made"), "m");
  await provision(config);
  assert.is(read(machine, "made"), "m");
});

test("a download makes folders, has mode 644 and takes the name of the source into a folder", async () => {
  const { here, machine, provision, ui } = bench();
  writeFileSync(join(machine, "log"), "log", { mode: 0o600 });
  await provision({ source: "log", destination: "a/b/local.log", direction: "download" });
  await provision({ source: "log", destination: "c/d/", direction: "download" });
  assert.is(read(here, "a/b/local.log"), "log");
  assert.is(read(here, "c/d/log"), "log");
  assert.is(mode(join(here, "c/d/log")), (0o644 & ~process.umask()).toString(8));
  assert.equal(ui.lines, ["say: Downloading log => a/b/local.log", "say: Downloading log => c/d/log"]);
});

test("a downloaded folder ends the list, as in Packer", async () => {
  const { here, machine, provision, ui } = bench();
  mkdirSync(join(machine, "tree"));
  writeFileSync(join(machine, "tree", "x"), "x");
  writeFileSync(join(machine, "y"), "y");
  await provision({ sources: ["y", "tree/", "y"], destination: "out/", direction: "download" });
  assert.is(read(here, "out/x"), "x");
  assert.is(read(here, "out/y"), "y");
  assert.match(ui.text, /Skipping y: a folder is the last thing/);
});

test("a download that fails leaves no file", async () => {
  const { here, provision } = bench();
  await rejects(provision({ source: "nope", destination: "out", direction: "download" }), { code: "TPK5005" });
  assert.equal(readdirSync(here), []);
  const cut: Partial<Communicator> = {
    download: async ({ content }) => {
      await new Promise((written) => content.write("half", written));
      content.destroy();
      throw new Error("the connection broke");
    },
  };
  await rejects(provision({ source: "x", destination: "out", direction: "download" }, {}, cut), { message: /connection broke/ });
  assert.equal(readdirSync(here), []);
});

test("an abort stops an upload and tells that its progress has ended", async () => {
  const { here, ui, controller, provision } = bench();
  writeFileSync(join(here, "big"), Buffer.alloc(4_000_000));
  let finished = false;
  ui.progress = () => ({
    advance: () => controller.abort(),
    finish: () => {
      finished = true;
    },
  });
  await rejects(provision({ source: "big", destination: "big" }), { code: "TPK6009" });
  assert.ok(finished);
});

test("nothing to transfer is accepted and does nothing", async () => {
  const { machine, ui, provision } = bench();
  await provision({ destination: "x" });
  assert.equal(ui.lines, []);
  assert.not.ok(existsSync(join(machine, "x")));
});

test("refusals name the option", async () => {
  const here = tmp();
  writeFileSync(join(here, "a"), "");
  const problems = async (config: Config) =>
    (await prepare(await file.create(), config, { run: runInfo({ workingDirectory: here }) })).map(
      ({ code, path }) => `${code} ${path?.join(".")}`,
    );
  assert.equal(await problems({ source: "a" }), ["TPK3104 destination"]);
  assert.equal(await problems({ source: "a", destination: "" }), ["TPK3104 destination"]);
  assert.equal(await problems({ source: "a", destination: "x", direction: "sideways" }), ["TPK3105 direction"]);
  assert.equal(await problems({ source: "a", content: "b", destination: "x" }), ["TPK3106 content"]);
  assert.equal(await problems({ content: "b", destination: "x", direction: "download" }), ["TPK3106 content"]);
  assert.equal(await problems({ content: "b", destination: "x/" }), ["TPK3105 destination"]);
  assert.equal(await problems({ sources: ["a", "nope", "{{build `ID`}}"], destination: "x" }), ["TPK3107 sources.1"]);
  assert.equal(await problems({ source: "nope", destination: "x" }), ["TPK3107 source"]);
  assert.equal(await problems({ source: "nope", destination: "x", direction: "download" }), []);
  assert.equal(await problems({ source: "nope", destination: "x", generated: true }), []);
});

test("a builder without a communicator is told so", async () => {
  const component = await file.create();
  await prepareWell(component, { destination: "x" });
  const signal = new AbortController().signal;
  await rejects(component.provision({ ui: new RecordingUi(), communicator: undefined, data: {}, signal }), { code: "TPK5006" });
});

test.run();
