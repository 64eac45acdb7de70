import { within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import windowsRestart from "../../../src/components/provisioners/windows-restart.ts";
import { CommunicatorError, isCancellation, TspackError } from "../../../src/diagnostics/error.ts";
import { DISCONNECT_EXIT_CODE } from "../../../src/sdk/communicator.ts";
import { type Answer, commandsOf, problemsOf, provisionRecorded } from "../windows/recorded-machine.ts";

const RESTART = 'shutdown /r /f /t 0 /c "packer restart"';
const TEST = 'shutdown /r /f /t 60 /c "packer restart test"';
const ABORT = "shutdown /a";
const BACK = "powershell.exe -EncodedCommand Write-Output ('{0} restarted.' -f $env:COMPUTERNAME)";
const KEY = "powershell.exe -EncodedCommand Test-Path -LiteralPath ";
const SERVICING = "HKLM:SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\";

/** Answers of a machine, by what the command begins with; the last one of a list is given again. A number is an exit code. */
function machine(answers: { readonly [start: string]: readonly (number | Answer | Error)[] }): (command: string) => Answer {
  const given = new Map<string, number>();
  const standard = new Map<string, Answer>([[BACK, { stdout: "WIN restarted.\r\n" }]]);
  return (command) => {
    const start = Object.keys(answers).find((one) => command.startsWith(one));
    if (start === undefined) return standard.get(command);
    const list = answers[start] ?? [];
    const count = given.get(start) ?? 0;
    given.set(start, count + 1);
    const answer = list[Math.min(count, list.length - 1)];
    if (answer instanceof Error) throw answer;
    return typeof answer === "number" ? { exitCode: answer } : answer;
  };
}

test("WR-01, WR-06: a restart is ordered, seen as long as it is under way, and over when PowerShell answers", async () => {
  const answer = machine({ [TEST]: [1115, 0], [BACK]: [{ stdout: "" }, { stdout: "WIN restarted.\r\n" }] });
  const { actions, error, ui } = await within(20_000, () => provisionRecorded(windowsRestart, {}, { answer }));
  assert.is(error, undefined);
  assert.equal(commandsOf(actions), [RESTART, TEST, TEST, ABORT, BACK, BACK]);
  assert.equal(ui.lines, [
    "say: Restarting the machine...",
    "say: Waiting for the machine to restart...",
    "say: The machine has restarted.",
  ]);
});

test("WR-01, WR-06: connections that go away are expected, when the restart is ordered and while it is waited for", async () => {
  const gone = new CommunicatorError("connection refused", { code: "TPK5001" });
  const answer = machine({
    [RESTART]: [DISCONNECT_EXIT_CODE],
    [TEST]: [DISCONNECT_EXIT_CODE],
    [BACK]: [gone, { stdout: "WIN restarted." }],
  });
  const { actions, error } = await within(20_000, () => provisionRecorded(windowsRestart, {}, { answer }));
  assert.is(error, undefined);
  assert.equal(commandsOf(actions), [RESTART, TEST, BACK, BACK]);
});

test("WR-01: codes that mean that a restart is under way are accepted, others fail at once", async () => {
  for (const code of [1115, 1190]) {
    const { error } = await provisionRecorded(windowsRestart, { restart_command: "go" }, { answer: machine({ go: [code], [TEST]: [0] }) });
    assert.is(error, undefined);
  }
  const { actions, error } = await provisionRecorded(windowsRestart, {}, { answer: machine({ [RESTART]: [5] }) });
  assert.ok(TspackError.is(error) && error.code === "TPK6006" && error.message.includes("code 5"));
  assert.equal(commandsOf(actions), [RESTART]);
});

test("WR-02: a check of the user's has to succeed once, is shown, and our own follows", async () => {
  const answer = machine({ [TEST]: [0], mine: [3, { stdout: "fine\r\n" }], [BACK]: [1, { stdout: "WIN restarted." }] });
  const { actions, ui } = await within(20_000, () => provisionRecorded(windowsRestart, { restart_check_command: "mine" }, { answer }));
  assert.equal(commandsOf(actions), [RESTART, TEST, ABORT, "mine", "mine", BACK, BACK]);
  assert.equal(ui.printed, ["fine"]);
});

test("WR-04, WR-05: keys of the registry that are there are waited for", async () => {
  const names = ["RebootPending", "PackagesPending", "RebootInProgress"];
  const standard = await provisionRecorded(windowsRestart, { check_registry: true }, { answer: machine({ [TEST]: [0] }) });
  assert.equal(
    commandsOf(standard.actions).slice(4),
    names.map((name) => `${KEY}'${SERVICING}${name}'`),
  );
  const answer = machine({ [TEST]: [0], [KEY]: [{ stdout: "True\r\n" }, { stdout: "False\r\n" }] });
  const own = await within(20_000, () =>
    provisionRecorded(windowsRestart, { check_registry: true, registry_keys: ["HKLM:it's"] }, { answer }),
  );
  assert.equal(commandsOf(own.actions).slice(3), [BACK, `${KEY}'HKLM:it''s'`, BACK, `${KEY}'HKLM:it''s'`]);
  const unchecked = await provisionRecorded(windowsRestart, { registry_keys: ["x"] }, { answer: machine({ [TEST]: [0] }) });
  assert.is(commandsOf(unchecked.actions).length, 4);
});

const late: readonly (readonly [string, Parameters<typeof machine>[0], RegExp])[] = [
  ["goes down", { [TEST]: [1190] }, /it still says that it goes down \(code 1190 of shutdown\)/],
  ["does not come back", { [TEST]: [0], [BACK]: [new CommunicatorError("no route to host")] }, /no route to host/],
  ["has no PowerShell", { [TEST]: [0], [BACK]: [1] }, /PowerShell does not run yet \(code 1\)/],
  ["fails the check", { [TEST]: [0], mine: [7] }, /restart_check_command exited with code 7/],
  ["will restart again", { [TEST]: [0], [KEY]: [{ stdout: "True" }] }, /the registry key .*RebootPending is there/],
];
test("WR-03: a machine that takes too long fails the build and says what it was waited for", async () => {
  const config = { restart_timeout: "10ms", restart_check_command: "mine", check_registry: true };
  for (const [name, answers, why] of late) {
    const { error } = await within(30_000, () => provisionRecorded(windowsRestart, config, { answer: machine(answers) }));
    assert.ok(TspackError.is(error) && error.code === "TPK6005", name);
    assert.match(error.message, /^the machine was not back 0\.01 seconds after the restart began: /);
    assert.match(error.message, why);
    assert.match(error.hint ?? "", /restart_timeout/);
  }
});

test("a machine that says nothing is given up at the limit, and an abort ends the wait", async () => {
  const silent = async (command: string, signal: AbortSignal): Promise<Answer> => {
    if (command === TEST || command === ABORT || command === RESTART) return undefined;
    return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new CommunicatorError("stopped"))));
  };
  const timedOut = await within(30_000, () => provisionRecorded(windowsRestart, { restart_timeout: "50ms" }, { answer: silent }));
  assert.match(String(timedOut.error), /it does not answer/);
  const endless = { restart_timeout: "50ms", restart_check_command: "mine" };
  const hanging = await within(30_000, () => provisionRecorded(windowsRestart, endless, { answer: silent }));
  assert.match(String(hanging.error), /restart_check_command had not ended/);
  const controller = new AbortController();
  const answer = async (command: string, signal: AbortSignal): Promise<Answer> => {
    if (command === BACK) queueMicrotask(() => controller.abort());
    return command === BACK ? silent(command, signal) : undefined;
  };
  const aborted = await within(30_000, () => provisionRecorded(windowsRestart, {}, { answer, signal: controller.signal }));
  assert.ok(controller.signal.aborted && aborted.error !== undefined && !isTimeout(aborted.error));
  const pausing = new AbortController();
  const down = (command: string): Answer => {
    if (command === TEST) pausing.abort();
    return { exitCode: command === TEST ? 1115 : 0 };
  };
  assert.ok(isCancellation((await provisionRecorded(windowsRestart, {}, { answer: down, signal: pausing.signal })).error));
});

test("a check that the communicator cannot run fails at once", async () => {
  const tooLong = new CommunicatorError("too long", { code: "TPK5006" });
  const { error } = await within(30_000, () =>
    provisionRecorded(windowsRestart, { restart_check_command: "mine" }, { answer: machine({ [TEST]: [0], mine: [tooLong] }) }),
  );
  assert.is(error, tooLong);
});

function isTimeout(error: unknown): boolean {
  return TspackError.is(error) && error.code === "TPK6005";
}

test("durations are checked", async () => {
  assert.equal(await problemsOf(windowsRestart, { restart_timeout: "soon" }), ["TPK3105 restart_timeout"]);
  assert.equal(await problemsOf(windowsRestart, { restart_timeout: "0s" }), []);
});

test.run();
