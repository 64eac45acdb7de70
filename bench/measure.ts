// Runs a program and measures it with everything it starts: wall time, CPU time, and the peak of memory summed over its process tree.
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";

export interface Measurement {
  readonly wallMs: number;
  /** User and system time of the program and all children it waited for. */
  readonly cpuMs: number;
  /** Highest sum of resident memory over the process tree, sampled every 20 ms. */
  readonly peakBytes: number;
}

export interface Command {
  readonly argv: readonly [string, ...string[]];
  readonly cwd?: string | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** A command that is expected to fail, or whose status does not matter. */
  readonly anyStatus?: boolean | undefined;
}

const pageBytes = 4096;
/** Linux counts CPU time in hundredths of a second. */
const tickMs = 10;

/** Environment of every measured program: start-up of Node 20 is slower by 37 ms with extra certificates, so they are left out. */
export function cleanEnvironment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const { NODE_EXTRA_CA_CERTS: _, ...rest } = process.env;
  return { ...rest, CHECKPOINT_DISABLE: "1", ...extra };
}

/** One measured execution. bash's `time` reports the CPU of all that was waited for. */
export function measure(command: Command): Promise<Measurement> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn("bash", ["-c", 'TIMEFORMAT="%U %S"; time "$@" >/dev/null 2>/dev/null', "bash", ...command.argv], {
      cwd: command.cwd,
      env: cleanEnvironment(command.env),
      stdio: ["ignore", "ignore", "pipe"],
    });
    let peakBytes = 0;
    const sampler = setInterval(() => {
      if (child.pid !== undefined) peakBytes = Math.max(peakBytes, descendantBytes(child.pid));
    }, 20);
    let report = "";
    child.stderr.on("data", (chunk: Buffer) => {
      report += chunk.toString();
    });
    child.on("error", reject);
    child.on("close", (code) => {
      clearInterval(sampler);
      if (code !== 0 && command.anyStatus !== true) return reject(new Error(`${command.argv.join(" ")} ended with ${code}`));
      const [user = 0, system = 0] = report.trim().split(/\s+/).slice(-2).map(Number);
      resolve({ wallMs: performance.now() - started, cpuMs: (user + system) * 1000, peakBytes });
    });
  });
}

/** Medians of several executions after one that warms caches. */
export async function median(command: Command, times = 5, before?: () => void): Promise<Measurement> {
  before?.();
  await measure(command);
  const all: Measurement[] = [];
  for (let index = 0; index < times; index++) {
    before?.();
    all.push(await measure(command));
  }
  const middle = (pick: (measurement: Measurement) => number): number =>
    all.map(pick).sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;
  return { wallMs: middle((m) => m.wallMs), cpuMs: middle((m) => m.cpuMs), peakBytes: middle((m) => m.peakBytes) };
}

/** Resident memory of a process's descendants, without bash itself. */
function descendantBytes(root: number): number {
  return processTree(root).reduce((sum, { pid, bytes }) => sum + (pid === root ? 0 : bytes), 0);
}

/** A process, as it is at the moment. */
export interface ProcessState {
  readonly pid: number;
  /** Name of its program, cut after 15 characters. */
  readonly name: string;
  /** Resident memory. */
  readonly bytes: number;
  /** User and system time of the process itself so far. */
  readonly cpuMs: number;
}

/** A process and all its descendants. */
export function processTree(root: number): readonly ProcessState[] {
  const parents = new Map<number, number>();
  const states: ProcessState[] = [];
  for (const entry of readdirSync("/proc")) {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) continue;
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const end = stat.lastIndexOf(")");
      const [, parent, , , , , , , , , , user, system] = stat
        .slice(end + 2)
        .split(" ")
        .map(Number);
      const bytes = Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]) * pageBytes;
      parents.set(pid, parent ?? 0);
      states.push({ pid, name: stat.slice(stat.indexOf("(") + 1, end), bytes, cpuMs: ((user ?? 0) + (system ?? 0)) * tickMs });
    } catch {
      // The process ended while we looked.
    }
  }
  return states.filter(({ pid }) => {
    let ancestor: number | undefined = pid;
    while (ancestor !== undefined && ancestor > 1 && ancestor !== root) ancestor = parents.get(ancestor);
    return ancestor === root;
  });
}
