// Functions that take lists and objects apart and put them together: Refs at the elements stay where they are.
import { listOf, numberType, objectOf, stringType, type Type, tupleOf } from "../../hcl/eval/type.ts";
import type { Expression } from "../../hcl/syntax/tree.ts";
import { access } from "./access.ts";
import type { Arguments, CallConverter } from "./arguments.ts";
import { type Code, code, operand, precedence, receiver } from "./code.ts";
import { joined, spread } from "./contents.ts";
import { sortedValues } from "./iteration.ts";
import { elementOf } from "./optional-access.ts";
import { literalValue } from "./text.ts";
import { commonType, elementType, isRecord, isSequence } from "./types.ts";

/** Conversions by name. */
export const mappingCalls: ReadonlyMap<string, CallConverter> = new Map<string, CallConverter>([
  ["length", length],
  ["concat", concat],
  ["merge", merge],
  ["keys", keys],
  ["values", values],
  ["lookup", lookup],
  ["element", element],
  ["flatten", flatten],
  ["reverse", reverse],
  ["slice", slice],
  ["zipmap", zipmap],
]);

// --- internal ---

function length(call: Arguments): Code | undefined {
  const value = call.at(0);
  if (value === undefined || call.count !== 1 || call.isSpread || value.nullable === true) return undefined;
  if (isSequence(value.type)) return code(`${receiver(value)}.length`, numberType, { precedence: precedence.access });
  if (isRecord(value.type)) return code(`Object.keys(${value.text}).length`, numberType, { precedence: precedence.access });
  return undefined;
}

function concat(call: Arguments): Code | undefined {
  const lists = call.from(0);
  if (call.isSpread || lists.length === 0 || lists.some((list) => !isSequence(list.type) || list.nullable === true)) return undefined;
  const isTuple = lists.some(({ type }) => type.kind === "tuple") && lists.every(({ type }) => type.kind === "tuple");
  const type: Type = isTuple
    ? tupleOf(lists.flatMap((list) => (list.type.kind === "tuple" ? list.type.elements : [])))
    : listOf(commonType(lists.filter(hasElements).map((list) => elementType(list.type))));
  return code(joined(lists), type, {
    ...(lists.some((list) => list.holdsRefs === true) ? { holdsRefs: true } : {}),
    ...(lists.every((list) => list.declared === true || list.members !== undefined) && type.kind === "list" ? { declared: true } : {}),
  });
}

function merge(call: Arguments): Code | undefined {
  const objects = call.from(0).filter(({ text }) => text !== "undefined");
  if (call.isSpread || objects.some(({ type }) => !isRecord(type))) return undefined;
  const parts = objects.map(spread).filter((part) => part !== "");
  const isBroken = parts.some((part) => part.includes("\n")) || isSourceBroken(call.node.args, call);
  const text =
    parts.length === 0 ? "{}" : isBroken ? `{\n${parts.map((part) => `  ${part.trim()},`).join("\n")}\n}` : `{ ${parts.join(", ")} }`;
  return code(text, mergedType(objects), {
    ...(objects.some((object) => object.holdsRefs === true) ? { holdsRefs: true } : {}),
    ...(objects.every(({ members }) => members !== undefined)
      ? { members: new Map(objects.flatMap(({ members }) => [...(members ?? [])])) }
      : {}),
  });
}

function keys(call: Arguments): Code | undefined {
  const value = call.at(0);
  if (value === undefined || !isRecord(value.type) || value.nullable === true || call.isSpread) return undefined;
  return code(`Object.keys(${value.text}).sort()`, listOf(stringType), { precedence: precedence.access, declared: true });
}

function values(call: Arguments): Code | undefined {
  const value = call.at(0);
  if (value === undefined || !isRecord(value.type) || value.nullable === true || call.isSpread) return undefined;
  return code(sortedValues(value, call.scope), listOf(elementType(value.type)), {
    precedence: precedence.access,
    ...(value.holdsRefs === true ? { holdsRefs: true } : {}),
  });
}

function lookup(call: Arguments): Code | undefined {
  const [map, key, fallback] = [call.at(0), call.at(1, stringType), call.at(2)];
  if (map === undefined || key === undefined || fallback === undefined || call.count !== 3 || call.isSpread) return undefined;
  const name = literalValue(key.text);
  const known = name === undefined ? undefined : map.type.kind === "object" ? map.type.attributes.has(name) : undefined;
  // An object whose attributes are known answers here already.
  if (known === true && name !== undefined && map.nullable !== true) return access(map, { name }, call.scope);
  if (known === false) return fallback;
  const type = map.type.kind === "map" ? map.type.element : commonType([elementType(map.type), fallback.type]);
  if (map.holdsRefs === true || fallback.isRef) {
    const found = `${call.use("fn")}.try(() => ${call.use("at")}(${map.text}, ${key.text}), ${fallback.text})`;
    return code(found, type, { precedence: precedence.access, isRef: true, mixed: true });
  }
  const isNull = fallback.text === "undefined";
  const element = name === undefined || map.nullable === true ? undefined : elementOf(map, name);
  if (element !== undefined && map.type.kind === "map" && !element.mayBeNull && fallback.type.kind === type.kind) {
    const text = `${element.value.text} ?? ${operand(fallback, precedence.equality)}`;
    return code(text, type, { precedence: precedence.nullish, nullable: fallback.nullable });
  }
  const found = `${call.use("fn")}.lookup(${map.text}, ${key.text}, ${isNull ? "null" : fallback.text})`;
  return code(isNull ? `${found} ?? undefined` : found, type, {
    precedence: isNull ? precedence.nullish : precedence.access,
    nullable: fallback.nullable,
  });
}

