// Checks of arguments for programs that no type checker has seen. What is wrong here cannot be gone on from, so they throw.
import { describe } from "./config.ts";
import { captureOrigin, failure } from "./report.ts";

/** A name is text that is not empty. */
export function requireName(call: string, argument: string, value: unknown): asserts value is string {
  if (typeof value === "string" && value !== "") return;
  const what = value === "" ? "empty" : describe(value);
  throw failure({
    code: "TPK1006",
    summary: "Invalid argument",
    detail: `The ${argument} given to ${call}() is ${what}; it must be text.`,
    origin: captureOrigin(),
  });
}

/** A configuration is a plain object. */
export function requireConfig(call: string, value: unknown): { readonly [option: string]: unknown } {
  if (describe(value) === "an object") return value as { readonly [option: string]: unknown };
  throw failure({
    code: "TPK1006",
    summary: "Invalid argument",
    detail: `The options given to ${call} are ${describe(value)}; they must be an object.`,
    origin: captureOrigin(),
  });
}
