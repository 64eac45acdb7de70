// Seeing a Windows machine go down and come back through its communicator (rows WR-01..06).
import { pause } from "../../communicator/abort.ts";
import { BuildError, errorText, TspackError } from "../../diagnostics/error.ts";
import { DISCONNECT_EXIT_CODE } from "../../sdk/communicator.ts";
import { LineWriter } from "../../sdk/line-writer.ts";
import type { Machine } from "../shell/remote-file.ts";
import { encodedCommand } from "./encoded-command.ts";
import { quoteLiteral } from "./quoting.ts";

/** A machine that restarts, and what it is asked. */
export interface Restart {
  readonly machine: Machine;
  /** Empty, or a command that has to succeed once before the machine counts as back. */
  readonly checkCommand: string;
  /** Keys whose existence means that the machine is about to restart once more. */
  readonly registryKeys: readonly string[];
  /** When to give up, on the clock of `performance.now()`. */
  readonly deadlineMs: number;
  readonly timeoutMs: number;
}

/** Code of `shutdown`: a restart is under way already. */
export const ERROR_SHUTDOWN_IN_PROGRESS = 1115;
/** Code of `shutdown`: a restart has been asked for already. */
export const ERROR_SHUTDOWN_IS_SCHEDULED = 1190;
const ERROR_SHUTDOWN_USERS_LOGGED_ON = 1717;

/**
 * Waits until the machine no longer says that it goes down: it is gone, or takes a restart in a minute, which is called off again. With
 * exit code 1, which SSH gives for any of the codes above, that is waited for a short time only, since other trouble has it too.
 */
export async function awaitDown(restart: Restart): Promise<void> {
  const ask = asker(restart);
  let unclear = 0;
  for (;;) {
    const answer = await ask('shutdown /r /f /t 60 /c "packer restart test"');
    if (answer.kind === "gone") return;
    if (answer.exitCode === 0) {
      await ask("shutdown /a");
      return;
    }
    const isRestarting = [ERROR_SHUTDOWN_IN_PROGRESS, ERROR_SHUTDOWN_IS_SCHEDULED, ERROR_SHUTDOWN_USERS_LOGGED_ON].includes(
      answer.exitCode,
    );
    if (!isRestarting && ++unclear > MOST_UNCLEAR) return;
    await pauseUntil(restart, `it still says that it goes down (code ${answer.exitCode} of shutdown)`);
  }
}

/** Waits until the machine answers, the user's check has succeeded, and no key says that it will restart again. */
export async function awaitBack(restart: Restart): Promise<void> {
  const ask = asker(restart);
  let isChecked = restart.checkCommand === "";
  for (;;) {
    const missing = await whatIsMissing(restart, ask, isChecked);
    if (missing === undefined) return;
    isChecked = missing.isChecked;
    restart.machine.ui.log("debug", `the machine is not back: ${missing.reason}`);
    await pauseUntil(restart, missing.reason);
  }
}

// --- internal ---

type Answer =
  | { readonly kind: "gone"; readonly reason: string }
  | { readonly kind: "answered"; readonly exitCode: number; readonly text: string };

/** Runs a command on a machine that may be gone. */
type Ask = (command: string, by?: "us" | "user") => Promise<Answer>;

const POLL_MS = 1_000;
const FIRST_LIMIT_MS = 30_000;
const MOST_UNCLEAR = 5;
const MOST_TEXT = 4_096;

async function whatIsMissing(
  { checkCommand, registryKeys }: Restart,
  ask: Ask,
  wasChecked: boolean,
): Promise<{ readonly reason: string; readonly isChecked: boolean } | undefined> {
  let isChecked = wasChecked;
  if (!isChecked) {
    const answer = await ask(checkCommand, "user");
    if (answer.kind === "gone") return { reason: answer.reason, isChecked };
    if (answer.exitCode !== 0) return { reason: `restart_check_command exited with code ${answer.exitCode}`, isChecked };
    isChecked = true;
  }
  const answer = await ask(encodedCommand("Write-Output ('{0} restarted.' -f $env:COMPUTERNAME)"));
  if (answer.kind === "gone") return { reason: answer.reason, isChecked };
  if (!answer.text.includes("restarted.")) return { reason: `PowerShell does not run yet (code ${answer.exitCode})`, isChecked };
  for (const key of registryKeys) {
    const found = await ask(encodedCommand(`Test-Path -LiteralPath ${quoteLiteral(key)}`));
    if (found.kind === "gone") return { reason: found.reason, isChecked };
    if (/true/i.test(found.text)) return { reason: `the registry key ${key} is there`, isChecked };
  }
  return undefined;
}

/**
 * A machine that cannot be reached is gone, and so is one that says nothing: it may have gone down and left the connection open. How long
 * it may be silent grows each time, since one that is emulated takes minutes to start PowerShell. A command of the user's has all the time
 * there is, and its output is shown.
 */
function asker({ machine: { communicator, ui, signal }, deadlineMs }: Restart): Ask {
  let silenceMs = FIRST_LIMIT_MS;
  return async (command, by = "us") => {
    const leftMs = Math.max(1, deadlineMs - performance.now());
    const limit = AbortSignal.timeout(Math.ceil(by === "user" ? leftMs : Math.min(silenceMs, leftMs)));
    let text = "";
    const writer = (stream: "stdout" | "stderr"): LineWriter =>
      new LineWriter((line) => {
        if (by === "user") ui.output(stream, line);
        if (stream === "stdout" && text.length < MOST_TEXT) text += `${line}\n`;
      });
    const stdout = writer("stdout");
    const stderr = writer("stderr");
    try {
      const { exitCode } = await communicator.execute({ command, stdout, stderr, signal: AbortSignal.any([signal, limit]) });
      stdout.flush();
      stderr.flush();
      if (exitCode === DISCONNECT_EXIT_CODE) return { kind: "gone", reason: "the connection was lost" };
      return { kind: "answered", exitCode, text };
    } catch (error) {
      if (signal.aborted || isImpossible(error)) throw error;
      if (!limit.aborted) return { kind: "gone", reason: errorText(error) };
      if (by === "user") return { kind: "gone", reason: "restart_check_command had not ended" };
      silenceMs *= 2;
      return { kind: "gone", reason: "it does not answer" };
    }
  };
}

/** The communicator will never do that, however long the machine is waited for. */
function isImpossible(error: unknown): boolean {
  return TspackError.is(error) && error.code === "TPK5006";
}

async function pauseUntil(restart: Restart, reason: string): Promise<void> {
  const leftMs = restart.deadlineMs - performance.now();
  if (leftMs <= 0) throw restartTimeout(restart, reason);
  await pause(Math.min(POLL_MS, leftMs), restart.machine.signal);
}

/** The error of a machine that takes too long. */
function restartTimeout({ timeoutMs }: Pick<Restart, "timeoutMs">, reason: string): BuildError {
  return new BuildError(`the machine was not back ${timeoutMs / 1000} seconds after the restart began: ${reason}`, {
    code: "TPK6005",
    hint: "Set restart_timeout to a longer time if the machine installs updates while it restarts.",
  });
}
