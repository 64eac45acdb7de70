// Functions that pick one of several: coalesce, coalescelist, element, lookup. What is picked keeps its marks.
import { dynamicType, numberType, sameType, stringType, type Type } from "../hcl/eval/type.ts";
import { canConvert, unify } from "../hcl/eval/unify.ts";
import { marksOf, type Value, withMarks } from "../hcl/eval/value.ts";
import { textOf, wholeNumberOf } from "./argument.ts";
import { anything, argument, convertPart, elementsOf, entriesOf, requireKind, unknownUntil } from "./collection-parts.ts";
import { FunctionError, type HclFunction } from "./function.ts";

/** `coalesce`: the first value that is neither null nor an empty text (row FUD-14), in the type that all share. */
export const coalesce: HclFunction = {
  name: "coalesce",
  parameters: [],
  variadic: { ...anything("values"), allowNull: true },
  handlesMarks: true,
  returns(args) {
    if (args.length === 0) throw new FunctionError("at least one argument is required");
    const type = unify(args.map(({ type }) => type));
    if (type === undefined) throw new FunctionError("all arguments must have the same type");
    return type;
  },
  call(args) {
    const type = coalesce.returns(args);
    const passed: Value[] = [];
    for (const given of args) {
      const value = convertPart(given, type);
      passed.push(given);
      if (value.kind === "unknown") return unknownUntil(type, ...args);
      if (value.kind === "null" || (value.kind === "string" && value.value === "")) continue;
      return withMarks(value, { sensitive: marksOf(...passed).sensitive });
    }
    throw new FunctionError("every argument is null or an empty string");
  },
  doc: {
    summary: "The first value that is neither null nor an empty text.",
    signature: "coalesce(...values)",
    examples: [{ code: 'coalesce(null, "", "b", "c")', result: '"b"' }],
  },
};

/** `coalescelist`: the first list that has elements. */
export const coalescelist: HclFunction = {
  name: "coalescelist",
  parameters: [],
  variadic: { ...anything("lists"), allowNull: true },
  handlesMarks: true,
  returns(args) {
    const [first, ...others] = args;
    if (first === undefined) throw new FunctionError("at least one argument is required");
    if (args.some(({ kind }) => kind === "unknown")) return dynamicType;
    for (const [position, value] of args.entries()) requireKind(value, position, ["list", "tuple"], "a list or tuple");
    return others.every(({ type }) => sameType(type, first.type)) ? first.type : dynamicType;
  },
  call(args) {
    const type = coalescelist.returns(args);
    for (const value of args) {
      if (value.kind === "unknown") return unknownUntil(type, ...args);
      if (value.kind === "sequence" && value.elements.length > 0) return value;
    }
    throw new FunctionError("every argument is null or an empty list");
  },
  doc: {
    summary: "The first list that is not empty.",
    signature: "coalescelist(...lists)",
    examples: [{ code: 'coalescelist([], ["a"], ["b"])', result: '["a"]' }],
  },
};

/** `element`: the element at a position, counted round the list: behind the last comes the first. */
export const element: HclFunction = {
  name: "element",
  parameters: [anything("list"), { name: "index", type: numberType, allowUnknown: true }],
  handlesMarks: true,
  returns(args) {
    const [list, position] = [argument(args, 0), argument(args, 1)];
    requireKind(list, 0, ["list", "tuple"], "a list or tuple");
    const { type } = list;
    if (type.kind === "list") return type.element;
    if (type.kind !== "tuple" || position.kind === "unknown") return dynamicType;
    return type.elements[wrapped(position, type.elements.length)] ?? dynamicType;
  },
  call(args) {
    const [list, position] = [argument(args, 0), argument(args, 1)];
    const type = element.returns(args);
    if (list.kind === "unknown" || position.kind === "unknown") return unknownUntil(type, list, position);
    const elements = elementsOf(list);
    return withMarks(argument(elements, wrapped(position, elements.length)), marksOf(list, position));
  },
  doc: {
    summary: "The element at a position from 0; positions past the end start again at the first.",
    signature: "element(list, index)",
    examples: [
      { code: 'element(["a", "b", "c"], 4)', result: '"b"' },
      { code: 'element(["a", "b", "c"], -1)', result: '"c"' },
    ],
  },
};

/** `lookup`: the value of a key; the default, which has to be given (row FUD-03), when the key is missing. */
export const lookup: HclFunction = {
  name: "lookup",
  parameters: [anything("map"), { name: "key", type: stringType, allowUnknown: true }, anything("default")],
  handlesMarks: true,
  returns(args) {
    const [map, key, fallback] = [argument(args, 0), argument(args, 1), argument(args, 2)];
    requireKind(map, 0, ["map", "object"], "a map or object");
    const { type } = map;
    if (type.kind === "map") {
      requireElement(type.element, fallback);
      return type.element;
    }
    if (type.kind !== "object" || key.kind === "unknown") return dynamicType;
    return type.attributes.get(textOf(key)) ?? fallback.type;
  },
  call(args) {
    const [map, key, fallback] = [argument(args, 0), argument(args, 1), argument(args, 2)];
    const type = lookup.returns(args);
    if (map.kind === "unknown" || key.kind === "unknown") return unknownUntil(type, map, key, fallback);
    const found = entriesOf(map).get(textOf(key));
    return withMarks(found ?? convertPart(fallback, type, 2), marksOf(map, key));
  },
  doc: {
    summary: "The value of a key; the default when there is none.",
    signature: "lookup(map, key, default)",
    examples: [
      { code: 'lookup({ a: "x" }, "a", "none")', result: '"x"' },
      { code: 'lookup({ a: "x" }, "b", "none")', result: '"none"' },
    ],
  },
};

// --- internal ---

function requireElement(type: Type, fallback: Value): void {
  if (!canConvert(fallback.type, type, false)) throw new FunctionError("the default value must have the type of the map's elements", 2);
}

function wrapped(position: Value, length: number): number {
  const index = wholeNumberOf(position, "the index", 1);
  if (length === 0) throw new FunctionError("an empty list has no elements", 0);
  return ((index % length) + length) % length;
}
