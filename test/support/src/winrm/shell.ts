// Shells and the commands that run in them (MS-WSMV 3.1.4.5 to 3.1.4.13), without the envelopes around.
import { randomUUID } from "node:crypto";
import { PassThrough, type Readable, type Writable } from "node:stream";
import { WinrmFault } from "./fault.ts";
import { CommandOutput } from "./output.ts";

/** What a command does. Resolves with its exit code; `signal` says that the client gave it up. */
export type WinrmProgram = (call: {
  /** As the client sent it, arguments behind it. */
  readonly commandLine: string;
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly signal: AbortSignal;
}) => Promise<number>;

/** What the client asked for when it made the shell. */
export interface ShellSettings {
  readonly workingDirectory: string | undefined;
  readonly environment: ReadonlyMap<string, string>;
}

/** What a process is left with that was ended by Ctrl+C (STATUS_CONTROL_C_EXIT). */
export const CONTROL_C_EXIT = -1_073_741_510;

/** A shell: commands that share its settings. */
export class WinrmShell {
  readonly id = randomUUID().toUpperCase();
  readonly settings: ShellSettings;
  readonly #commands = new Map<string, WinrmCommand>();

  constructor(settings: ShellSettings) {
    this.settings = settings;
  }

  start(commandLine: string, program: WinrmProgram): WinrmCommand {
    const command = new WinrmCommand(commandLine, program);
    this.#commands.set(command.id, command);
    return command;
  }

  /** Throws `WinrmFault` when there is none. */
  require(commandId: string | undefined): WinrmCommand {
    const command = this.#commands.get((commandId ?? "").toUpperCase());
    if (command === undefined) throw new WinrmFault("commandNotFound");
    return command;
  }

  /** Ends a command and forgets it. */
  terminate(command: WinrmCommand): void {
    command.terminate();
    this.#commands.delete(command.id);
  }

  /** Ends everything that runs in it. */
  close(): void {
    for (const command of this.#commands.values()) this.terminate(command);
  }
}

/** A running command, and its streams. */
export class WinrmCommand {
  readonly id = randomUUID().toUpperCase();
  readonly output = new CommandOutput();
  /** How many Receive requests it has answered. */
  received = 0;
  readonly #stdin = new PassThrough();
  readonly #interrupted = new AbortController();
  readonly #terminated = new AbortController();

  constructor(commandLine: string, program: WinrmProgram) {
    void this.#run(commandLine, program);
  }

  /** Aborted when the client ends the command, or its shell. */
  get terminated(): AbortSignal {
    return this.#terminated.signal;
  }

  /** Hands bytes to the program and waits until it has room for more. Throws `WinrmFault` when it reads no more. */
  async send(data: Buffer, end: boolean): Promise<void> {
    if (this.#stdin.writableEnded || this.#stdin.destroyed) throw new WinrmFault("pipeClosed");
    if (data.length > 0 && !this.#stdin.write(data)) {
      await new Promise<void>((resolve) => {
        this.#stdin.once("drain", resolve);
        this.#stdin.once("close", resolve);
      });
    }
    if (end) this.#stdin.end();
  }

  /** Ctrl+C or Ctrl+Break: the program ends, and the client still fetches its end. */
  interrupt(): void {
    this.#interrupted.abort();
    this.output.finish(CONTROL_C_EXIT);
    this.#stdin.destroy();
  }

  /** Ends the program; a waiting Receive is told. */
  terminate(): void {
    this.#terminated.abort();
    this.interrupt();
  }

  async #run(commandLine: string, program: WinrmProgram): Promise<void> {
    const { stdout, stderr } = this.output;
    let exitCode: number;
    try {
      exitCode = await program({ commandLine, stdin: this.#stdin, stdout, stderr, signal: this.#interrupted.signal });
    } catch (error) {
      // The test is to see why its program failed.
      stderr.write(`the program of this test failed: ${error instanceof Error ? error.stack : String(error)}\r\n`);
      exitCode = 1;
    }
    await Promise.all([end(stdout), end(stderr)]);
    this.output.finish(exitCode);
    this.#stdin.destroy();
  }
}

// --- internal ---

async function end(stream: Writable): Promise<void> {
  await new Promise<void>((resolve) => stream.end(resolve));
}
