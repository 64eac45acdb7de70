import type { Readable, Writable } from "node:stream";
import type { ClientChannel, PseudoTtyOptions } from "ssh2";
import { CancelledError, CommunicatorError } from "../../diagnostics/error.ts";
import type { RemoteCommand } from "../../sdk/communicator.ts";
import { onAbort, throwIfAborted } from "../abort.ts";
import type { RemoteProcess } from "./remote-process.ts";
import type { SshSession } from "./session.ts";
import { signalCommand } from "./ssh2-internals.ts";

/** Row COM-18: an xterm of 80 by 40 without echo. The speeds are what Packer asks for. */
const PTY: PseudoTtyOptions & { readonly modes: { readonly [mode: string]: number } } = {
  term: "xterm",
  cols: 80,
  rows: 40,
  modes: { ECHO: 0, TTY_OP_ISPEED: 14400, TTY_OP_OSPEED: 14400 },
};

/** How long a cancelled command may take to end by itself after SIGTERM. */
const TERMINATION_MS = 1_000;

/**
 * Runs a command on the machine. node-ssh's own `execCommand` gathers all output in memory, so the channel is used directly.
 * A command without an exit status has lost its connection (row CON-06).
 */
export async function execute(
  session: SshSession,
  command: RemoteCommand,
  options: { readonly pty: boolean },
): Promise<{ readonly exitCode: number }> {
  let remote: RemoteProcess;
  try {
    remote = await session.exec(command.command, command.signal, options.pty ? PTY : undefined);
  } catch (error) {
    command.stdin?.destroy();
    throw error;
  }
  const { channel, ended } = remote;
  let fail = (_error: Error): void => {};
  const failed = new Promise<never>((_, reject) => {
    fail = (error) => {
      remote.abandon();
      reject(error);
    };
  });
  failed.catch(() => {});
  const forgetAbort = onAbort(command.signal, () => {
    void terminate(channel, ended).then(() => fail(new CancelledError()));
  });
  const outputFailed = (error: Error): void => {
    fail(new CommunicatorError(`the output of a command could not be passed on: ${error.message}`, { cause: error }));
  };
  sendInput(channel, command);
  const forgetStdout = passOn(channel, command.stdout, outputFailed);
  const forgetStderr = passOn(channel.stderr, command.stderr, outputFailed);
  try {
    const exitCode = await Promise.race([ended, failed]);
    // A command that reacted to the signal has not run to its end.
    throwIfAborted(command.signal);
    return { exitCode };
  } finally {
    forgetAbort();
    forgetStdout();
    forgetStderr();
    command.stdin?.destroy();
  }
}

// --- internal ---

function sendInput(channel: ClientChannel, command: RemoteCommand): void {
  const { stdin } = command;
  if (stdin === undefined) {
    channel.end();
    return;
  }
  // Input that breaks off ends the command's input; what the command makes of that is its result.
  for (const event of ["error", "close"] as const) stdin.once(event, () => channel.end());
  stdin.pipe(channel);
}

/** Pipes output to its receiver with back-pressure; without one, or once it is closed, output is dropped so that the command goes on. */
function passOn(output: Readable, sink: Writable | undefined, failed: (error: Error) => void): () => void {
  if (sink === undefined || sink.destroyed) {
    output.resume();
    return () => {};
  }
  const drop = (): void => {
    output.unpipe(sink);
    output.resume();
  };
  sink.once("error", failed);
  sink.once("close", drop);
  output.pipe(sink, { end: false });
  return () => {
    sink.off("error", failed);
    sink.off("close", drop);
    output.unpipe(sink);
  };
}

/**
 * Stops a command: SIGTERM, a moment to react, SIGKILL. OpenSSH refuses signals for root's sessions; there the command loses
 * its input and output, which stops most.
 */
async function terminate(channel: ClientChannel, ended: Promise<unknown>): Promise<void> {
  signalCommand(channel, "TERM");
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, TERMINATION_MS);
  });
  await Promise.race([ended, late]);
  clearTimeout(timer);
  signalCommand(channel, "KILL");
}
