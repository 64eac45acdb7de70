import { FunctionError } from "./function.ts";

/** Text that a few arguments blow up beyond this is refused rather than waited for. */
const MOST_CHARACTERS = 100_000_000;

/** Throws `FunctionError` when a result would have more characters than any template needs. */
export function refuseSize(characters: number, argument?: number): void {
  if (characters > MOST_CHARACTERS) throw new FunctionError("the result would be longer than 100 million characters", argument);
}
