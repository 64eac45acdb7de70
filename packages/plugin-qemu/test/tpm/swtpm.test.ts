// A swtpm that does not do what it should.
import { chmodSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isCancellation } from "@tspack/core/sdk";
import { lab, RecordingUi, rejects, runInfo, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type StartTpmOptions, startTpm } from "../../src/tpm/swtpm.ts";

const linuxTest = lab(test, "linux");

/** What starts a script under the name swtpm. */
function starting(script: string, changes: Partial<StartTpmOptions> = {}) {
  const folder = tmp("programs");
  writeFileSync(join(folder, "swtpm"), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, "swtpm"), 0o755);
  const run = runInfo({ environment: { PATH: folder }, temporaryDirectory: tmp() });
  const starting = startTpm({
    isVersion1: false,
    from: undefined,
    isMachineOn: async () => false,
    mayOutliveUs: false,
    setpriv: undefined,
    run,
    ui: new RecordingUi(),
    signal: new AbortController().signal,
    ...changes,
  });
  return { starting: within(20_000, () => starting), left: () => readdirSync(run.temporaryDirectory) };
}

linuxTest("one that never listens is ended when its time is over, and nothing of it is left", async () => {
  const { starting: late, left } = starting("exec /bin/sleep 1000", { limitMs: 1 });
  await rejects(late, { code: "TPK6005", message: /swtpm, which emulates the TPM, did not listen within 0\.001 s/ });
  assert.equal(left(), []);
});

linuxTest("one that ends says why", async () => {
  const { starting: ended, left } = starting("echo no such TPM >&2; exit 1");
  await rejects(ended, { message: /ended: no such TPM$/ });
  assert.equal(left(), []);
});

linuxTest("a build that is cancelled does not wait for it", async () => {
  const stop = new AbortController();
  const { starting: cancelled, left } = starting("exec /bin/sleep 1000", { signal: stop.signal });
  stop.abort();
  assert.ok(isCancellation(await rejects(cancelled)));
  assert.equal(left(), []);
});

lab(
  test,
  "swtpm",
  "linux",
)("a folder for temporary files may have a comma in its name", async () => {
  const run = runInfo({ environment: { PATH: process.env.PATH }, temporaryDirectory: tmp("a,b") });
  const tpm = await starting("", { run }).starting;
  assert.match(tpm.socket, /a,b/);
  await tpm.stop();
  assert.equal(readdirSync(run.temporaryDirectory), []);
});

test.run();
