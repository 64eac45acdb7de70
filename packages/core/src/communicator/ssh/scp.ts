// The scp protocol, as `scp -t` (sink) and `scp -f` (source) speak it on the machine (rows CON-07, CON-08, CON-10). It was
// never specified; this follows what OpenSSH's scp.c reads and writes: records `C<mode> <size> <name>`, `D…`, `E`, each answered
// by a byte: 0 is fine, 1 a warning and 2 a fatal error, both followed by a line of text.
import { CommunicatorError, errorText, isCancellation, TspackError } from "../../diagnostics/error.ts";
import { printable } from "../printable.ts";
import { ChannelEnded, ChannelIo } from "./channel-io.ts";
import type { SshSession } from "./session.ts";

/** Runs an scp command and talks to it. Whatever goes wrong becomes a `CommunicatorError` that starts with `what`. */
export async function withScp<T>(
  session: SshSession,
  command: { readonly line: string; readonly what: string; readonly signal: AbortSignal },
  talk: (io: ChannelIo) => Promise<T>,
): Promise<T> {
  const io = new ChannelIo(await session.exec(command.line, command.signal), command.signal);
  try {
    const result = await talk(io);
    io.end();
    const exitCode = await io.finish();
    if (exitCode !== 0) throw scpFailed(exitCode, io.errorText);
    return result;
  } catch (error) {
    if (isCancellation(error)) throw error;
    throw await explained(error, io, command.what);
  } finally {
    io.release();
  }
}

/** Reads the answer to a record. Throws what the other side complains about. */
export async function expectAnswer(io: ChannelIo): Promise<void> {
  const answer = await io.read(1);
  if (answer.length === 0) throw new ChannelEnded();
  if (answer[0] === 0) return;
  throw new ScpComplaint(await io.line());
}

/** Throws if the name cannot stand in a record. */
export function requireScpName(name: string): void {
  if (name === "" || name === "." || name === ".." || /[\n/]/.test(name)) {
    throw new ScpComplaint(`the name ${JSON.stringify(name)} cannot be transferred by scp`);
  }
}

/** What the other side, or we, found wrong. */
export class ScpComplaint extends Error {
  constructor(text: string) {
    super(printable(text.replace(/^(scp: )+/, "")));
    this.name = "ScpComplaint";
  }
}

// --- internal ---

async function explained(error: unknown, io: ChannelIo, what: string): Promise<TspackError> {
  if (error instanceof ChannelEnded) {
    try {
      const exitCode = await io.finish();
      return new CommunicatorError(`${what}: ${scpFailed(exitCode, io.errorText).message}`, { code: "TPK5005", hint: hintFor(exitCode) });
    } catch (lost) {
      return wrapped(lost, what);
    }
  }
  return wrapped(error, what);
}

function wrapped(error: unknown, what: string): TspackError {
  const known = TspackError.is(error) ? error : undefined;
  const code = known?.code === "TPK5004" ? "TPK5004" : "TPK5005";
  return new CommunicatorError(`${what}: ${errorText(error)}`, { code, hint: known?.hint, cause: error });
}

function scpFailed(exitCode: number, text: string): CommunicatorError {
  if (exitCode === 127) return new CommunicatorError("the machine has no scp", { code: "TPK5005", hint: hintFor(exitCode) });
  return new CommunicatorError(text === "" ? `scp ended with exit code ${exitCode}` : text.replace(/^scp: /, ""), { code: "TPK5005" });
}

function hintFor(exitCode: number): string | undefined {
  return exitCode === 127 ? 'Install the OpenSSH client on it, or set ssh_file_transfer_method to "sftp".' : undefined;
}
