// The syntax tree of a template string. `at` is the offset of the node in the text, for error messages.

/** A run of templates, texts and control structures. */
export type Body = readonly TemplateNode[];

export type TemplateNode =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "action"; readonly pipeline: Pipeline }
  | { readonly kind: "if" | "with"; readonly pipeline: Pipeline; readonly body: Body; readonly otherwise: Body }
  | { readonly kind: "range"; readonly pipeline: Pipeline; readonly body: Body; readonly otherwise: Body; readonly at: number }
  | { readonly kind: "template"; readonly name: string; readonly pipeline: Pipeline | undefined; readonly at: number }
  | { readonly kind: "break" | "continue" };

/** `$x := command | command`. The value of each command is the last argument of the next one. */
export interface Pipeline {
  /** Names with their dollar sign; two only in `range`. */
  readonly variables: readonly string[];
  /** True for `=`, false for `:=`. */
  readonly assigns: boolean;
  readonly commands: readonly Command[];
  readonly at: number;
}

/** An operand or call with its arguments. */
export interface Command {
  readonly operands: readonly [Operand, ...Operand[]];
  readonly at: number;
}

export type Operand =
  | { readonly kind: "dot" | "nil"; readonly at: number }
  | { readonly kind: "boolean"; readonly value: boolean; readonly at: number }
  | { readonly kind: "string"; readonly value: string; readonly at: number }
  /** A bigint is Go's int, a number its float64. */
  | { readonly kind: "number"; readonly value: bigint | number; readonly at: number }
  /** `.A.B` on dot. */
  | { readonly kind: "field"; readonly names: readonly string[]; readonly at: number }
  /** `$x.A.B`. */
  | { readonly kind: "variable"; readonly name: string; readonly names: readonly string[]; readonly at: number }
  /** `(pipeline).A.B`, or a literal or call with fields behind it. */
  | { readonly kind: "chain"; readonly of: Operand; readonly names: readonly string[]; readonly at: number }
  | { readonly kind: "call"; readonly name: string; readonly at: number }
  | { readonly kind: "pipeline"; readonly pipeline: Pipeline; readonly at: number };

/** A parsed template string with the templates it defines. */
export interface Template {
  readonly body: Body;
  readonly defined: ReadonlyMap<string, Body>;
}
