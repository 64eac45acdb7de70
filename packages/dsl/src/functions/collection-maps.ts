// Maps and objects taken apart and put together: keys, merge, values, zipmap. Elements keep their marks.
import { dynamicType, listOf, mapOf, objectOf, sameType, stringType, type Type, tupleOf } from "../hcl/eval/type.ts";
import {
  deepMarksOf,
  isWhollyKnown,
  listValue,
  mapValue,
  marksOf,
  objectValue,
  sortedEntries,
  stringValue,
  tupleValue,
  type Value,
  withMarks,
} from "../hcl/eval/value.ts";
import { anything, argument, elementsOf, entriesOf, requireKind, unknownUntil } from "./collection-parts.ts";
import { FunctionError, type HclFunction } from "./function.ts";

/** `keys`: the names in order; a list for a map, a tuple for an object. */
export const keys: HclFunction = {
  name: "keys",
  parameters: [anything("map")],
  handlesMarks: true,
  returns(args) {
    const { type } = argument(args, 0);
    requireKind(argument(args, 0), 0, ["map", "object"], "a map or object");
    if (type.kind === "object") return tupleOf([...type.attributes].map(() => stringType));
    return type.kind === "map" ? listOf(stringType) : dynamicType;
  },
  call(args) {
    const map = argument(args, 0);
    const type = keys.returns(args);
    if (map.kind !== "record") return unknownUntil(type, map);
    const names = sortedEntries(map).map(([name]) => stringValue(name));
    return withMarks(type.kind === "list" ? listValue(stringType, names) : tupleValue(names), marksOf(map));
  },
  doc: {
    summary: "The keys of a map in their order.",
    signature: "keys(map)",
    examples: [{ code: "keys({ b: 1, a: 2 })", result: '["a","b"]' }],
  },
};

/** `values`: the values in the order of their names; a list for a map, a tuple for an object. */
export const values: HclFunction = {
  name: "values",
  parameters: [anything("map")],
  handlesMarks: true,
  returns(args) {
    const map = argument(args, 0);
    requireKind(map, 0, ["map", "object"], "a map or object");
    if (map.type.kind === "map") return listOf(map.type.element);
    return map.kind === "record" ? tupleOf(sortedEntries(map).map(([, { type }]) => type)) : dynamicType;
  },
  call(args) {
    const map = argument(args, 0);
    const type = values.returns(args);
    if (map.kind !== "record") return unknownUntil(type, map);
    const items = sortedEntries(map).map(([, value]) => value);
    return withMarks(type.kind === "list" ? listValue(type.element, items) : tupleValue(items), marksOf(map));
  },
  doc: {
    summary: "The values of a map in the order of its keys.",
    signature: "values(map)",
    examples: [{ code: "values({ b: 1, a: 2 })", result: "[2,1]" }],
  },
};

/** `merge`: all entries; of one name the last. Nulls count as empty. Maps of one type make a map, all else an object. */
export const merge: HclFunction = {
  name: "merge",
  parameters: [],
  variadic: { ...anything("maps"), allowNull: true },
  handlesMarks: true,
  returns(args) {
    for (const [position, value] of args.entries()) requireKind(value, position, ["map", "object"], "a map or object");
    const [first, ...others] = args;
    if (first === undefined) return objectOf(new Map());
    if (args.some(({ type }) => type.kind === "dynamic")) return dynamicType;
    if (others.every(({ type }) => sameType(type, first.type))) return first.type;
    const attributes = new Map<string, Type>();
    for (const value of args) {
      if (value.kind === "null") continue;
      if (value.type.kind === "object") for (const [name, type] of value.type.attributes) attributes.set(name, type);
      else if (value.kind !== "record") return dynamicType;
      else for (const [name, { type }] of value.entries) attributes.set(name, type);
    }
    return objectOf(attributes);
  },
  call(args) {
    const type = merge.returns(args);
    if (args.some(({ kind }) => kind === "unknown")) return unknownUntil(type, ...args);
    const entries = new Map(args.filter(({ kind }) => kind !== "null").flatMap((map) => [...entriesOf(map)]));
    return withMarks(type.kind === "map" ? mapValue(type.element, entries) : objectValue(entries), marksOf(...args));
  },
  doc: {
    summary: "The entries of several maps in one; of one name the last counts.",
    signature: "merge(...maps)",
    examples: [{ code: "merge({ a: 1, b: 2 }, { b: 3 })", result: '{"a":1,"b":3}' }],
  },
};

/** `zipmap`: a map of a list of names and a list of values; an object for a tuple of values. */
export const zipmap: HclFunction = {
  name: "zipmap",
  parameters: [{ name: "keys", type: listOf(stringType), allowUnknown: true }, anything("values")],
  handlesMarks: true,
  returns(args) {
    const { type } = argument(args, 1);
    requireKind(argument(args, 1), 1, ["list", "tuple"], "a list or tuple");
    return type.kind === "list" ? mapOf(type.element) : dynamicType;
  },
  call(args) {
    const [names, items] = [argument(args, 0), argument(args, 1)];
    const type = zipmap.returns(args);
    if (!isWhollyKnown(names) || items.kind === "unknown") return unknownUntil(type, names, items);
    const elements = elementsOf(items);
    const wanted = elementsOf(names);
    if (wanted.length !== elements.length) {
      throw new FunctionError(`the number of keys (${wanted.length}) is not that of values (${elements.length})`);
    }
    const entries = new Map<string, Value>();
    for (const [position, name] of wanted.entries()) {
      if (name.kind !== "string") throw new FunctionError(`key ${position} is null`, 0);
      entries.set(name.value, argument(elements, position));
    }
    const map = type.kind === "map" ? mapValue(type.element, entries) : objectValue(entries);
    return withMarks(map, { sensitive: deepMarksOf(names).sensitive || items.sensitive });
  },
  doc: {
    summary: "A map of a list of keys and a list of their values.",
    signature: "zipmap(keys, values)",
    examples: [{ code: 'zipmap(["a", "b"], [1, 2])', result: '{"a":1,"b":2}' }],
  },
};
