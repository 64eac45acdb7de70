// Where a piece of a program stands, as far as merging must know.
import type { Scope } from "./settings.ts";

/** Where pieces stand that are merged. */
export interface Place {
  /** The templates that come here. */
  readonly scope: Scope;
  /** Names for a value at this place, best first. */
  readonly names: readonly string[];
  /** The place is reached by templates that lack it, too: what they read there must be of the type. */
  readonly isAlwaysRead?: boolean | undefined;
  /** The compiler needs to see the value itself: a key, a word of a schema. */
  readonly isLiteral?: boolean | undefined;
  /** An operator stands beside it. */
  readonly isOperand?: boolean | undefined;
  /** What a list or object here may hold: `undefined` for options that are not set, `false` for steps that do not run. */
  readonly holds?: "options" | "steps" | undefined;
}

/** The place of a part of what stands at a place: nothing said about the whole is said about it. */
export function within({ scope, names, isAlwaysRead, isLiteral }: Place, name?: string): Place {
  return { scope, names: name === undefined ? names : [name, ...names], isAlwaysRead, isLiteral };
}
