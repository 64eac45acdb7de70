import type { HclFunction } from "../../functions/function.ts";
import type { Value } from "./value.ts";

/** Names an expression may use. Scopes of `for` expressions and template directives chain to their parent. */
export interface EvalScope {
  /** The value of a root name (`var`, `local`, an iteration's variable); undefined when there is none. */
  variable(name: string): Value | undefined;
  /** Root names there are, for `did you mean`. */
  variableNames(): Iterable<string>;
  /** The function of a name; undefined when there is none. */
  function(name: string): HclFunction | undefined;
  functionNames(): Iterable<string>;
  /** Why a function or name that exists elsewhere is not available here (`env`, `each`): becomes the detail of the message. */
  explainMissing?(kind: "variable" | "function", name: string): string | undefined;
}
