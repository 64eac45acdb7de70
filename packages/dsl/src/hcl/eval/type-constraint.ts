// The type constraints of variables: `list(string)`, `object({ a = optional(number, 1) })`.
import { type Diagnostic, didYouMean } from "@tspack/core";
import type { Call, Expression, Node, ObjectItem } from "../syntax/tree.ts";
import { openingOf } from "./call.ts";
import { ConversionError } from "./conversion-error.ts";
import { convert } from "./convert.ts";
import { emptyScope } from "./empty-scope.ts";
import { evaluate } from "./evaluate.ts";
import { boolType, dynamicType, listOf, mapOf, numberType, type ObjectType, setOf, stringType, type Type, tupleOf } from "./type.ts";
import type { Value } from "./value.ts";

/** A type, `any` where the constraint has errors. */
export interface ParsedType {
  readonly type: Type;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads an expression as a type constraint. Types of attributes may be `optional(T)` or `optional(T, DEFAULT)`. */
export function parseTypeConstraint(expression: Expression): ParsedType {
  const reader = new TypeReader();
  const type = reader.read(expression);
  return { type, diagnostics: reader.diagnostics };
}

// --- internal ---

const primitives: ReadonlyMap<string, Type> = new Map([
  ["string", stringType],
  ["number", numberType],
  ["bool", boolType],
  ["any", dynamicType],
]);

/** Kinds with an argument, and an example of each. */
const constructors: ReadonlyMap<string, string> = new Map([
  ["list", "list(string)"],
  ["set", "set(string)"],
  ["map", "map(string)"],
  ["tuple", "tuple([string, number])"],
  ["object", "object({ name = string })"],
]);

class TypeReader {
  readonly diagnostics: Diagnostic[] = [];

  read(expression: Expression): Type {
    switch (expression.kind) {
      case "variable":
        return primitives.get(expression.name) ?? this.#unknownName(expression, expression.name, true);
      case "call":
        return this.#call(expression);
      case "parentheses":
        return this.read(expression.value);
      case "missing":
        return dynamicType;
      case "template":
        return this.#quoted(expression);
      default:
        return this.#fail(
          expression,
          "A type is needed here: string, number, bool, any, list(...), set(...), map(...), object({...}) or tuple([...]).",
        );
    }
  }

  #call(call: Call): Type {
    const [argument, extra] = call.args;
    if (call.name === "optional") return this.#fail(call, "optional(...) is for the attributes of an object type alone.");
    if (primitives.has(call.name)) {
      const { source, end } = call;
      return this.#fail({ source, start: openingOf(call).end - 1, end }, `The type ${call.name} takes no argument.`);
    }
    const example = constructors.get(call.name);
    if (example === undefined) return this.#unknownName(call.nameNode, call.name, false);
    if (argument === undefined) return this.#fail(call, `The type ${call.name} needs an argument.`, `Write for example ${example}.`);
    if (extra !== undefined) return this.#fail(extra, `The type ${call.name} takes one argument.`, `Write for example ${example}.`);
    switch (call.name) {
      case "list":
        return listOf(this.read(argument));
      case "set":
        return setOf(this.read(argument));
      case "map":
        return mapOf(this.read(argument));
      case "tuple":
        if (argument.kind !== "tuple") return this.#fail(argument, "A tuple type needs a list of types.", `Write for example ${example}.`);
        return tupleOf(argument.elements.map(({ value }) => this.read(value)));
      default:
        if (argument.kind !== "object")
          return this.#fail(argument, "An object type needs its attributes.", `Write for example ${example}.`);
        return this.#object(argument.items);
    }
  }

  #object(items: readonly ObjectItem[]): Type {
    const attributes = new Map<string, Type>();
    const optional = new Map<string, Value | undefined>();
    for (const { key, isLiteralKey, value } of items) {
      if (!isLiteralKey || key.kind !== "variable") {
        this.#fail(key, "The name of an attribute is written without quotes.");
      } else if (attributes.has(key.name)) {
        this.#fail(key, `The attribute "${key.name}" is there twice.`);
      } else if (value.kind === "call" && value.name === "optional") {
        const [type, fallback] = this.#optional(value);
        attributes.set(key.name, type);
        optional.set(key.name, fallback);
      } else attributes.set(key.name, this.read(value));
    }
    const type: ObjectType = { kind: "object", attributes };
    return optional.size === 0 ? type : { ...type, optional };
  }

  /** `optional(T)` or `optional(T, DEFAULT)`. */
  #optional(call: Call): readonly [Type, Value | undefined] {
    const [typeArgument, fallback, extra] = call.args;
    if (typeArgument === undefined)
      return [this.#fail(call, "optional(...) needs a type.", "Write for example optional(string)."), undefined];
    const type = this.read(typeArgument);
    if (extra !== undefined) this.#fail(extra, "optional(...) takes a type and a default.");
    if (fallback === undefined) return [type, undefined];
    const { value, diagnostics } = evaluate(fallback, emptyScope);
    this.diagnostics.push(...diagnostics);
    if (diagnostics.length > 0) return [type, undefined];
    try {
      return [type, convert(value, type)];
    } catch (error) {
      if (!(error instanceof ConversionError)) throw error;
      this.#fail(fallback, `The default does not suit the type of its attribute: ${error.message}.`);
      return [type, undefined];
    }
  }

  #unknownName(at: Node, name: string, isBare: boolean): Type {
    const example = constructors.get(name);
    if (isBare && example !== undefined) {
      return this.#fail(at, `The type ${name} needs to know what is in it.`, `Write for example ${example}.`);
    }
    return this.#fail(at, `There is no type "${name}".`, didYouMean(name, [...primitives.keys(), ...constructors.keys()]));
  }

  #quoted(expression: Expression & { readonly kind: "template" }): Type {
    const [part] = expression.parts;
    const text = part?.kind === "text" ? part.value : "";
    const plain = primitives.has(text) ? text : constructors.get(text);
    return this.#fail(expression, "A type is written without quotes.", plain === undefined ? undefined : `Write ${plain}.`);
  }

  #fail(at: Node, detail: string, hint?: string): Type {
    const subject = at.source.range(at.start, at.end);
    this.diagnostics.push({ severity: "error", code: "TPK2204", summary: "Invalid type specification", detail, hint, subject });
    return dynamicType;
  }
}
