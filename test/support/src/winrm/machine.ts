// What the emulated machine is made of, and how a test teaches it more.
import type { Readable } from "node:stream";
import type { WindowsFiles } from "./files.ts";

/** Restarts of the machine. One that was ordered happens when the next shell is asked for: everything ends and that client is cut off. */
export interface MachinePower {
  /** How many have happened. */
  restarts: number;
  /** `ordered` for one that cannot be held up, `scheduled` for one with a delay: `shutdown /a` takes it back, and a second order fails but ends the delay. */
  next: "none" | "scheduled" | "ordered";
}

/** The state that the commands of one server share. */
export interface WinrmMachine {
  readonly files: WindowsFiles;
  /** The environment that new processes begin with; names in lower case. */
  readonly variables: ReadonlyMap<string, string>;
  /** What the test has added; looked at first. */
  readonly handlers: readonly WinrmHandler[];
  readonly power: MachinePower;
  /** Whether an account of the machine has this password; services such as SYSTEM have none. */
  mayLogIn(user: string, password: string): boolean;
}

/** One running process of the machine, as a handler sees it. */
export interface MachineProcess {
  readonly machine: WinrmMachine;
  /** Its own environment; names in lower case. What a handler sets lasts until the end of the command line. */
  readonly environment: Map<string, string>;
  readonly stdin: Readable;
  readonly signal: AbortSignal;
  /** Runs a line of cmd.exe in such a process, with another environment perhaps; its exit code. */
  run(line: string, process: MachineProcess): Promise<number>;
  out(data: string | Uint8Array): void;
  err(text: string): void;
}

/** Something the machine knows: a command of cmd.exe, or a script or statement of PowerShell. */
export interface WinrmHandler {
  readonly language: "cmd" | "powershell";
  /** The whole of a command (redirections taken off), of a script, or of one statement in a script. */
  readonly matches: RegExp;
  /** Does it and returns the exit code. `match` is that of `matches`. */
  run(process: MachineProcess, match: RegExpExecArray): Promise<number> | number;
}
