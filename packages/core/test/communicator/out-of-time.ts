import { rejects } from "@tspack/test-support";

/** What connecting fails with. */
export interface Expected {
  readonly code: string;
  readonly message?: RegExp;
  /** Whether it was tried for as long as the test needs; for as long as one attempt takes, unless given. */
  readonly isEnough?: () => boolean;
}

/**
 * Connects where nobody lets it in until its time is over, and resolves to the error, which says why the last attempt failed. Where the
 * tests run slowly this is done again with more time, until an attempt has ended within it.
 */
export async function outOfTime(
  connect: (timeout: string) => Promise<unknown>,
  leastMs: number,
  { isEnough = () => true, ...expected }: Expected,
): Promise<Error> {
  for (let limitMs = leastMs; ; limitMs *= 4) {
    const error = await rejects(connect(`${limitMs}ms`));
    const isEarly = error.message.includes("the first attempt was still under way") || !isEnough();
    if (!isEarly || limitMs > MOST_MS) return rejects(Promise.reject(error), expected);
  }
}

const MOST_MS = 20_000;
