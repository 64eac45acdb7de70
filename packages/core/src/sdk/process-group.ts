// Child processes in groups of their own, so that what they start can be stopped with them.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";

export interface ProcessGroupOptions {
  readonly env: { readonly [name: string]: string | undefined };
  readonly cwd: string;
  /** Whether the program gets something to read; else its standard input is empty. */
  readonly hasInput?: boolean | undefined;
  /** How long processes have between being asked to end and being killed; 5 seconds unless given. */
  readonly graceMs?: number | undefined;
}

/** A running program and everything that it started. */
export interface ProcessGroup {
  readonly child: ChildProcess;
  /** Asks all of the group to end, kills what has not ended in time, and waits for that. */
  stop(): Promise<void>;
}

/**
 * Starts a program, without a shell, as the leader of a process group (and of a session: it has no terminal). Its output is
 * piped. Groups that still run when our own process exits are killed then. Whoever starts one waits for its end or stops it.
 */
export function startProcessGroup(argv: readonly [string, ...string[]], options: ProcessGroupOptions): ProcessGroup {
  const [program, ...args] = argv;
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...options.env },
    detached: process.platform !== "win32",
    windowsHide: true,
    stdio: [options.hasInput === true ? "pipe" : "ignore", "pipe", "pipe"],
  });
  const { pid } = child;
  if (pid !== undefined) {
    watch(pid);
    // Not on "exit": what holds the output open is still part of the program. A daemon that lets go of it may stay.
    child.once("close", () => unwatch(pid));
  }
  // Whoever cares listens too; without a listener a failure to start would end our process.
  child.on("error", () => undefined);
  return { child, stop: () => stop(child, options.graceMs ?? GRACE_MS) };
}

// --- internal ---

const GRACE_MS = 5_000;
/** What outlives the group's leader gets this long. */
const STRAGGLER_MS = 1_000;
/** Processes that were killed get this long to be gone. */
const KILLED_MS = 200;
const POLL_MS = 20;

/** Groups that have to die with us. */
const running = new Set<number>();

function watch(pid: number): void {
  if (running.size === 0) process.on("exit", killAll);
  running.add(pid);
}

function unwatch(pid: number): void {
  running.delete(pid);
  if (running.size === 0) process.off("exit", killAll);
}

function killAll(): void {
  for (const pid of running) signalGroup(pid, "SIGKILL");
}

async function stop(child: ChildProcess, graceMs: number): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return;
  const exited = child.exitCode === null && child.signalCode === null ? once(child, "exit") : Promise.resolve();
  signalGroup(pid, "SIGTERM");
  const grace = new AbortController();
  await Promise.race([exited, wait(graceMs, undefined, { signal: grace.signal })]).finally(() => grace.abort());
  for (let waited = 0; waited < Math.min(graceMs, STRAGGLER_MS) && isAlive(pid); waited += POLL_MS) await wait(POLL_MS);
  signalGroup(pid, "SIGKILL");
  await exited;
  // The system takes a moment to end the others. Not longer: one that has ended counts until somebody collects it.
  for (let waited = 0; waited < KILLED_MS && isAlive(pid); waited += POLL_MS) await wait(POLL_MS);
  // A process that was killed may have left the pipes to one that is out of our reach.
  child.stdin?.destroy();
  child.stdout?.destroy();
  child.stderr?.destroy();
}

function isAlive(pid: number): boolean {
  return signalGroup(pid, 0);
}

/** False when there is nobody left to signal. */
function signalGroup(pid: number, signal: "SIGTERM" | "SIGKILL" | 0): boolean {
  if (process.platform === "win32") return signalTree(pid, signal);
  try {
    process.kill(-pid, signal);
    return true;
  } catch {
    // ESRCH: all of the group has ended. EPERM: it runs as somebody else now, which we cannot change.
    return false;
  }
}

/** Windows has no process groups; taskkill follows the tree of parents. */
function signalTree(pid: number, signal: "SIGTERM" | "SIGKILL" | 0): boolean {
  if (signal === 0) return false;
  spawn("taskkill", ["/pid", String(pid), "/t", "/f"], { stdio: "ignore", windowsHide: true }).on("error", () => undefined);
  return true;
}
