import { randomUUID } from "node:crypto";
import { link, open, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CancelledError, isCancellation } from "../diagnostics/error.ts";

/** How a lock is waited for. */
export interface FileLockOptions {
  readonly signal: AbortSignal;
  /** Called once, when somebody else has the lock. */
  readonly onWait?: (() => void) | undefined;
}

/** A holder shows that it lives by touching the file this often. */
const HEARTBEAT_MS = 1000;
/** A lock that nobody touched for so long is abandoned: at once if its process is known to be gone, later if it cannot be told. */
const DEAD_AFTER_MS = 2 * HEARTBEAT_MS;
const SILENT_AFTER_MS = 10 * HEARTBEAT_MS;
const POLL_MS = 50;

/** Holders and waiters of this process, by path: the last one's end. */
const queues = new Map<string, Promise<void>>();

/**
 * Runs `body` while holding a lock file, alone among all tasks and processes that do the same. The file (created next to
 * what it guards, `FILE.lock` by custom) is removed afterwards. Tasks of this process take turns in order. The lock of a
 * process that died is taken over; a lock that is held is waited for as long as it takes, or until `signal` aborts.
 */
export async function withFileLock<T>(path: string, options: FileLockOptions, body: () => Promise<T>): Promise<T> {
  const key = resolve(path);
  const before = queues.get(key) ?? Promise.resolve();
  const { promise: done, resolve: finish } = openPromise();
  const mine = before.then(() => done);
  queues.set(key, mine);
  try {
    await settledOrAborted(before, options.signal);
    const release = await acquire(key, options);
    try {
      return await body();
    } finally {
      await release();
    }
  } finally {
    finish();
    if (queues.get(key) === mine) queues.delete(key);
  }
}

async function acquire(path: string, options: FileLockOptions): Promise<() => Promise<void>> {
  const content = JSON.stringify({ pid: process.pid, host: hostname(), token: randomUUID() });
  let seen = "";
  let seenSince = 0;
  let waited = false;
  for (;;) {
    if (options.signal.aborted) throw new CancelledError();
    try {
      await create(path, content);
      return keep(path, content);
    } catch (error) {
      if (errorCode(error) !== "EEXIST") throw error;
    }
    if (!waited) options.onWait?.();
    waited = true;
    const state = await look(path);
    if (state === undefined) continue;
    // Our own clock measures the silence: that of a network drive may differ.
    if (state.mark !== seen) {
      seen = state.mark;
      seenSince = performance.now();
    } else if (performance.now() - seenSince > (isGone(state.content) ? DEAD_AFTER_MS : SILENT_AFTER_MS)) {
      await takeAway(path, state.content);
      continue;
    }
    await sleep(POLL_MS, undefined, { signal: options.signal }).catch(asCancellation);
  }
}

/** Makes the file, or throws EEXIST. On a full disk none is left: an empty lock would keep everybody waiting. */
async function create(path: string, content: string): Promise<void> {
  const file = await open(path, "wx");
  try {
    await file.writeFile(content);
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

function keep(path: string, content: string): () => Promise<void> {
  const heartbeat = setInterval(() => {
    const now = new Date();
    // A missed beat is harmless, and so is one after the release.
    utimes(path, now, now).catch(() => undefined);
  }, HEARTBEAT_MS);
  heartbeat.unref();
  return async () => {
    clearInterval(heartbeat);
    // Somebody who thought us dead may have taken the lock over; theirs is not ours to remove.
    const current = await readFile(path, "utf8").catch(() => undefined);
    if (current === content) await rm(path, { force: true });
  };
}

interface LockState {
  readonly content: string;
  /** Changes with every heartbeat and every holder. */
  readonly mark: string;
}

async function look(path: string): Promise<LockState | undefined> {
  try {
    const [content, { mtimeMs, ino }] = await Promise.all([readFile(path, "utf8"), stat(path)]);
    return { content, mark: `${content} ${mtimeMs} ${ino}` };
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Moves an abandoned lock aside. Renaming decides between several who try; whoever moved a fresh lock puts it back. */
async function takeAway(path: string, abandoned: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return;
    throw error;
  }
  const moved = await readFile(aside, "utf8");
  if (moved !== abandoned) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

/**
 * True if the lock names a process of this machine that no longer exists. Our own number tells of one before us, for we wait for nobody
 * of our own here: containers often give every process the same.
 */
function isGone(content: string): boolean {
  let holder: unknown;
  try {
    holder = JSON.parse(content);
  } catch {
    // Packer's lock files are empty.
    return false;
  }
  if (typeof holder !== "object" || holder === null || !("pid" in holder) || !("host" in holder)) return false;
  if (typeof holder.pid !== "number" || holder.host !== hostname()) return false;
  if (holder.pid === process.pid) return true;
  try {
    process.kill(holder.pid, 0);
    return false;
  } catch (error) {
    return errorCode(error) === "ESRCH";
  }
}

async function settledOrAborted(before: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) throw new CancelledError();
  const { promise: aborted, resolve: abort } = openPromise();
  signal.addEventListener("abort", abort, { once: true });
  try {
    await Promise.race([before, aborted]);
    if (signal.aborted) throw new CancelledError();
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function openPromise(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let settle: (() => void) | undefined;
  const promise = new Promise<void>((resolvePromise) => {
    settle = resolvePromise;
  });
  return { promise, resolve: () => settle?.() };
}

function asCancellation(error: unknown): never {
  throw isCancellation(error) ? new CancelledError() : error;
}

function errorCode(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
