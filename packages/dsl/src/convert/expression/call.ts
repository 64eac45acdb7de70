// Calls of functions: plain TypeScript where it means the same for the values at hand, `fn.*` otherwise.

import { functionNames } from "../../functions/fn-names.ts";
import { dynamicType, stringType, type Type } from "../../hcl/eval/type.ts";
import type { Call } from "../../hcl/syntax/tree.ts";
import { Arguments, type CallConverter } from "./arguments.ts";
import { attempts } from "./attempt.ts";
import { type Code, code, operand, precedence } from "./code.ts";
import { required } from "./coerce.ts";
import { collectionCalls, isText } from "./collection-calls.ts";
import { mappingCalls } from "./mapping-calls.ts";
import { numberCalls } from "./number-calls.ts";
import { hoist, refsIn, strict } from "./refs.ts";
import { type Scope, sourceOf, todo } from "./scope.ts";
import { parameterType, resultType, services } from "./signatures.ts";
import { textCalls } from "./text-calls.ts";
import { isScalar } from "./types.ts";

/** `name(arguments…)` */
export function convertCall(node: Call, scope: Scope, wanted?: Type): Code {
  if (services.has(node.name))
    return node.args.every((argument) => refsIn(argument, scope).length === 0)
      ? general(node, scope)
      : todo(node, scope, "a service is asked while the program loads, when this is not known yet", stringType);
  const special = attempts.get(node.name);
  if (special !== undefined) return special(new Arguments(node, scope), wanted) ?? general(node, scope);
  const rearranging = mappingCalls.get(node.name);
  if (rearranging !== undefined) {
    // Lists and objects that hold Refs are put together as they are; one that is a Ref itself is waited for.
    const isWaiting = node.args.some((argument) => refsIn(argument, scope).length > 0 && scope.convert(argument, scope).isRef);
    // `fn` itself takes no Refs.
    const build = (at: Scope): Code => rearranging(new Arguments(node, at), wanted) ?? strict(node, at, (bound) => general(node, bound));
    return isWaiting ? hoist(node, scope, build) : build(scope);
  }
  if (node.name === "coalesce") return pick(node, scope);
  const convert = converters.get(node.name);
  return strict(node, scope, (bound) => convert?.(new Arguments(node, bound), wanted) ?? general(node, bound));
}

// --- internal ---

/** `coalesce`: what is known and not empty is taken without a look at the Refs behind it. */
function pick(node: Call, scope: Scope): Code {
  const first = node.args.findIndex((argument) => refsIn(argument, scope).length > 0);
  const build = (part: Call, at: Scope): Code => collectionCalls.get("coalesce")?.(new Arguments(part, at), undefined) ?? general(part, at);
  if (first < 0 || node.expandsLast) return strict(node, scope, (bound) => build(node, bound));
  const rest: Call = { ...node, args: node.args.slice(first) };
  const [only] = rest.args;
  const tail =
    rest.args.length === 1 && only !== undefined ? scope.convert(only, scope) : strict(rest, scope, (bound) => build(rest, bound));
  if (first === 0) return tail;
  const front = node.args.slice(0, first).map((argument) => scope.convert(argument, scope));
  // Text alone: of numbers and booleans none is empty.
  if (!front.every(isText)) return strict(node, scope, (bound) => build(node, bound));
  const parts = [...front, tail].map((value) => operand(value, precedence.or));
  return code(parts.join(" || "), stringType, { precedence: precedence.or, isRef: true, mixed: true });
}

/** Functions that take null, for an argument or in it. */
const takesNull: ReadonlySet<string> = new Set(
  "coalesce coalescelist compact contains distinct index jsonencode yamlencode merge format formatlist lookup aws_secretsmanager".split(
    " ",
  ),
);

/** Functions whose result is `any` to TypeScript. */
const decoders: ReadonlySet<string> = new Set(["jsondecode", "yamldecode", "flatten"]);

