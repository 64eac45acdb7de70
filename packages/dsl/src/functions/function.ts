// What a function of the expression language is, and what it may use of the world around it.

import type { Evaluated } from "../hcl/eval/evaluate.ts";
import type { EvalScope } from "../hcl/eval/scope.ts";
import type { Type } from "../hcl/eval/type.ts";
import type { Value } from "../hcl/eval/value.ts";
import type { Expression } from "../hcl/syntax/tree.ts";

/** One parameter. The evaluator converts each argument to `type` before the call, and refuses what does not convert. */
export interface Parameter {
  readonly name: string;
  /** `dynamic` takes anything. */
  readonly type: Type;
  /** A null is refused unless this is set. */
  readonly allowNull?: boolean | undefined;
  /**
   * Unless set, an argument that is unknown, or holds something unknown, makes the result unknown without a call (it waits for all
   * that the arguments wait for). Set it for functions that handle parts: `length`, `merge`, `concat`, `lookup`, `keys`.
   */
  readonly allowUnknown?: boolean | undefined;
}

/**
 * A function of the expression language. Unless `handlesMarks`, the evaluator takes the marks of the arguments (and of all in them)
 * and puts them on the result.
 */
export interface HclFunction {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly variadic?: Parameter | undefined;
  /** True for functions that take lists and objects apart and put them together: marks of elements stay with the elements. */
  readonly handlesMarks?: boolean | undefined;
  /** True if two calls with the same arguments may differ: `timestamp`, `uuidv4`, `bcrypt`, and what reads files or services. */
  readonly impure?: boolean | undefined;
  /** The type of the result, as far as the arguments tell; `dynamic` where they do not. Throws `FunctionError`. */
  returns(args: readonly Value[]): Type;
  /** The result. Throws `FunctionError`, and `Pending` through `environment.service`. */
  call(args: readonly Value[], environment: FunctionEnvironment): Value;
  /** For `try`, `can` and `convert`, which take expressions rather than values: called instead of all else. */
  readonly special?: ((call: SpecialCall) => Evaluated) | undefined;
  /** What users are told of it: in editors, and in the pages about the language. */
  readonly doc?: FunctionDoc | undefined;
}

/** A function as its users see it. */
export interface FunctionDoc {
  /** One sentence: what it gives. */
  readonly summary: string;
  /** `upper(text)`, `max(...numbers)`. */
  readonly signature: string;
  /** At least one. */
  readonly examples: readonly FunctionExample[];
}

/** An expression of HCL that is a call of TypeScript as well, once `fn.` stands before it; and the JSON of its result. */
export interface FunctionExample {
  readonly code: string;
  /** The call in TypeScript, behind `fn.`, where it is written in another way. */
  readonly typescript?: string | undefined;
  readonly result: string;
}

/** A call whose arguments were not evaluated. */
export interface SpecialCall {
  readonly args: readonly Expression[];
  readonly scope: EvalScope;
  evaluate(expression: Expression, scope?: EvalScope): Evaluated;
  /** The call itself, for messages. */
  readonly at: Expression;
}

/** Refusal of an argument. The message is a sentence without its period, as cty's: `cannot read file "x"`. */
export class FunctionError extends Error {
  /** Index of the argument at fault; undefined when it is the call as a whole. */
  readonly argument: number | undefined;
  constructor(message: string, argument?: number) {
    super(message);
    this.name = "FunctionError";
    this.argument = argument;
  }
}

/** The file that an argument names is not there. The message shows nothing of the other arguments, which may be secret. */
export class MissingFileError extends FunctionError {}

/** What functions may use of the world. One per load; nothing is read from the process directly. */
export interface FunctionEnvironment {
  /** Now, in milliseconds since 1970: fixed when `SOURCE_DATE_EPOCH` is set. */
  now(): number;
  /** When the process started (`legacy_isotime`), fixed likewise. */
  readonly startedAt: number;
  /** `size` random bytes; the same ones on every call when the clock is fixed. */
  randomBytes(size: number): Uint8Array;
  /** Where relative paths of `file`, `templatefile`, `fileexists` and `fileset` start (row FUD-09): `path.root`. */
  readonly templateDirectory: string;
  /** Where those of `filebase64` and `abspath` start (row FUD-10). */
  readonly workingDirectory: string;
  readonly environment: { readonly [name: string]: string | undefined };
  /**
   * The answer of a service that is asked over the network (`vault`, `consul_key`, …). Answers are kept by `key` for the load. While
   * there is none yet it throws `Pending`; whoever drives the evaluation awaits that and evaluates again.
   */
  service(key: string, ask: () => Promise<string>): string;
  /** A file that was read, absolute: it is one more dependency of the load. */
  readFile?(path: string): void;
}

/** Thrown through an evaluation that needs the answer of a service. Await `answer`, then evaluate again. */
export class Pending extends Error {
  readonly answer: Promise<unknown>;
  constructor(answer: Promise<unknown>) {
    super("an answer is awaited");
    this.name = "Pending";
    this.answer = answer;
  }
}
