import { toPlain } from "../../hcl/eval/plain.ts";
import type { Type } from "../../hcl/eval/type.ts";
import { isWhollyKnown, type Value } from "../../hcl/eval/value.ts";
import { constantText } from "../../hcl/packer/constant.ts";
import type { VariableBlock } from "../../hcl/packer/declarations.ts";
import type { Comment, Expression } from "../../hcl/syntax/tree.ts";
import { arrowBody, type Code, code } from "../expression/code.ts";
import { multiLine, quote } from "../expression/text.ts";
import { isScalar, typeScriptType } from "../expression/types.ts";
import { childrenOf, commentsIn } from "../expression/walk.ts";
import { variableStatement } from "../module/declarations.ts";
import type { Remarks, Statement } from "../module/pieces.ts";
import type { References } from "./references.ts";
import { openRemarks, remarks, remarksOf } from "./remarks.ts";
import { schemaText, valueText } from "./schema.ts";

/** What is known of a variable without values from outside. */
export interface VariableKnowledge {
  /** The declared type, or the default's (row VAR-03). */
  readonly type: Type;
  /** Converted to the type. */
  readonly default: Value | undefined;
  readonly sensitive: boolean;
}

/** A variable that is ready to be written. */
export interface ConvertedVariable {
  readonly identifier: string;
  readonly value: Omit<Code, "text" | "precedence">;
  /** Comments inside the block that stand in front of the statement. */
  readonly inner: Remarks;
  statement(exported: boolean): Statement;
}

/** `variable(…)` for a `variable` block or a line of `variables`. `references` are those of the module it stands in. */
export function convertVariable(variable: VariableBlock, known: VariableKnowledge, references: References): ConvertedVariable {
  const identifier = references.identifiers.variables.get(variable.name) ?? variable.name;
  const { type, sensitive } = known;
  const hasNullDefault = known.default?.kind === "null";
  const needsSchema = variable.validations.length > 0 || !isToldByDefault(known);
  const schema = needsSchema ? withValidations(variable, known, references, schemaText(type, references.imports)) : undefined;
  const isOptionalText = hasNullDefault && !needsSchema;
  const settings = {
    default: hasNullDefault ? (needsSchema ? undefined : "undefined") : defaultText(variable, known, references),
    schema,
    typeArguments: needsSchema ? undefined : typeArguments(known, isOptionalText),
    description: descriptionText(variable),
    sensitive,
  };
  const { inner, ...rest } = innerRemarks(
    variable,
    hasNullDefault || isAsWritten(variable, known, references) ? [] : lostComments(variable),
  );
  return {
    identifier,
    inner,
    value: {
      type: type.kind === "dynamic" && known.default === undefined ? { kind: "string" } : type,
      isRef: sensitive,
      declared: true,
      ...(hasNullDefault ? { nullable: true } : {}),
      ...(settings.typeArguments === openRecord ? { isOpenRecord: true } : {}),
    },
    statement: (exported) =>
      variableStatement(references.imports, {
        identifier,
        exported,
        name: variable.name,
        ...settings,
        ...rest,
      }),
  };
}

// --- internal ---

/** True if the default alone says the type, so that values from outside are converted as HCL does it. */
function isToldByDefault({ type, default: fallback }: VariableKnowledge): boolean {
  if (fallback === undefined) return type.kind === "string" || type.kind === "dynamic";
  if (fallback.kind === "null") return type.kind === "string" || type.kind === "dynamic";
  if (isScalar(type)) return true;
  if (type.kind === "dynamic") return true;
  if (fallback.kind === "sequence") {
    return fallback.elements.length > 0 && ((type.kind === "list" && isScalar(type.element)) || (type.kind === "tuple" && isUniform(type)));
  }
  // A map of any keys: an example of its values says nothing about those of other keys.
  return false;
}

function isUniform(type: Type & { readonly kind: "tuple" }): boolean {
  const [first] = type.elements;
  return first !== undefined && isScalar(first) && type.elements.every(({ kind }) => kind === first.kind);
}

function typeArguments({ type, sensitive, default: fallback }: VariableKnowledge, isOptionalText: boolean): string | undefined {
  const text = isOptionalText ? "string | undefined" : typeArgument(type, fallback);
  return text === undefined ? undefined : sensitive ? `${text}, true` : text;
}

/** The type where the default does not tell it: of lists of lists, and of `{}` and `[]` that may become anything. */
function typeArgument(type: Type, fallback: Value | undefined): string | undefined {
  if (type.kind === "list" && !isScalar(type.element)) return typeScriptType(type);
  if (type.kind !== "dynamic") return undefined;
  if (fallback?.kind === "sequence" && fallback.elements.length === 0) return "unknown[]";
  return fallback?.kind === "record" && fallback.entries.size === 0 ? openRecord : undefined;
}

