import type { Dependency } from "@tspack/core";
import type { FunctionEnvironment, HclFunction } from "../../functions/function.ts";
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
  /** What functions called here may use of the world. */
  readonly environment: FunctionEnvironment;
  /**
   * The value of a reference (an unknown value with `reference`) where this scope knows it by now; undefined while it does not. Asked
   * with the narrowest reference: for `data.http.x.body` once, with that path.
   */
  resolve?(reference: Dependency): Value | undefined;
  /** Why a function or name that exists elsewhere is not available here (`env`, `each`): becomes the detail of the message. */
  explainMissing?(kind: "variable" | "function", name: string): string | undefined;
}
