// The syntax tree of HCL, native and JSON. Nodes hold offsets into their source; `node.source.range(node.start, node.end)` is the place.
import type { SourceText } from "./source-text.ts";

/** What every node has: the stretch of the source it was read from, `end` exclusive, in UTF-16 units. */
export interface Node {
  readonly source: SourceText;
  readonly start: number;
  readonly end: number;
}

/** A comment as written, with its marks (`#`, `//`, `/* *\/`) and without the line end. */
export interface Comment extends Node {
  readonly text: string;
  /** True if a blank line stands between it and what follows (the next comment, or what it is attached to). */
  readonly blankAfter: boolean;
}

/** Comments attached to what they describe. */
export interface Commented {
  /** On lines of their own in front, in order. */
  readonly leading: readonly Comment[];
  /** Behind it on its last line. */
  readonly trailing?: Comment | undefined;
}

/** A file's or block's content, in the order written. */
export interface Body extends Node {
  readonly items: readonly (Attribute | Block)[];
  /** Comments after the last item. */
  readonly dangling: readonly Comment[];
}

/** `name = expression` */
export interface Attribute extends Node, Commented {
  readonly kind: "attribute";
  readonly name: string;
  readonly nameNode: Node;
  readonly value: Expression;
  /** True if a blank line stands in front of it (and of its leading comments). */
  readonly blankBefore: boolean;
}

/** `type "label" { … }` */
export interface Block extends Node, Commented {
  readonly kind: "block";
  readonly type: string;
  readonly typeNode: Node;
  readonly labels: readonly Label[];
  readonly body: Body;
  /** Behind the opening brace on its line. */
  readonly openComment?: Comment | undefined;
  readonly blankBefore: boolean;
}

/** A block's label, its escapes resolved. */
export interface Label extends Node {
  readonly text: string;
}

export type Expression =
  | NumberLiteral
  | BoolLiteral
  | NullLiteral
  | Template
  | Variable
  | GetAttribute
  | GetIndex
  | Splat
  | Call
  | Unary
  | Binary
  | Conditional
  | Tuple
  | ObjectConstructor
  | ForExpression
  | Parentheses
  | Missing;

export interface NumberLiteral extends Node {
  readonly kind: "number";
  /** As written: `1e3`, `00012`. */
  readonly text: string;
}

export interface BoolLiteral extends Node {
  readonly kind: "bool";
  readonly value: boolean;
}

export interface NullLiteral extends Node {
  readonly kind: "null";
}

/**
 * Quoted text, a heredoc, or a whole file read as a template. Of `form` quoted or file, one interpolation and nothing else is the
 * value itself, with its type.
 */
export interface Template extends Node {
  readonly kind: "template";
  readonly form: "quoted" | "heredoc" | "file";
  readonly parts: readonly TemplatePart[];
  /** For a heredoc: `EOT`, and whether it was `<<-`. */
  readonly heredoc?: { readonly marker: string; readonly indented: boolean } | undefined;
}

export type TemplatePart = TextPart | Interpolation | IfDirective | ForDirective;

/** Literal text. `value` has escapes resolved, `<<-` indents removed and trim markers applied, and is normalised to NFC. */
export interface TextPart extends Node {
  readonly kind: "text";
  readonly value: string;
}

/** `${ expression }`; the trim markers have been applied to the neighbours already. */
export interface Interpolation extends Node {
  readonly kind: "interpolation";
  readonly value: Expression;
}

/** `%{ if condition } … %{ else } … %{ endif }` */
export interface IfDirective extends Node {
  readonly kind: "if";
  readonly condition: Expression;
  readonly then: readonly TemplatePart[];
  readonly otherwise: readonly TemplatePart[];
}

/** `%{ for key, value in collection } … %{ endfor }` */
export interface ForDirective extends Node {
  readonly kind: "for-directive";
  readonly key?: string | undefined;
  readonly value: string;
  readonly collection: Expression;
  readonly body: readonly TemplatePart[];
}

/** A root name: `var`, `local`, an iteration's variable. */
export interface Variable extends Node {
  readonly kind: "variable";
  readonly name: string;
}

/** `object.name`, and the old index `list.0` as a GetIndex. */
export interface GetAttribute extends Node {
  readonly kind: "get-attribute";
  readonly object: Expression;
  readonly name: string;
  readonly nameNode: Node;
}

/** `collection[key]`, or `collection.0` (then `isLegacy`). */
export interface GetIndex extends Node {
  readonly kind: "get-index";
  readonly collection: Expression;
  readonly key: Expression;
  readonly isLegacy: boolean;
}

/** `list[*].a` (full) and `list.*.a` (attributes only): `each` is evaluated once per element, with `item` as the element. */
export interface Splat extends Node {
  readonly kind: "splat";
  readonly form: "full" | "attribute";
  readonly collection: Expression;
  /** Applied to each element; the element itself is the innermost `SplatItem`. */
  readonly each: SplatEach;
}

/** A chain of accesses on the element of a splat. */
export type SplatEach = readonly SplatStep[];

export type SplatStep = (
  | { readonly kind: "attribute"; readonly name: string }
  | { readonly kind: "index"; readonly key: Expression; readonly isLegacy: boolean }
  /** A splat within a full splat: `a[*].b[*].c`. */
  | { readonly kind: "splat"; readonly form: "full" | "attribute"; readonly each: SplatEach }
) &
  Node;

/** `name(arguments…)` */
export interface Call extends Node {
  readonly kind: "call";
  readonly name: string;
  readonly nameNode: Node;
  readonly args: readonly Expression[];
  /** The last argument is followed by `...`. */
  readonly expandsLast: boolean;
}

export interface Unary extends Node {
  readonly kind: "unary";
  readonly operator: "-" | "!";
  readonly operand: Expression;
}

export type BinaryOperator = "||" | "&&" | "==" | "!=" | "<" | ">" | "<=" | ">=" | "+" | "-" | "*" | "/" | "%";

export interface Binary extends Node {
  readonly kind: "binary";
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
}

export interface Conditional extends Node {
  readonly kind: "conditional";
  readonly condition: Expression;
  readonly then: Expression;
  readonly otherwise: Expression;
}

/** `[a, b]` */
export interface Tuple extends Node {
  readonly kind: "tuple";
  readonly elements: readonly TupleElement[];
  readonly dangling: readonly Comment[];
}

export interface TupleElement extends Commented {
  readonly value: Expression;
}

/** `{ a = 1, (b) = 2 }` */
export interface ObjectConstructor extends Node {
  readonly kind: "object";
  readonly items: readonly ObjectItem[];
  readonly dangling: readonly Comment[];
}

export interface ObjectItem extends Commented {
  /** A bare word stands as `Variable` with `isLiteralKey`: then it is its own name as text, not a reference. */
  readonly key: Expression;
  readonly isLiteralKey: boolean;
  readonly value: Expression;
}

/** `[for k, v in c : value if condition]`, `{for k, v in c : key => value... if condition}` */
export interface ForExpression extends Node {
  readonly kind: "for";
  readonly keyName?: string | undefined;
  readonly valueName: string;
  readonly collection: Expression;
  /** Given for an object. */
  readonly key?: Expression | undefined;
  readonly value: Expression;
  readonly groups: boolean;
  readonly condition?: Expression | undefined;
}

export interface Parentheses extends Node {
  readonly kind: "parentheses";
  readonly value: Expression;
}

/** Stands where an expression could not be read; the parser has reported it. Evaluates to an unknown value without a further message. */
export interface Missing extends Node {
  readonly kind: "missing";
}
