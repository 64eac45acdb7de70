// Values of variables (rows VAR-01 to VAR-11): the type, the default, what was given, conversion, and what is wrong with any of it.
import type { Diagnostic } from "@tspack/core";
import type { HclFunction } from "../../functions/function.ts";
import { ConversionError } from "../eval/conversion-error.ts";
import { convert } from "../eval/convert.ts";
import { evaluate } from "../eval/evaluate.ts";
import { fromPlain } from "../eval/plain.ts";
import { dynamicType, type Type, typeText } from "../eval/type.ts";
import { parseTypeConstraint } from "../eval/type-constraint.ts";
import { stringValue, unknownValue, type Value, withMarks } from "../eval/value.ts";
import { parseExpression } from "../syntax/parse.ts";
import { SourceText } from "../syntax/source-text.ts";
import type { Expression, Node } from "../syntax/tree.ts";
import { constantBool, constantText } from "./constant.ts";
import type { VariableBlock } from "./declarations.ts";
import type { GivenValue } from "./given-values.ts";
import { problemAt } from "./problem.ts";
import { type Language, place } from "./template-scope.ts";

/** A variable with the value it has in this load. */
export interface VariableState {
  readonly block: VariableBlock;
  readonly name: string;
  /** What every value must convert to; `any` where nothing is said. */
  readonly type: Type;
  /** Undefined when there is none, or a wrong one. */
  readonly default: Value | undefined;
  /** Unknown when there is none, or a wrong one; then there is an error. Sensitive where the variable is. */
  readonly value: Value;
  readonly description: string | undefined;
  readonly sensitive: boolean;
  /** Where the value is from. */
  readonly given: GivenValue | undefined;
}

/** Constants of variable declarations: `functions` are those allowed in defaults (row VAR-04). */
export interface VariableLanguage extends Language {
  readonly functions: ReadonlyMap<string, HclFunction>;
}

/** The state of one variable. `language` is that of defaults. */
export function resolveVariable(
  block: VariableBlock,
  given: GivenValue | undefined,
  language: Language,
): { readonly state: VariableState; readonly diagnostics: readonly Diagnostic[] } {
  const resolver = new Resolver(block, given, language);
  const state = resolver.resolve();
  return { state, diagnostics: resolver.diagnostics };
}

/** What is marked for a variable as a whole: its name. */
export function nameNodeOf({ node }: VariableBlock): Node {
  return node.kind === "attribute" ? node.nameNode : (node.labels[0] ?? node.typeNode);
}

// --- internal ---

class Resolver {
  readonly diagnostics: Diagnostic[] = [];
  readonly #block: VariableBlock;
  readonly #given: GivenValue | undefined;
  readonly #language: Language;
  readonly #sensitive: boolean;

  constructor(block: VariableBlock, given: GivenValue | undefined, language: Language) {
    this.#block = block;
    this.#given = given;
    this.#language = language;
    this.#sensitive = block.sensitive === undefined ? false : (constantBool(block.sensitive.value) ?? true);
  }

