// One script on the machine: upload, start, judge its exit code (rows SH-10, SH-11, SH-15).
import { createReadStream } from "node:fs";
import { access, constants } from "node:fs/promises";
import { pipeline, Readable } from "node:stream";
import { BuildError } from "../../diagnostics/error.ts";
import { DISCONNECT_EXIT_CODE } from "../../sdk/communicator.ts";
import { runWithUi } from "../../sdk/run-command.ts";
import { type ExitHints, requireAllowedExit } from "./exit-codes.ts";
import { quotePath } from "./quote-path.ts";
import { type Machine, retryStart, runQuietly } from "./remote-file.ts";
import { unixLines } from "./unix-lines.ts";

/** A script to run on the machine. */
export interface RemoteScript {
  /** How messages name it. */
  readonly name: string;
  /** Its text, or the absolute path of its file here. */
  readonly content: { readonly text: string } | { readonly file: string };
  /** Leave its bytes alone (row SH-01). */
  readonly isBinary: boolean;
  /** Where it goes. */
  readonly path: string;
  /** What starts it. */
  readonly command: string;
  readonly startRetryMs: number;
  readonly expectDisconnect: boolean;
  readonly validExitCodes: readonly number[];
}

/** Uploads and runs a script. Throws TPK6006 for an exit code that is not allowed, TPK5004 for a connection lost unexpectedly. */
export async function runRemoteScript(machine: Machine, script: RemoteScript): Promise<void> {
  const { communicator, ui, signal } = machine;
  const hint = "If the script restarts the machine or its network, set expect_disconnect to true.";
  await runScript(machine, {
    ...script,
    disconnect: script.expectDisconnect ? "expected" : { hint },
    async start() {
      await uploadText(machine, script);
      await runQuietly(machine, `chmod 0755 ${quotePath(script.path)}`);
      return runWithUi(communicator, script.command, { ui, signal });
    },
  });
}

/** A script on whatever machine. */
export interface StartableScript extends Pick<RemoteScript, "name" | "content" | "startRetryMs" | "validExitCodes"> {
  /** Whether the connection may be lost while it runs; where not, what to do about it. */
  readonly disconnect: "expected" | { readonly hint: string };
  /** Those of POSIX shells unless given. */
  readonly exitHints?: ExitHints | undefined;
  /** Puts it on the machine and runs it; resolves to its exit code. Called again when it throws what another try may change. */
  start(): Promise<number>;
}

/** Starts a script and judges its exit code (rows SH-10, SH-11, SHC-04). Throws as `runRemoteScript` does. */
export async function runScript(machine: Machine, script: StartableScript): Promise<void> {
  const { name, content, disconnect, validExitCodes } = script;
  if ("file" in content) await requireReadable(content.file, name);
  const exitCode = await retryStart(machine, `upload and start ${name}`, script.startRetryMs, () => script.start());
  if (exitCode === DISCONNECT_EXIT_CODE && !validExitCodes.includes(exitCode)) {
    if (disconnect === "expected") return;
    throw new BuildError(`the connection was lost while ${name} ran`, { code: "TPK5004", hint: disconnect.hint });
  }
  requireAllowedExit(name, exitCode, validExitCodes, script.exitHints);
}

/** Uploads a text or file, with Unix line ends unless it is binary. */
export async function uploadText(
  { communicator, signal }: Machine,
  { content, isBinary, path }: Pick<RemoteScript, "content" | "isBinary" | "path">,
  mode?: number,
): Promise<void> {
  const bytes = "text" in content ? Readable.from([Buffer.from(content.text)]) : createReadStream(content.file);
  // The outcome of the pipeline reaches the communicator through the stream that it reads.
  const stream = isBinary ? bytes : pipeline(bytes, unixLines(), () => undefined);
  await communicator.upload({ path, content: stream, mode, signal });
}

// --- internal ---

async function requireReadable(file: string, name: string): Promise<void> {
  try {
    await access(file, constants.R_OK);
  } catch (error) {
    throw new BuildError(`could not read ${name}`, { code: "TPK3107", cause: error });
  }
}
