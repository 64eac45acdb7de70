import { stringType, type Type } from "../../hcl/eval/type.ts";
import type { Call, Expression } from "../../hcl/syntax/tree.ts";
import type { Code } from "./code.ts";
import { coerce } from "./coerce.ts";
import type { Scope } from "./scope.ts";
import { literalValue } from "./text.ts";

/** Writes a call in TypeScript; undefined where only the function itself does what HCL does. */
export type CallConverter = (call: Arguments, wanted: Type | undefined) => Code | undefined;

/** The arguments of a call, converted when asked for. */
export class Arguments {
  readonly node: Call;
  readonly scope: Scope;

  constructor(node: Call, scope: Scope) {
    this.node = node;
    this.scope = scope;
  }

  get count(): number {
    return this.node.args.length;
  }

  /** True if the last one is a list of arguments: `max(list...)`. */
  get isSpread(): boolean {
    return this.node.expandsLast;
  }

  /** The expression of an argument. */
  expression(index: number): Expression | undefined {
    return this.node.args[index];
  }

  /** An argument in code, converted to the wanted type where HCL would; undefined when there is none. */
  at(index: number, wanted?: Type): Code | undefined {
    const node = this.node.args[index];
    return node === undefined ? undefined : coerce(this.scope.convert(node, this.scope, wanted), wanted);
  }

  /** All arguments from one on. */
  from(index: number, wanted?: Type): readonly Code[] {
    return this.node.args.slice(index).map((node) => coerce(this.scope.convert(node, this.scope, wanted), wanted));
  }

  /** A text that is there for certain; undefined when its type is not known, or it may be null. */
  text(index: number): Code | undefined {
    const value = this.at(index, stringType);
    return value !== undefined && value.type.kind === "string" && value.nullable !== true && !this.isSpread ? value : undefined;
  }

  /** The value of an argument that is literal text. */
  literal(index: number): string | undefined {
    const value = this.text(index);
    return value === undefined ? undefined : literalValue(value.text);
  }

  /** Our library. */
  use(name: string): string {
    return this.scope.context.imports.use(name);
  }
}
