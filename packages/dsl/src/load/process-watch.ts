// What the process alone can tell about the code of a program: errors that nobody catches, and that nothing is going on any more.
// One listener for each serves all loads, and only while there are any.

/** Told about the process while a load waits, or a command runs. */
export interface ProcessWatcher {
  /** An exception or a rejection that nobody handled. Answers whether it was the watcher's. */
  onStrayError(error: unknown): boolean;
  /** Nothing is left that could run: what is waited for will never come. */
  onIdle(): void;
}

const watchers = new Set<ProcessWatcher>();

/** Starts watching; returns what ends it. Who came last is asked first. */
export function watchProcess(watcher: ProcessWatcher): () => void {
  if (watchers.size === 0) {
    process.on("uncaughtException", onException);
    process.on("unhandledRejection", onRejection);
    process.on("beforeExit", onIdle);
  }
  watchers.add(watcher);
  return () => {
    watchers.delete(watcher);
    if (watchers.size === 0) removeListeners();
  };
}

// --- internal ---

function removeListeners(): void {
  process.off("uncaughtException", onException);
  process.off("unhandledRejection", onRejection);
  process.off("beforeExit", onIdle);
}

function isTaken(error: unknown): boolean {
  return [...watchers].reverse().some((watcher) => watcher.onStrayError(error));
}

/** Our listening must not hide the mistakes of others: without another listener Node would have ended the process. */
function onException(error: unknown): void {
  if (isTaken(error) || process.listenerCount("uncaughtException") > 1) return;
  removeListeners();
  process.nextTick(() => {
    throw error;
  });
}

function onRejection(reason: unknown): void {
  if (isTaken(reason) || process.listenerCount("unhandledRejection") > 1) return;
  throw reason;
}

function onIdle(): void {
  for (const watcher of watchers) watcher.onIdle();
}
