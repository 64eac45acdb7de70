// `try`, `can` and `env`: what takes expressions rather than values.
import { boolType, stringType, type Type } from "../../hcl/eval/type.ts";
import type { Expression, Template } from "../../hcl/syntax/tree.ts";
import type { Arguments, CallConverter } from "./arguments.ts";
import { arrowBody, type Code, code, operand, precedence } from "./code.ts";
import { isIdentifier } from "./names.ts";
import { type OptionalElement, optionalElement } from "./optional-access.ts";
import { hoist, refsIn } from "./refs.ts";
import { regularExpression } from "./regex.ts";
import { isMarked, listening, type Scope } from "./scope.ts";
import { literalValue } from "./text.ts";
import { commonType } from "./types.ts";

/** Conversions by name. */
export const attempts: ReadonlyMap<string, CallConverter> = new Map<string, CallConverter>([
  ["try", tryCall],
  ["can", canCall],
  ["env", environment],
]);

// --- internal ---

/** The first expression that evaluates. */
function tryCall(call: Arguments, wanted: Type | undefined): Code | undefined {
  const { node, scope } = call;
  if (node.args.length === 0 || node.expandsLast) return undefined;
  const plain = fallback(node.args, scope, wanted);
  if (plain !== undefined) return plain;
  if (node.args.some((argument) => refsIn(argument, scope).length > 0)) {
    return hoist(node, scope, (bound) => attempted(node.args, bound, wanted));
  }
  return attempted(node.args, scope, wanted);
}

/** `a.b ?? c`, where what is tried fails only for what is missing; with null for the fallback the element alone. */
function fallback(nodes: readonly Expression[], scope: Scope, wanted: Type | undefined): Code | undefined {
  const last = nodes.at(-1);
  const tried = nodes.slice(0, -1);
  if (last === undefined || tried.length === 0 || nodes.some((node) => refsIn(node, scope).length > 0)) return undefined;
  const found = tried.map((node) => optionalElement(node, scope));
  const values = found.flatMap((element) => (element === undefined ? [] : [element]));
  if (values.length < found.length || values.some(({ value }) => isConverted(value.type, wanted))) return undefined;
  const otherwise = overheard(last, scope, wanted).value;
  if (isConverted(otherwise.type, wanted) || !isSafe(last, otherwise)) return undefined;
  const isNull = otherwise.text === "undefined";
  const [first] = values;
  if (first?.mayBeNull === true && values.length === 1 && !isNull) return unlessMissing(first, otherwise);
  // A null that is there ends the search: it is not replaced by what comes next.
  if (values.slice(0, isNull ? -1 : undefined).some(({ mayBeNull }) => mayBeNull)) return undefined;
  const parts = [...values.map(({ value }) => value), ...(isNull ? [] : [otherwise])];
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const type = commonType(parts.map((part) => part.type));
  return code(parts.map((part) => operand(part, precedence.equality)).join(" ?? "), type, {
    precedence: precedence.nullish,
    nullable: isNull || otherwise.nullable === true ? true : undefined,
  });
}

/** An element that may be null, which counts; only where there is nothing it could be an element of, the fallback is taken. */
function unlessMissing({ whole, there }: OptionalElement, otherwise: Code): Code | undefined {
  if (whole.nullable !== true || there.type.kind === "dynamic") return undefined;
  const sides = `${operand(otherwise, precedence.nullish)} : ${there.text}`;
  return code(`${whole.text} === undefined ? ${sides}`, commonType([there.type, otherwise.type]), {
    precedence: precedence.conditional,
    nullable: true,
  });
}

/** True if HCL converts a value of the type to the one that is wanted: of what is missing there is nothing to convert. */
function isConverted(type: Type, wanted: Type | undefined): boolean {
  return wanted !== undefined && wanted.kind !== "dynamic" && type.kind !== "dynamic" && type.kind !== wanted.kind;
}

