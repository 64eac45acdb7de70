import { readFileSync } from "node:fs";
import { lab, RecordingUi, rejects, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Machine, type StartMachineOptions, startMachine } from "../../src/machine/machine.ts";

const qemuTest = lab(test, "qemu-system-x86_64");

/** A machine without anything in it: it starts at once. */
function start(words: readonly string[] = [], changes: Partial<StartMachineOptions> = {}): Promise<Machine> {
  return startMachine({
    argv: ["qemu-system-x86_64", "-machine", "none", "-display", "none", "-nodefaults", ...words],
    hasSerial: false,
    env: process.env,
    cwd: process.cwd(),
    ui: new RecordingUi(),
    signal: new AbortController().signal,
    ...changes,
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

qemuTest("a machine greets, answers commands, and ends when it is asked to", async () => {
  const machine = await start();
  assert.match(machine.qmp.version, /^\d+\.\d+\.\d+$/);
  assert.equal(await machine.qmp.execute("query-status"), { running: true, singlestep: false, status: "running" });
  await rejects(machine.qmp.execute("no-such-command"), { message: /"no-such-command": .*has not been found/ });
  await machine.end();
  assert.is((await machine.ended).cause, "host");
  assert.not.ok(isAlive(machine.pid));
  await rejects(machine.qmp.execute("query-status"), { message: /QEMU has ended/ });
});

qemuTest("a machine that cannot start says why in QEMU's words", async () => {
  await rejects(start(["-no-such-switch"]), { message: /QEMU did not start: .*-no-such-switch: invalid option/ });
});

test("a missing program is named", async () => {
  await rejects(start([], { argv: ["qemu-system-none"] }), { code: "TPK6008", message: /could not start "qemu-system-none"/ });
});

qemuTest("a QEMU that is killed counts as lost, with the signal", async () => {
  const machine = await start();
  process.kill(machine.pid, "SIGKILL");
  const end = await within(5_000, () => machine.ended);
  assert.equal(end, { cause: "lost", text: "QEMU was ended by SIGKILL" });
  assert.equal(await machine.off, end);
});

qemuTest("an abort before the greeting leaves no process", async () => {
  const abort = new AbortController();
  const starting = start([], { signal: abort.signal });
  abort.abort();
  await rejects(starting, { code: "TPK6009" });
});

qemuTest("two machines at once have monitors of their own", async () => {
  const machines = await Promise.all([start(["-name", "one"]), start(["-name", "two"])]);
  const names = await Promise.all(machines.map(({ qmp }) => qmp.execute("query-name")));
  assert.equal(names, [{ name: "one" }, { name: "two" }]);
  await Promise.all(machines.map((machine) => machine.end()));
});

lab(
  test,
  "qemu-system-x86_64",
  "setpriv",
  "linux",
)("with setpriv QEMU is bound to the life of its parent", async () => {
  const machine = await start([], { setpriv: "/usr/bin/setpriv" });
  assert.match(readFileSync(`/proc/${machine.pid}/comm`, "utf8"), /^qemu-system/);
  await machine.end();
});

test.run();
