// Functions on lists and objects that need their elements: a Ref among these is waited for.
import { boolType, listOf, stringType, type Type } from "../../hcl/eval/type.ts";
import type { Arguments, CallConverter } from "./arguments.ts";
import { type Code, code, operand, precedence, receiver } from "./code.ts";
import { test } from "./iteration.ts";
import { literalValue } from "./text.ts";
import { elementType, isRecord, isScalar, isSequence } from "./types.ts";

/** Conversions by name. */
export const collectionCalls: ReadonlyMap<string, CallConverter> = new Map<string, CallConverter>([
  ["contains", contains],
  ["compact", compact],
  ["distinct", distinct],
  ["sort", sort],
  ["coalesce", coalesce],
  ["alltrue", (call) => everyOrSome(call, "every")],
  ["anytrue", (call) => everyOrSome(call, "some")],
]);

/** True for text, and for what may be given as text: a variable without a type and without a value. */
export function isText({ type, nullable, untyped }: Code): boolean {
  return type.kind === "string" || (type.kind === "dynamic" && nullable === true && untyped !== true);
}

// --- internal ---

function contains(call: Arguments): Code | undefined {
  return hasKey(call) ?? includes(call);
}

/** `contains(keys(map), key)` */
function hasKey(call: Arguments): Code | undefined {
  const node = call.expression(0);
  const [of] = node?.kind === "call" && node.name === "keys" && node.args.length === 1 && !node.expandsLast ? node.args : [];
  const key = call.text(1);
  if (of === undefined || key === undefined || call.count !== 2) return undefined;
  const record = call.scope.convert(of, call.scope);
  if (!isRecord(record.type) || record.nullable === true || record.isRef) return undefined;
  return code(`Object.hasOwn(${record.text}, ${key.text})`, boolType, { precedence: precedence.access });
}

function includes(call: Arguments): Code | undefined {
  const list = call.at(0);
  const value = call.at(1);
  if (list === undefined || value === undefined || list.nullable === true || value.nullable === true) return undefined;
  const element = elementType(list.type);
  // Values of different types are never equal.
  if (!isSequence(list.type) || !isScalar(element) || element.kind !== value.type.kind || hasNulls(list)) return undefined;
  return code(`${receiver(list)}.includes(${value.text})`, boolType, { precedence: precedence.access });
}

/** `alltrue([for x in list : test])`: whether every element passes. */
function everyOrSome(call: Arguments, method: "every" | "some"): Code | undefined {
  const node = call.expression(0);
  const loop = node?.kind === "for" && node.key === undefined && call.count === 1 && !call.isSpread ? node : undefined;
  return loop === undefined ? undefined : test(loop, method, call.scope);
}

function compact(call: Arguments): Code | undefined {
  const list = plainTexts(call);
  if (list === undefined) return undefined;
  const item = call.scope.names.child().fresh("item");
  return code(`${receiver(list)}.filter((${item}) => ${item} !== "")`, listOf(stringType), {
    precedence: precedence.access,
    declared: true,
  });
}

function distinct(call: Arguments): Code | undefined {
  const list = call.at(0);
  if (list === undefined || list.nullable === true || !isSequence(list.type) || !isScalar(elementType(list.type))) return undefined;
  return code(`[...new Set(${list.text})]`, listOf(elementType(list.type)), { declared: true });
}

function sort(call: Arguments): Code | undefined {
  const list = plainTexts(call);
  if (list === undefined) return undefined;
  return code(`${receiver(list)}.toSorted()`, listOf(stringType), { precedence: precedence.access, declared: true });
}

/** The first that is neither null nor empty. */
function coalesce(call: Arguments): Code | undefined {
  if (call.isSpread || call.count === 0) return undefined;
  const values = call.from(0);
  const [first] = values;
  if (values.every(isText) && values.some(({ type }) => type.kind === "string")) return firstText(values);
  if (first === undefined || !isScalar(first.type) || values.some(({ type }) => type.kind !== first.type.kind)) return undefined;
  return firstPresent(values, first.type);
}

function firstText(values: readonly Code[]): Code | undefined {
  // Behind text that is never empty nothing is looked at.
  const end = values.findIndex((value) => (literalValue(value.text) ?? "") !== "");
  const used = (end < 0 ? values : values.slice(0, end + 1)).filter((value) => literalValue(value.text) !== "");
  const [only] = used;
  if (used.length === 1 && only !== undefined) return only;
  const last = used.at(-1);
  return code(used.map((value) => operand(value, precedence.or)).join(" || "), stringType, {
    precedence: precedence.or,
    nullable: last?.nullable,
  });
}

function firstPresent(values: readonly Code[], type: Type): Code | undefined {
  const end = values.findIndex((value) => value.nullable !== true);
  const used = end < 0 ? values : values.slice(0, end + 1);
  const [only] = used;
  if (used.length === 1 && only !== undefined) return only;
  return code(used.map((value) => operand(value, precedence.equality)).join(" ?? "), type, {
    precedence: precedence.nullish,
    nullable: end < 0 ? true : undefined,
  });
}

/** A list of texts without nulls; undefined for any other argument. */
function plainTexts(call: Arguments): Code | undefined {
  const list = call.at(0);
  if (list === undefined || call.count !== 1 || call.isSpread || list.nullable === true || hasNulls(list)) return undefined;
  return isSequence(list.type) && elementType(list.type).kind === "string" ? list : undefined;
}

function hasNulls(list: Code): boolean {
  return [...(list.members?.values() ?? [])].some(({ nullable }) => nullable === true);
}