/** The type of a variable that holds an object of any names. */
const openRecord = "Record<string, unknown>";

function withValidations(
  variable: VariableBlock,
  { type, default: fallback }: VariableKnowledge,
  references: References,
  base: string,
): string {
  const isNullable = fallback?.kind === "null";
  let schema = isNullable ? `${base}.optional()` : base;
  for (const { block, condition, errorMessage } of variable.validations) {
    const names = references.identifiers.scope.child();
    const value = code(names.fresh("value"), type, { declared: true, ...(isNullable ? { nullable: true } : {}) });
    const test = references.convert(condition, { self: { name: variable.name, value }, names });
    const comments = remarksOf([...block.leading, ...block.body.items.flatMap((item) => item.leading)]);
    const before = comments.map(({ text }) => `\n${text}\n`).join("");
    const mentions = new RegExp(`(?<![\\w$.])${value.text.replaceAll("$", "\\$")}(?![\\w$])`).test(test.text);
    schema += `.refine(${before}(${mentions ? value.text : ""}) => ${arrowBody(test)}, ${quote(constantText(errorMessage) ?? "")})`;
  }
  return schema;
}

/** The default as it is written, where it has the variable's type; otherwise the converted value. */
function defaultText(variable: VariableBlock, known: VariableKnowledge, references: References): string | undefined {
  const { default: converted, type } = known;
  if (variable.default === undefined || converted === undefined) return undefined;
  if (isAsWritten(variable, known, references)) return references.convert(variable.default, {}, type).text;
  return valueText(toPlain(converted));
}

function isAsWritten(variable: VariableBlock, { default: converted, type }: VariableKnowledge, references: References): boolean {
  if (variable.default === undefined || converted === undefined) return true;
  return (
    readsEnvironment(variable.default) || !isWhollyKnown(converted) || isUnchanged(references.knowledge.typeOf(variable.default), type)
  );
}

/** What it has from there belongs to this machine, and is never written down. */
function readsEnvironment(node: Expression): boolean {
  return (node.kind === "call" && node.name === "env") || childrenOf(node).some(readsEnvironment);
}

/** The comments inside a default that is not written as it was. */
function lostComments({ default: value }: VariableBlock): readonly Comment[] {
  return value === undefined ? [] : commentsIn(value);
}

/** True if conversion from one type to the other changes no value. */
function isUnchanged(from: Type, to: Type): boolean {
  if (to.kind === "dynamic") return true;
  if (isScalar(to)) return from.kind === to.kind;
  if (from.kind === "tuple" && to.kind === "list") return from.elements.every((element) => isUnchanged(element, to.element));
  if (from.kind === "tuple" && to.kind === "tuple") {
    return from.elements.every((element, index) => isUnchanged(element, to.elements[index] ?? { kind: "dynamic" }));
  }
  if (from.kind !== "object") return false;
  const attributes = [...from.attributes];
  if (to.kind === "map") return attributes.every(([, attribute]) => isUnchanged(attribute, to.element));
  if (to.kind !== "object" || attributes.length !== to.attributes.size) return false;
  return attributes.every(([name, attribute]) => isUnchanged(attribute, to.attributes.get(name) ?? { kind: "set", element: attribute }));
}

function descriptionText({ description }: VariableBlock): string | undefined {
  const text = description === undefined ? undefined : constantText(description.value);
  if (text === undefined) return undefined;
  return text.includes("\n") ? multiLine(text) : quote(text);
}

/** The comments of the block's arguments stand in front of the statement; those of the default stay with it. */
function innerRemarks(
  { node }: VariableBlock,
  lost: readonly Comment[],
): {
  readonly inner: Remarks;
  readonly defaultRemarks?: Remarks;
  readonly dangling?: Remarks["leading"];
} {
  if (node.kind === "attribute") return { inner: { leading: remarksOf(lost) } };
  const own = node.body.items.find((item) => item.kind === "attribute" && item.name === "default");
  const others = node.body.items.filter((item) => item !== own && !(item.kind === "block" && item.type === "validation"));
  const inner: Remarks = {
    leading: [
      ...openRemarks(node.openComment),
      ...others.flatMap((item) => remarksOf([...item.leading, ...(item.trailing === undefined ? [] : [item.trailing])])),
    ],
  };
  const dangling = remarksOf(node.body.dangling);
  const around = own === undefined ? {} : remarks({ ...own, leading: [...own.leading, ...lost] });
  const hasRemarks = around.leading !== undefined || around.trailing !== undefined;
  return { inner, ...(hasRemarks ? { defaultRemarks: around } : {}), ...(dangling.length > 0 ? { dangling } : {}) };
}