/** Answers of services: secrets, and awaited. */
function service(node: Call, called: string, scope: Scope): Code {
  if (scope.variables.size > 0) return todo(node, scope, "a service cannot be asked in a loop: ask it outside, with await", stringType);
  const awaited = code(`await ${called}`, stringType, { precedence: precedence.unary, isRef: true, declared: true });
  // Inside of a function nothing can be awaited.
  const value =
    scope.context.constant === undefined
      ? awaited
      : code(scope.context.constant(node.name, awaited), stringType, { isRef: true, declared: true });
  return scope.bound.get(value.text) ?? value;
}

/** A null is said to a function; a number that JavaScript cannot hold is written as text, which is no number to a function. */
function argumentText(value: Code): string {
  if (value.text === "undefined") return "null";
  const digits = value.type.kind === "number" ? /^"(-?\d+)"$/.exec(value.text)?.[1] : undefined;
  return digits === undefined ? value.text : `${digits}n`;
}

const converters: ReadonlyMap<string, CallConverter> = new Map([...textCalls, ...collectionCalls, ...numberCalls]);

/** The function of our library by its own name. */
function general(node: Call, scope: Scope): Code {
  if (node.name === "convert") return conversion(node, scope);
  if (!functionNames.includes(node.name)) return todo(node, scope, `there is no function ${node.name} in Packer's language`);
  const args = node.args.map((argument, index) => {
    const isSpread = node.expandsLast && index === node.args.length - 1;
    const type = isSpread ? undefined : parameterType(node.name, index);
    const value = scope.convert(argument, scope, type === undefined || !isScalar(type) ? undefined : type);
    const given = takesNull.has(node.name) ? value : required(value);
    return isSpread ? `...${operand(given, precedence.equality)}` : argumentText(given);
  });
  const called = `${scope.context.imports.use("fn")}.${node.name}(${args.join(", ")})`;
  if (services.has(node.name)) return service(node, called, scope);
  // Without groups in the pattern the first match is text; with groups it is a list or an object.
  if (node.name === "regex" && !(args[0] ?? "(").includes("("))
    return code(`String(${called})`, stringType, { precedence: precedence.access });
  // What is in the groups is known when it has run; TypeScript has one type for all patterns.
  const isMatch = node.name === "regex" || node.name === "regexall";
  const type = resultType(node.name) ?? (isMatch ? dynamicType : staticType(node, scope));
  return code(called, type, {
    precedence: precedence.access,
    untyped: decoders.has(node.name) ? true : undefined,
  });
}

/** `convert(value, type)`: the type is written as text. */
function conversion(node: Call, scope: Scope): Code {
  const [value, type] = node.args;
  if (value === undefined || type === undefined || node.args.length !== 2) return todo(node, scope, "convert() takes a value and a type");
  const target = sourceOf(type);
  const simple = { string: "string", number: "number", bool: "bool" } as const;
  if (target === "string" || target === "number" || target === "bool") {
    const wanted: Type = { kind: simple[target] };
    const converted = scope.convert(value, scope, wanted);
    if (converted.type.kind === wanted.kind) return converted;
  }
  const converted = scope.convert(value, scope);
  const result = typeFrom(target);
  return code(`${scope.context.imports.use("fn")}.convert(${converted.text}, ${JSON.stringify(target)})`, result, {
    precedence: precedence.access,
    ...(result.kind === "dynamic" ? { untyped: true } : { declared: true }),
  });
}

function typeFrom(text: string): Type {
  const element = /^(list|set|map)\((string|number|bool)\)$/.exec(text);
  if (element === null) return dynamicType;
  const [, kind, of] = element;
  const inner: Type = { kind: of === "string" ? "string" : of === "number" ? "number" : "bool" };
  return kind === "map"
    ? { kind: "map", element: inner }
    : kind === "set"
      ? { kind: "set", element: inner }
      : { kind: "list", element: inner };
}

function staticType(node: Call, scope: Scope): Type {
  return scope.variables.size === 0 && scope.bound.size === 0 ? scope.context.typeOf(node) : dynamicType;
}