function element(call: Arguments): Code | undefined {
  const [list, index] = [call.at(0), call.at(1, numberType)];
  if (list === undefined || index === undefined || call.isSpread || !isSequence(list.type)) return undefined;
  if (list.holdsRefs === true) {
    const length = list.type.kind === "tuple" ? list.type.elements.length : 0;
    if (length === 0) return undefined;
    // The list goes round. Where its length is not known here, all of it is waited for.
    const position = Number(index.text);
    if (Number.isInteger(position) && position >= 0) return access(list, { position: position % length }, call.scope);
    const computed = code(`${operand(index, precedence.multiplicative)} % ${length}`, numberType, {
      precedence: precedence.multiplicative,
    });
    return access(list, { computed }, call.scope);
  }
  // The first of a list: without one both refuse. Further on, `element` goes round.
  if (index.text === "0" && list.nullable !== true) return access(list, { position: 0 }, call.scope);
  return code(`${call.use("fn")}.element(${list.text}, ${index.text})`, elementType(list.type), {
    precedence: precedence.access,
    declared: list.declared,
  });
}

function flatten(call: Arguments): Code | undefined {
  const list = call.at(0);
  if (list === undefined || call.isSpread || !isSequence(list.type) || list.nullable === true) return undefined;
  const inner = list.type.kind === "tuple" ? list.type.elements : [elementType(list.type)];
  // One level alone: what is in the lists is no list, and is known not to be one.
  const isOneLevel = inner.every((type) => isFlat(type) || (isSequence(type) && elementsOf(type).every(isFlat)));
  if (!isOneLevel || inner.length === 0) return undefined;
  const elements = inner.flatMap((type) => (isSequence(type) ? elementsOf(type) : [type]));
  const mapped = list.flatMapped;
  return code(mapped ?? `${receiver(list)}.flat()`, listOf(commonType(elements)), {
    precedence: precedence.access,
    ...(list.holdsRefs === true ? { holdsRefs: true } : {}),
  });
}

function reverse(call: Arguments): Code | undefined {
  const list = call.at(0);
  if (list === undefined || call.isSpread || !isSequence(list.type) || list.type.kind === "set" || list.nullable === true) return undefined;
  const type: Type = list.type.kind === "tuple" ? tupleOf([...list.type.elements].reverse()) : list.type;
  return code(`${receiver(list)}.toReversed()`, type, {
    precedence: precedence.access,
    ...(list.holdsRefs === true ? { holdsRefs: true } : {}),
  });
}

function slice(call: Arguments): Code | undefined {
  const [list, from, to] = [call.at(0), call.at(1, numberType), call.at(2, numberType)];
  if (list === undefined || from === undefined || to === undefined || call.isSpread) return undefined;
  if (!isSequence(list.type) || list.type.kind === "set" || list.nullable === true) return undefined;
  return code(`${receiver(list)}.slice(${from.text}, ${to.text})`, listOf(elementType(list.type)), {
    precedence: precedence.access,
    declared: list.declared,
    ...(list.holdsRefs === true ? { holdsRefs: true } : {}),
  });
}

/** With Refs among the values; `fn` does it for all others. */
function zipmap(call: Arguments): Code | undefined {
  const [keys, values] = [call.at(0), call.at(1)];
  if (keys === undefined || values?.holdsRefs !== true || keys.holdsRefs === true || call.isSpread || !isSequence(keys.type))
    return undefined;
  const names = call.scope.names.child();
  const [key, index] = [names.fresh("key"), names.fresh("index")];
  const pairs = `${receiver(keys)}.map((${key}, ${index}) => [${key}, ${call.use("at")}(${values.text}, ${index})])`;
  return code(
    `Object.fromEntries(${pairs})`,
    { kind: "map", element: elementType(values.type) },
    {
      precedence: precedence.access,
      holdsRefs: true,
    },
  );
}

function isSourceBroken(nodes: readonly Expression[], call: Arguments): boolean {
  const { source, start, end } = call.node;
  return nodes.length > 1 && source.text.slice(start, end).includes("\n");
}

function mergedType(objects: readonly Code[]): Type {
  if (objects.every(({ type }) => type.kind === "object")) {
    return objectOf(new Map(objects.flatMap(({ type }) => (type.kind === "object" ? [...type.attributes] : []))));
  }
  const element = commonType(objects.filter(hasElements).map(({ type }) => elementType(type)));
  return { kind: "map", element };
}

function hasElements({ type }: Code): boolean {
  return !(type.kind === "tuple" && type.elements.length === 0) && !(type.kind === "object" && type.attributes.size === 0);
}

function elementsOf(type: Type): readonly Type[] {
  return type.kind === "tuple" ? type.elements : [elementType(type)];
}

function isFlat(type: Type): boolean {
  return type.kind === "string" || type.kind === "bool" || type.kind === "number" || isRecord(type);
}