  resolve(): VariableState {
    const { name, description } = this.#block;
    const declared = this.#declaredType();
    const fallback = this.#default(declared ?? dynamicType);
    const type = declared ?? typeOfDefault(fallback);
    const value = this.#given === undefined ? this.#defaultOrMissing(fallback, type) : this.#convertGiven(this.#given, type);
    return {
      block: this.#block,
      name,
      type,
      default: fallback,
      value: withMarks(value, { sensitive: this.#sensitive }),
      description: description === undefined ? undefined : constantText(description.value),
      sensitive: this.#sensitive,
      given: this.#given,
    };
  }

  #declaredType(): Type | undefined {
    const { type } = this.#block;
    if (type === undefined) return undefined;
    const parsed = parseTypeConstraint(typeExpression(type.value));
    const { source, start, end } = type.value;
    const inJson = isJson(type.value) ? { subject: source.range(start, end) } : {};
    this.diagnostics.push(...parsed.diagnostics.map((one) => ({ ...one, ...inJson, where: this.#where() })));
    return parsed.type;
  }

  #default(type: Type): Value | undefined {
    const expression = this.#block.default;
    if (expression === undefined) return undefined;
    const { value, diagnostics } = evaluate(expression, place(this.#language, () => new Map()).scope());
    if (diagnostics.length > 0) {
      const hint = "A default may call env() and nothing else; what is computed belongs in locals.";
      this.diagnostics.push(...diagnostics.map((one) => ({ ...one, hint: one.hint ?? hint, where: this.#where() })));
      return undefined;
    }
    try {
      return convert(value, type);
    } catch (error) {
      if (!(error instanceof ConversionError)) throw error;
      this.diagnostics.push(
        problemAt(expression, {
          code: "TPK2204",
          summary: "Invalid default value for variable",
          detail: `The default of "${this.#block.name}" does not fit its type ${typeText(type)}: ${error.message}.`,
          where: this.#where(),
        }),
      );
      return undefined;
    }
  }

  #defaultOrMissing(fallback: Value | undefined, type: Type): Value {
    if (fallback !== undefined) return fallback;
    const { name } = this.#block;
    // A default that is wrong has been told.
    if (this.#block.default === undefined) {
      this.diagnostics.push(
        problemAt(nameNodeOf(this.#block), {
          code: "TPK1101",
          summary: "No value for variable",
          detail: `The variable "${name}" has no value.`,
          hint: `Set it with -var '${name}=…', PKR_VAR_${name} or a variable file, or give it a default.`,
          where: this.#where(),
        }),
      );
    }
    return unknownValue(type);
  }

  #convertGiven(given: GivenValue, type: Type): Value {
    const raw = this.#rawValue(given, type);
    if (raw === undefined) return unknownValue(type);
    try {
      return convert(raw, type);
    } catch (error) {
      if (!(error instanceof ConversionError)) throw error;
      this.#complain(given, `it must be ${typeText(type)}: ${error.message}`);
      return unknownValue(type);
    }
  }

  #rawValue(given: GivenValue, type: Type): Value | undefined {
    const { content } = given;
    if ("value" in content) return content.value;
    if ("data" in content) {
      try {
        return fromPlain(content.data);
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        this.#complain(given, error.message);
        return undefined;
      }
    }
    // Row VAR-07: what could be text is text, quotes and all; the rest is an expression without functions and names.
    if (type.kind === "string" || type.kind === "number" || type.kind === "dynamic") return stringValue(content.text);
    const source = new SourceText(given.from, content.text);
    const { tree, diagnostics } = parseExpression(source);
    const found =
      diagnostics.length > 0
        ? diagnostics
        : evaluate(tree, place({ ...this.#language, functions: new Map(), elsewhere: undefined }, () => new Map()).scope());
    if ("value" in found && found.diagnostics.length === 0) return found.value;
    const [first] = "value" in found ? found.diagnostics : found;
    const reason = this.#sensitive
      ? ""
      : ` (${first?.summary.toLowerCase()}${first?.detail === undefined ? "" : `: ${first.detail.replace(/\.$/, "")}`})`;
    this.#complain(given, `the text is no expression for ${typeText(type)}${reason}`, exampleFor(type));
    return undefined;
  }

  /** Rows VAR-08, MSG-02: the variable, where its value is from, and why it does not fit. */
  #complain(given: GivenValue, reason: string, hint?: string): void {
    const { name } = this.#block;
    this.diagnostics.push(
      problemAt(given.attribute?.value ?? nameNodeOf(this.#block), {
        code: "TPK1103",
        summary: `Invalid value for ${given.origin} variable`,
        detail: `The value of "${name}" from ${given.from} does not fit: ${reason}.`,
        hint,
        where: given.attribute === undefined ? this.#where() : undefined,
      }),
    );
  }

  #where(): string {
    return `in variable "${this.#block.name}"`;
  }
}

/** In JSON syntax a type is text: `"list(string)"`. */
function typeExpression(expression: Expression): Expression {
  const text = isJson(expression) ? constantText(expression) : undefined;
  if (text === undefined) return expression;
  const { tree, diagnostics } = parseExpression(new SourceText(expression.source.file, text));
  return diagnostics.length > 0 ? expression : tree;
}

function isJson({ source }: Node): boolean {
  return source.file.endsWith(".json");
}

/** Row VAR-03: without a type the default's is the constraint, unless it says nothing (null, `{}`, `[]`). */
function typeOfDefault(value: Value | undefined): Type {
  if (value === undefined || value.kind === "null") return dynamicType;
  const isEmpty = (value.kind === "record" && value.entries.size === 0) || (value.kind === "sequence" && value.elements.length === 0);
  return isEmpty ? dynamicType : value.type;
}

function exampleFor(type: Type): string {
  switch (type.kind) {
    case "list":
    case "set":
    case "tuple":
      return 'Write a list: ["a", "b"]';
    case "map":
    case "object":
      return 'Write an object: {key = "value"}';
    default:
      return "Write true or false.";
  }
}
