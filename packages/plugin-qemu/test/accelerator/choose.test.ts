import { existsSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isCancellation } from "@tspack/core/sdk";
import { findLabProgram, lab, RecordingUi, rejects, runInfo, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { chooseAccelerator } from "../../src/accelerator/choose.ts";
import { tryAccelerator } from "../../src/accelerator/trial.ts";

const qemuTest = lab(test, "qemu-system-x86_64", "linux");
const qemu = findLabProgram("qemu-system-x86_64") ?? "";
const { signal } = new AbortController();

qemuTest("a trial boots a guest: emulation works, what is not there says why, and what takes too long is ended", async () => {
  const sectorPath = join(tmp(), "sector,1.img");
  const options = { qemu, setpriv: findLabProgram("setpriv"), env: process.env, sectorPath, signal };
  assert.is(await tryAccelerator("tcg", { ...options, limitMs: 60_000 }), undefined);
  assert.match((await tryAccelerator("xen", { ...options, limitMs: 60_000 })) ?? "", /\w/);
  assert.is(await tryAccelerator("tcg", { ...options, limitMs: 1 }), "a guest of a few instructions did not end within 0.001 s");
});

lab(test, "linux")("a trial that is cancelled before it begins starts nothing", async () => {
  const folder = tmp();
  const qemu = join(folder, "qemu");
  writeFileSync(qemu, `#!/bin/sh\necho > ${folder}/started\n`, { mode: 0o755 });
  const trial = tryAccelerator("tcg", {
    qemu,
    setpriv: undefined,
    env: {},
    sectorPath: join(folder, "sector.img"),
    signal: AbortSignal.abort(),
    limitMs: 60_000,
  });
  assert.ok(isCancellation(await rejects(trial)));
  assert.not.ok(existsSync(join(folder, "started")));
});

function hasTried({ logged }: RecordingUi): boolean {
  return logged.some((line) => line.includes("trial of"));
}

qemuTest("the choice is one that works here, with a reason where it is slow, and is remembered", async () => {
  const cache = tmp();
  const run = runInfo({ environment: { ...process.env, PACKER_CACHE_DIR: cache } });
  const choose = async () => {
    const ui = new RecordingUi();
    return { chosen: await chooseAccelerator({ qemu, setpriv: undefined, run, ui, signal }), ui };
  };
  const first = await choose();
  if (first.chosen === "tcg") assert.match(first.ui.text, /The machine is emulated, which is slow: /);
  else assert.is(first.chosen, process.arch === "x64" ? "kvm" : "tcg");
  const second = await choose();
  assert.is(second.chosen, first.chosen);
  assert.equal(second.ui.said, first.ui.said);
  assert.not.ok(hasTried(second.ui));
  // What did not work is tried again when an hour has passed, and nothing else.
  for (const name of existsSync(join(cache, "qemu")) ? readdirSync(join(cache, "qemu")) : []) utimesSync(join(cache, "qemu", name), 0, 0);
  assert.is(hasTried((await choose()).ui), hasTried(first.ui) && first.chosen === "tcg");
  assert.equal(readdirSync(run.temporaryDirectory), []);
});

lab(test, "linux")("another processor than this host's is emulated", async () => {
  const ui = new RecordingUi();
  const other = process.arch === "arm64" ? "qemu-system-x86_64" : "qemu-system-aarch64";
  assert.is(await chooseAccelerator({ qemu: `/nowhere/${other}`, setpriv: undefined, run: runInfo(), ui, signal }), "tcg");
  assert.match(ui.logged.join("\n"), /emulates another processor/);
});

test.run();
