import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findLabProgram, lab, RecordingUi, rejects, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Machine, type StartMachineOptions, startMachine } from "../../src/machine/machine.ts";
import { isOn } from "../../src/machine/off-within.ts";

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

/** A process that has ended counts as gone, also when nobody has collected it yet. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== "linux" || !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

function untilGone(pid: number): Promise<void> {
  return within(20_000, async () => {
    while (isAlive(pid)) await new Promise((resolve) => setImmediate(resolve));
  });
}

/** The process group of a process (proc(5)). */
function groupOf(pid: number): number {
  return Number(/\) \S \d+ (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))?.[1]);
}

qemuTest("a machine greets, answers commands, and ends when it is asked to", async () => {
  const machine = await start();
  assert.match(machine.qmp.version, /^\d+\.\d+\.\d+$/);
  assert.equal(await machine.qmp.execute("query-status"), { running: true, singlestep: false, status: "running" });
  // What the user interrupts is this process.
  if (process.platform === "linux") assert.is(groupOf(machine.pid), machine.pid);
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
  assert.is(await isOn(machine), true);
  process.kill(machine.pid, "SIGKILL");
  assert.is(await within(20_000, () => isOn(machine)), false);
  const end = await within(20_000, () => machine.ended);
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

qemuTest("a cancellation is not held up by a QEMU that hangs", async () => {
  const abort = new AbortController();
  const machine = await start([], { signal: abort.signal, patience: { hurriedMs: 10 } });
  process.kill(machine.pid, "SIGSTOP");
  const asked = machine.qmp.execute("query-status");
  abort.abort();
  await rejects(
    within(20_000, () => asked),
    { code: "TPK6009" },
  );
  // What tidies up may still ask, for a short time.
  await rejects(
    within(20_000, () => machine.qmp.execute("query-status")),
    { message: /"query-status": QEMU has not answered for 10 milliseconds/ },
  );
  await within(20_000, () => machine.end());
  assert.not.ok(isAlive(machine.pid));
});

lab(
  test,
  "qemu-system-x86_64",
  "linux",
)("a QEMU that hangs behind a script of the user's is gone with it", async () => {
  const script = join(tmp(), "my-qemu");
  writeFileSync(script, '#!/bin/sh\nqemu-system-x86_64 "$@"\nexit $?\n', { mode: 0o755 });
  const abort = new AbortController();
  const argv = [script, "-machine", "none", "-display", "none", "-nodefaults"] as const;
  const machine = await start([], { argv, signal: abort.signal, patience: { hurriedMs: 10 } });
  const qemu = Number(readFileSync(`/proc/${machine.pid}/task/${machine.pid}/children`, "utf8"));
  assert.ok(qemu > 0);
  process.kill(qemu, "SIGSTOP");
  abort.abort();
  await within(20_000, () => machine.end());
  await untilGone(qemu);
});

const parentTest = lab(test, "qemu-system-x86_64", "setpriv", "linux");

/** Starts a machine from a process of its own, kills that, and returns the machine's process id. */
async function orphanedMachine(mayOutliveUs: boolean): Promise<number> {
  const script = `
    import { RecordingUi } from "@tspack/test-support";
    import { startMachine } from ${JSON.stringify(new URL("../../src/machine/machine.ts", import.meta.url).href)};
    const argv = ["qemu-system-x86_64", "-machine", "none", "-display", "none", "-nodefaults"];
    const setpriv = ${JSON.stringify(findLabProgram("setpriv"))};
    const options = { argv, hasSerial: false, env: process.env, cwd: "/", setpriv, mayOutliveUs: ${mayOutliveUs} };
    const machine = await startMachine({ ...options, ui: new RecordingUi(), signal: new AbortController().signal });
    process.stdout.write(String(machine.pid));
    setInterval(() => undefined, 1000);`;
  const parent = spawn(process.execPath, ["--conditions=source", "--import", "tsx", "--input-type=module", "-e", script], {
    cwd: dirname(fileURLToPath(import.meta.url)),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [printed]: unknown[] = await within(60_000, () => once(parent.stdout, "data"));
  const pid = Number(String(printed));
  assert.ok(isAlive(pid));
  const gone = once(parent, "exit");
  parent.kill("SIGKILL");
  await gone;
  return pid;
}

parentTest("kill -9 of the process that started a machine ends the machine", async () => {
  await untilGone(await orphanedMachine(false));
});

parentTest("a machine that may outlive its build does", async () => {
  const pid = await orphanedMachine(true);
  assert.ok(isAlive(pid));
  process.kill(pid, "SIGKILL");
});

test.run();
