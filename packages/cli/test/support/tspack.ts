import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../..", import.meta.url));

/** The program as it is installed. */
export const program = fileURLToPath(new URL("../../bin/tspack.cjs", import.meta.url));

let isBuilt = false;

/** Builds the program from the sources of now, once per test file. `npm test` must not depend on a build made by hand. */
export function buildProgram(): void {
  if (isBuilt) return;
  execFileSync(process.execPath, ["--import", "tsx", "scripts/bundle.ts", "--program-only"], { cwd: root, stdio: "pipe" });
  isBuilt = true;
}

export interface TspackOptions {
  readonly cwd: string;
  /** What it reads from standard input; nothing unless given. */
  readonly input?: string;
  readonly env?: { readonly [name: string]: string | undefined };
}

export interface TspackResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the built program as a process of its own. Its input and output are pipes. */
export function startTspack(words: readonly string[], { cwd, env = {} }: TspackOptions): ChildProcessWithoutNullStreams {
  buildProgram();
  const { PACKER_LOG: _, ...inherited } = process.env;
  return spawn(process.execPath, [program, ...words], { cwd, env: { ...inherited, ...env } });
}

/** Runs the program to its end. */
export async function tspack(words: readonly string[], options: TspackOptions): Promise<TspackResult> {
  return finish(startTspack(words, options), options.input);
}

/** Waits for a started program. */
export function finish(child: ChildProcessWithoutNullStreams, input = ""): Promise<TspackResult> {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }));
  });
}
