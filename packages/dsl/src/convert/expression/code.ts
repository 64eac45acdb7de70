// What a converted expression is, and what the converter asks of the module around it.
import type { Type } from "../../hcl/eval/type.ts";
import type { Expression } from "../../hcl/syntax/tree.ts";
import { boundedType } from "./bounded-type.ts";
import type { Imports } from "./imports.ts";
import type { NameScope } from "./names.ts";

/** A piece of TypeScript. */
export interface Code {
  /** May span lines; indented relative to its first line. Move it with `indent`, which leaves the lines of template literals alone. */
  readonly text: string;
  /** How tightly its outermost operator binds, so that parentheses stand only where they are needed. */
  readonly precedence: Precedence;
  /** HCL type of the value, as far as known; `dynamic` otherwise. */
  readonly type: Type;
  /** True if the value is a Ref, or may be one. */
  readonly isRef: boolean;
  /** With `isRef`: it may be a plain value as well, as a conditional with a Ref on one side. */
  readonly mixed?: boolean | undefined;
  /** True if it is a plain list or object with Refs at some of its elements. */
  readonly holdsRefs?: boolean | undefined;
  /** True if it may be `undefined`, as HCL's null is. */
  readonly nullable?: boolean | undefined;
  /**
   * True if the TypeScript type says what the HCL type says: maps are `Record`s, lists arrays. That of a value written out (a `const`
   * with an object literal) is narrower.
   */
  readonly declared?: boolean | undefined;
  /** Of a list or object written out: its elements by name or position. */
  readonly members?: ReadonlyMap<string, Code> | undefined;
  /** True if its TypeScript type is `any`. */
  readonly untyped?: boolean | undefined;
  /** Of a list made with `map`: the same with `flatMap`, which takes one level of lists away. */
  readonly flatMapped?: string | undefined;
  /** True if TypeScript takes it for a `Record<string, unknown>`: any name may be asked for, and nothing is known of the answer. */
  readonly isOpenRecord?: boolean | undefined;
  /** True if it is a call of `at`, to which another key can be added. */
  readonly isAt?: boolean | undefined;
  /** True if TypeScript infers a type of single values for it (`const a = "x"`), which it refuses to compare with another value. */
  readonly literal?: boolean | undefined;
}

/** How tightly an operator binds; higher is tighter. */
export type Precedence = (typeof precedence)[keyof typeof precedence];

export const precedence = {
  arrow: 1,
  conditional: 2,
  /** `??`, which does not mix with `||` and `&&`. */
  nullish: 3,
  or: 4,
  and: 5,
  equality: 6,
  relational: 7,
  additive: 8,
  multiplicative: 9,
  unary: 10,
  access: 11,
  primary: 12,
} as const;

/** The module that the expression stands in. */
export interface ExpressionContext {
  /**
   * TypeScript for a reference by its root name and the names behind it: `("var", ["x"])`, `("data", ["http", "x", "body"])`. `consumed`
   * says how many names of the path the code stands for; the rest is the converter's. undefined: it cannot be expressed.
   */
  resolve(root: string, path: readonly string[]): { readonly code: Code; readonly consumed: number } | undefined;
  readonly imports: Imports;
  readonly names: NameScope;
  /** Static type of an expression that uses root names alone. */
  typeOf(expression: Expression): Type;
  /** Something the user should look at: goes to the report. */
  attention(node: Expression, message: string): void;
  /**
   * Told that a reference whose code is `literal` is compared with another value: its `const` must be annotated with its wide type
   * (`const os: string = "debian"`). Without it the comparison goes through a conversion.
   */
  widen?(root: string, path: readonly string[]): void;
  /**
   * Declares a constant of the module for a value that cannot be computed where the expression stands, and gives its name; for the same
   * text the same name. Given inside of functions, where nothing can be awaited. Whoever declares it imports what its text names.
   */
  constant?(wish: string, value: Code): string;
  /** How many levels the expression will be indented: for line lengths. */
  readonly level?: number | undefined;
}

/** Makes a `Code`; plain, of primary precedence unless said otherwise. A type that is too large to work with becomes `dynamic`. */
export function code(text: string, type: Type, rest: Partial<Omit<Code, "text" | "type">> = {}): Code {
  return { precedence: precedence.primary, isRef: false, ...rest, text, type: boundedType(type) };
}

/** The text, in parentheses when it binds less tightly than where it stands. */
export function operand(part: Code, at: Precedence): string {
  return part.precedence < at ? `(${part.text})` : part.text;
}

/** The text as the object of `.name`, `[key]` or a call. */
export function receiver(part: Code): string {
  return /^\d/.test(part.text) ? `(${part.text})` : operand(part, precedence.access);
}

/** The text in front of the `?` of a conditional, which would be read as a part of the type behind an `as`. */
export function conditionText(part: Code): string {
  const isCast = part.precedence === precedence.relational && / as \w/.test(part.text);
  return isCast ? `(${part.text})` : operand(part, precedence.nullish);
}

/** The text as the body of an arrow function. */
export function arrowBody(part: Code): string {
  return part.text.startsWith("{") || part.precedence === precedence.conditional ? `(${part.text})` : part.text;
}
