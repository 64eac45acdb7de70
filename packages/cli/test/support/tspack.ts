import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../../src/bin.ts", import.meta.url));
const tsx = import.meta.resolve("tsx");

export interface TspackOptions {
  readonly cwd: string;
  readonly env?: { readonly [name: string]: string | undefined };
  readonly input?: string;
}

export interface TspackResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the program from its sources, as a process of its own with the terminal taken away. */
export function startTspack(words: readonly string[], { cwd, env = {} }: TspackOptions): ChildProcessWithoutNullStreams {
  const { CI: _, PACKER_LOG: __, ...inherited } = process.env;
  return spawn(process.execPath, ["--conditions=source", "--import", tsx, program, ...words], { cwd, env: { ...inherited, ...env } });
}

/** Runs the program to its end. */
export async function tspack(words: readonly string[], options: TspackOptions): Promise<TspackResult> {
  return finish(startTspack(words, options));
}

/** Waits for a started program. */
export function finish(child: ChildProcessWithoutNullStreams): Promise<TspackResult> {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  child.stdin.end();
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }));
  });
}
