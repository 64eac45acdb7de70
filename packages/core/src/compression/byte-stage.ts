import { CancelledError } from "../diagnostics/error.ts";

/**
 * A stage of a byte stream: takes chunks, gives chunks, pulls only what it is asked for. Stands between source and
 * destination of `pipeline` from `node:stream/promises`, or is called directly and iterated over.
 */
export type ByteStage = (source: AsyncIterable<Uint8Array>) => AsyncGenerator<Buffer, void, undefined>;

/**
 * Cuts a stream into blocks of exactly `sizeBytes`, the last one shorter; none for an empty stream. Each block is fresh memory.
 * Throws a cancellation once `signal` aborts.
 */
export async function* blocksOf(
  source: AsyncIterable<Uint8Array>,
  sizeBytes: number,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  let block: Buffer | undefined;
  let filled = 0;
  for await (const chunk of source) {
    // `pipeline` destroys streams on abort, but cannot stop a chain of generators.
    if (signal.aborted) throw new CancelledError();
    let taken = 0;
    while (taken < chunk.length) {
      block ??= Buffer.allocUnsafeSlow(sizeBytes);
      const part = chunk.subarray(taken, taken + sizeBytes - filled);
      block.set(part, filled);
      filled += part.length;
      taken += part.length;
      if (filled === sizeBytes) {
        yield block;
        block = undefined;
        filled = 0;
      }
    }
  }
  if (block !== undefined) yield block.subarray(0, filled);
}

/** Runs `task` for up to `limit` items at once and yields the results in the items' order. The first failure ends it. */
export async function* mapOrdered<Item, Result>(
  source: AsyncIterable<Item>,
  limit: number,
  task: (item: Item) => Promise<Result>,
): AsyncGenerator<Result, void, undefined> {
  const running: Promise<Result>[] = [];
  for await (const item of source) {
    const started = task(item);
    // It is awaited when its turn comes; until then its failure must not count as unhandled.
    started.catch(() => undefined);
    running.push(started);
    if (running.length < limit) continue;
    const next = running.shift();
    if (next !== undefined) yield await next;
  }
  for (const result of running) yield await result;
}