function attempted(nodes: readonly Expression[], scope: Scope, wanted: Type | undefined): Code {
  // A reference to nothing fails, and the next one is tried: no need to look at it.
  const made = nodes.map((node) => ({ node, ...overheard(node, scope, wanted) }));
  const kept = made.filter(({ value }, index) => index === made.length - 1 || !isMarked(value));
  for (const { remarks } of kept) for (const [at, message] of remarks) scope.context.attention(at, message);
  const tried = kept.map(({ node }) => node);
  const all = kept.map(({ value }) => value);
  // What cannot fail ends the search.
  const end = all.findIndex((value, index) => isSafe(tried[index], value));
  const used = end < 0 ? all : all.slice(0, end + 1);
  const [only] = used;
  if (used.length === 1 && only !== undefined) return only;
  const type = commonType(used.filter(({ text }) => text !== "undefined").map((value) => value.type));
  const ways = used.map((value, index) => {
    const isLast = index === used.length - 1;
    return isLast && end >= 0 ? value.text : `() => ${arrowBody(value)}`;
  });
  return code(`${scope.context.imports.use("fn")}.try(${ways.join(", ")})`, type, {
    precedence: precedence.access,
    ...(used.some(({ nullable }) => nullable === true) ? { nullable: true } : {}),
    ...(used.some(({ untyped }) => untyped === true) ? { untyped: true } : {}),
  });
}

function canCall(call: Arguments): Code | undefined {
  const { node, scope } = call;
  const [argument] = node.args;
  if (argument === undefined || node.args.length !== 1 || node.expandsLast) return undefined;
  const build = (at: Scope): Code => {
    const test = regexTest(argument, at);
    if (test !== undefined) return test;
    const element = refsIn(argument, at).length === 0 ? optionalElement(argument, at) : undefined;
    const { value, remarks } = overheard(argument, at);
    if (isMarked(value)) return code("false", boolType, { literal: true });
    for (const [node, message] of remarks) at.context.attention(node, message);
    if (isSafe(argument, value)) return code("true", boolType, { literal: true });
    if (element !== undefined && !element.mayBeNull) {
      return code(`${element.value.text} !== undefined`, boolType, { precedence: precedence.equality });
    }
    return code(`${at.context.imports.use("fn")}.can(() => ${arrowBody(value)})`, boolType, { precedence: precedence.access });
  };
  return refsIn(argument, scope).length === 0 ? build(scope) : hoist(node, scope, build);
}

/** `can(regex("…", x))` asks whether the text matches. */
function regexTest(node: Expression, scope: Scope): Code | undefined {
  if (node.kind === "parentheses") return regexTest(node.value, scope);
  const [first, second] = node.kind === "call" && node.name === "regex" && node.args.length === 2 && !node.expandsLast ? node.args : [];
  if (first === undefined || second === undefined) return undefined;
  const pattern = literalValue(scope.convert(first, scope, stringType).text);
  const text = scope.convert(second, scope, stringType);
  if (pattern === undefined || text.type.kind !== "string" || text.nullable === true) return undefined;
  const regex = regularExpression(pattern, { mayBeEmpty: true });
  return regex === undefined ? undefined : code(`${regex}.test(${text.text})`, boolType, { precedence: precedence.access });
}

/** `env("NAME")`: empty when it is not set. */
function environment(call: Arguments): Code | undefined {
  const name = call.literal(0);
  if (name === undefined || call.count !== 1) return undefined;
  const read = isIdentifier(name) ? `process.env.${name}` : `process.env[${JSON.stringify(name)}]`;
  return code(`${read} ?? ""`, stringType, { precedence: precedence.nullish });
}

/** True if evaluating it cannot fail: literals, and references that were resolved. */
function isSafe(node: Expression | undefined, value: Code): boolean {
  switch (node?.kind) {
    case "parentheses":
      return isSafe(node.value, value);
    case "number":
    case "bool":
    case "null":
      return true;
    case "template":
      return literalValue(value.text) !== undefined;
    case "tuple":
      return node.elements.every((element) =>
        element.value.kind === "template" ? isPlainText(element.value) : isSafe(element.value, value),
      );
    case "object":
      return node.items.length === 0;
    case "variable":
    case "get-attribute":
    case "get-index":
      return (
        value.isAt !== true && value.untyped !== true && value.type.kind !== "dynamic" && !value.text.includes("at(") && !isMarked(value)
      );
    default:
      return false;
  }
}

function isPlainText({ parts }: Template): boolean {
  return parts.every(({ kind }) => kind === "text");
}

/** The code, and what is to be told about it if it is used. */
function overheard(
  node: Expression,
  scope: Scope,
  wanted?: Type,
): { readonly value: Code; readonly remarks: readonly (readonly [Expression, string])[] } {
  const remarks: (readonly [Expression, string])[] = [];
  const value = scope.convert(
    node,
    listening(scope, (at, message) => remarks.push([at, message])),
    wanted,
  );
  return { value, remarks };
}
