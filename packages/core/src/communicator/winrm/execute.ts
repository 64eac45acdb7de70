import type { Readable, Writable } from "node:stream";
import { CommunicatorError, errorText, isCancellation, TspackError } from "../../diagnostics/error.ts";
import { DISCONNECT_EXIT_CODE, type RemoteCommand } from "../../sdk/communicator.ts";
import { orAborted } from "../abort.ts";
import { LONGEST_COMMAND } from "./scripts.ts";
import type { InputBlock, RemoteShells } from "./shells.ts";
import { SEND_BYTES } from "./soap.ts";

/**
 * Runs a command for a provisioner: its streams are passed on as they come, with back-pressure (row CON-06 for lost connections). Throws
 * TPK5006 for one that cmd.exe cannot read, what `RemoteShells.run` throws for one that cannot be started, and TPK5007 for trouble after
 * that: whoever runs it again has to know that it may have done something already.
 */
export async function execute(shells: RemoteShells, command: RemoteCommand): Promise<{ readonly exitCode: number }> {
  const { stdin, signal } = command;
  if (command.command.length > LONGEST_COMMAND) {
    stdin?.destroy();
    throw new CommunicatorError(`a command of ${command.command.length} characters is too long: cmd.exe reads ${LONGEST_COMMAND}`, {
      code: "TPK5006",
      hint: "Put long values into a file or a script. The provisioner powershell brings its variables in a file.",
    });
  }
  const sinks = { stdout: new Sink(command.stdout), stderr: new Sink(command.stderr) };
  let hasStarted = false;
  try {
    const exitCode = await shells.run({
      command: command.command,
      input: stdin === undefined ? undefined : blocksOf(stdin),
      onOutput: ({ stream, bytes }) => orAborted(sinks[stream].write(bytes), signal),
      signal,
      started: () => {
        hasStarted = true;
      },
    });
    return { exitCode: exitCode ?? DISCONNECT_EXIT_CODE };
  } catch (error) {
    if (!hasStarted || isCancellation(error)) throw error;
    throw new CommunicatorError(`the command was given up while it ran: ${errorText(error)}`, {
      code: "TPK5007",
      hint: TspackError.is(error) ? error.hint : undefined,
      cause: error,
    });
  } finally {
    sinks.stdout.release();
    sinks.stderr.release();
    stdin?.destroy();
  }
}

// --- internal ---

/** Where output goes; nowhere without a stream, or once it is closed, so that the command goes on. */
class Sink {
  readonly #stream: Writable | undefined;
  #failure: Error | undefined;
  #wake = (): void => {};
  readonly #failed = (error: Error): void => {
    this.#failure = error;
    this.#wake();
  };

  constructor(stream: Writable | undefined) {
    this.#stream = stream;
    stream?.once("error", this.#failed);
  }

  async write(bytes: Buffer): Promise<void> {
    const stream = this.#stream;
    this.#check();
    if (stream === undefined || stream.destroyed || stream.writableEnded) return;
    if (stream.write(bytes)) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      stream.once("drain", resolve);
      stream.once("close", resolve);
    });
    for (const event of ["drain", "close"] as const) stream.off(event, this.#wake);
    this.#check();
  }

  release(): void {
    this.#stream?.off("error", this.#failed);
    for (const event of ["drain", "close"] as const) this.#stream?.off(event, this.#wake);
  }

  #check(): void {
    const error = this.#failure;
    if (error !== undefined)
      throw new CommunicatorError(`the output of a command could not be passed on: ${error.message}`, { cause: error });
  }
}

/** Input as it comes, and its end. Input that breaks off ends the command's input; what the command makes of that is its result. */
async function* blocksOf(stdin: Readable): AsyncGenerator<InputBlock, void, undefined> {
  try {
    for await (const chunk of stdin) {
      const bytes: Uint8Array = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
      for (let start = 0; start < bytes.length; start += SEND_BYTES) {
        yield { bytes: bytes.subarray(start, start + SEND_BYTES), isLast: false };
      }
    }
  } catch {
    // Said above.
  }
  yield { bytes: Buffer.alloc(0), isLast: true };
}
