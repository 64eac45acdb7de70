import { chmodSync, existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { lab, packerVariables, prepare, prepareWell, RecordingUi, rejects, runInfo, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import file from "../../../src/components/builders/file.ts";
import { errorText } from "../../../src/diagnostics/error.ts";
import type { Config } from "../../../src/program/program.ts";
import { HOOK_CLEANUP_PROVISION, HOOK_PROVISION, type Hook, type HookContext } from "../../../src/sdk/hook.ts";

const quiet: Hook = { run: async () => {} };

async function build(folder: string, config: Config, hook: Hook = quiet) {
  const builder = await file.create();
  await prepareWell(builder, config, { run: runInfo({ workingDirectory: folder }) });
  const ui = new RecordingUi();
  const artifact = await builder.run({ ui, hook, signal: new AbortController().signal });
  if (artifact === undefined) throw new Error("there is no artifact");
  return { artifact, ui };
}

const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

test("content is written with mode 600, in folders that are made for it", async () => {
  const folder = tmp();
  await build(folder, { target: "a/b/out.txt", content: "hi {{build_name}}\n" });
  assert.is(readFileSync(join(folder, "a/b/out.txt"), "utf8"), "hi test\n");
  assert.is(mode(join(folder, "a/b/out.txt")), "600");
  assert.equal(readdirSync(join(folder, "a/b")), ["out.txt"]);
});

test("a source is copied, with the mode of a fresh file", async () => {
  const folder = tmp();
  writeFileSync(join(folder, "in"), "x".repeat(200_000));
  chmodSync(join(folder, "in"), 0o711);
  writeFileSync(join(folder, "fresh"), "");
  const { ui } = await build(folder, { target: "out", source: "in" });
  assert.is(readFileSync(join(folder, "out"), "utf8").length, 200_000);
  assert.is(mode(join(folder, "out")), mode(join(folder, "fresh")));
  assert.equal(ui.lines, ["say: Copying in to out"]);
});

test("a file that is there is replaced and keeps its mode, as in Packer", async () => {
  const folder = tmp();
  writeFileSync(join(folder, "out"), "old and longer");
  chmodSync(join(folder, "out"), 0o666);
  await build(folder, { target: "out", content: "new" });
  assert.is(readFileSync(join(folder, "out"), "utf8"), "new");
  assert.is(mode(join(folder, "out")), "666");
});

test("a target that is a link is written through", async () => {
  const folder = tmp();
  writeFileSync(join(folder, "real"), "old");
  symlinkSync("real", join(folder, "link"));
  await build(folder, { target: "link", content: "new" });
  assert.is(readFileSync(join(folder, "real"), "utf8"), "new");
});

test("the artifact has one file, and destroying it removes that", async () => {
  const folder = tmp();
  const { artifact } = await build(folder, { target: "out", content: "x" });
  assert.is(artifact.builderId, "packer.file");
  assert.is(artifact.id, "File");
  assert.equal(artifact.files, ["out"]);
  assert.is(artifact.description, "Stored file: out");
  assert.equal(await artifact.state("generated_data"), {});
  await artifact.destroy();
  assert.not.ok(existsSync(join(folder, "out")));
});

test("provisioners run once the file is there, with a communicator that accepts everything", async () => {
  const folder = tmp();
  const signal = new AbortController().signal;
  let context: HookContext | undefined;
  const hook: Hook = {
    run: async (name, given) => {
      assert.is(name, HOOK_PROVISION);
      assert.ok(existsSync(join(folder, "out")));
      context = given;
    },
  };
  await build(folder, { target: "out", content: "x" }, hook);
  assert.equal(context?.data, {});
  const communicator = context?.communicator;
  assert.equal(await communicator?.execute({ command: "exit 9", signal }), { exitCode: 0 });
  await communicator?.upload({ path: "/x", content: Readable.from(["a", "b"]), signal });
  await communicator?.uploadDirectory({ source: "/no/such", destination: "/x", signal });
});

test("a failing provisioner fails the build and runs the error-cleanup provisioner; the file stays", async () => {
  const folder = tmp();
  const fired: string[] = [];
  const hook: Hook = {
    run: async (name) => {
      fired.push(name);
      throw new Error(`${name} broke`);
    },
  };
  const error = await rejects(build(folder, { target: "out", content: "x" }, hook));
  assert.match(errorText(error), /packer_provision broke; .*packer_cleanup_provision broke/);
  assert.equal(fired, [HOOK_PROVISION, HOOK_CLEANUP_PROVISION]);
  assert.equal(readdirSync(folder), ["out"]);
});

test("-on-error=abort holds for it too: no error-cleanup provisioner, and the file stays", async () => {
  const folder = tmp();
  const fired: string[] = [];
  const hook: Hook = {
    run: async (name) => {
      fired.push(name);
      throw new Error("boom");
    },
  };
  const builder = await file.create();
  const request = { packer: packerVariables({ packer_on_error: "abort" }), run: runInfo({ workingDirectory: folder }) } as const;
  await prepareWell(builder, { target: "out", content: "x" }, request);
  await rejects(builder.run({ ui: new RecordingUi(), hook, signal: new AbortController().signal }), { message: /^boom$/ });
  assert.equal([fired, readdirSync(folder)], [[HOOK_PROVISION], ["out"]]);
});

test("source and content exclude each other, neither is a warning, no target an error", async () => {
  const problems = async (config: Config) => (await prepare(await file.create(), config)).map(({ code, path }) => `${code} ${path}`);
  assert.equal(await problems({ target: "x", source: "a", content: "b" }), ["TPK3106 content"]);
  assert.equal(await problems({ target: "x" }), ["TPK3110 target"]);
  assert.equal(await problems({ content: "x" }), ["TPK3104 target"]);
});

test("neither source nor content makes an empty file", async () => {
  const folder = tmp();
  await build(folder, { target: "out" });
  assert.is(statSync(join(folder, "out")).size, 0);
});

test("a source that does not exist is named, and nothing is written", async () => {
  const folder = tmp();
  await rejects(build(folder, { target: "sub/out", source: "nope" }), { code: "TPK3107", message: /could not read nope/ });
  assert.equal(readdirSync(folder), []);
});

lab(test, "linux")("a full disk leaves nothing half written", async () => {
  const folder = tmp();
  writeFileSync(join(folder, "plain"), "");
  await rejects(build(folder, { target: "plain/out", content: "x" }), { code: "TPK6011", message: /could not write plain\/out/ });
  const error = await rejects(build(folder, { target: "/dev/full", content: "x".repeat(100_000) }), { code: "TPK6011" });
  assert.match(errorText(error), /ENOSPC/);
});

test.run();
