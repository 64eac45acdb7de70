import * as assert from "uvu/assert";

/** Awaits a rejection and returns the error; `expected` compares a code and matches the message. */
export async function rejects(promise: Promise<unknown>, expected: { code?: string; message?: RegExp } = {}): Promise<Error> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error === undefined) assert.unreachable("the promise was expected to reject");
  const actual = error as Error & { code?: string };
  if (expected.code !== undefined) assert.is(actual.code, expected.code);
  if (expected.message !== undefined) assert.match(actual.message, expected.message);
  return actual;
}
