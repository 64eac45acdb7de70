// Lists put together and cut: chunklist, compact, concat, distinct, flatten, reverse, slice, sort. Elements keep their marks.

import { keyOf } from "../hcl/eval/equal.ts";
import { dynamicType, listOf, numberType, stringType, type Type, tupleOf } from "../hcl/eval/type.ts";
import { unify } from "../hcl/eval/unify.ts";
import { compareText, isWhollyKnown, listValue, marksOf, tupleValue, type Value, withMarks } from "../hcl/eval/value.ts";
import { wholeNumberOf } from "./argument.ts";
import { anyList, anything, argument, convertPart, elementsOf, requireKind, unknownUntil } from "./collection-parts.ts";
import { FunctionError, type HclFunction } from "./function.ts";

/** `chunklist`: a list in lists of at most so many elements; 0 means one list with all. */
export const chunklist: HclFunction = {
  name: "chunklist",
  parameters: [anyList("list"), { name: "size", type: numberType }],
  handlesMarks: true,
  returns: (args) => listOf(argument(args, 0).type),
  call(args) {
    const [list, size] = [argument(args, 0), argument(args, 1)];
    const type = list.type;
    const step = wholeNumberOf(size, "the size", 1);
    if (step < 0) throw new FunctionError("the size must not be negative", 1);
    if (list.kind === "unknown" || type.kind !== "list") return unknownUntil(listOf(type), list, size);
    const elements = elementsOf(list);
    const chunks: Value[] = [];
    for (let from = 0; from < elements.length; from += step === 0 ? elements.length : step) {
      chunks.push(listValue(type.element, elements.slice(from, step === 0 ? undefined : from + step)));
    }
    return withMarks(listValue(type, chunks), marksOf(list, size));
  },
  doc: {
    summary: "A list cut into lists of at most `size` elements.",
    signature: "chunklist(list, size)",
    examples: [{ code: 'chunklist(["a", "b", "c"], 2)', result: '[["a","b"],["c"]]' }],
  },
};

/** `compact`: a list of texts without the empty ones and nulls. */
export const compact: HclFunction = {
  name: "compact",
  parameters: [{ name: "list", type: listOf(stringType), allowUnknown: true }],
  handlesMarks: true,
  returns: () => listOf(stringType),
  call(args) {
    const list = argument(args, 0);
    if (!isWhollyKnown(list)) return unknownUntil(listOf(stringType), list);
    const kept = elementsOf(list).filter((element) => element.kind === "string" && element.value !== "");
    return withMarks(listValue(stringType, kept), marksOf(list));
  },
  doc: {
    summary: "The texts of a list that are not empty.",
    signature: "compact(list)",
    examples: [{ code: 'compact(["a", "", "b"])', result: '["a","b"]' }],
  },
};

/** `concat`: lists behind one another. Only lists with a common element type make a list, all else a tuple. */
export const concat: HclFunction = {
  name: "concat",
  parameters: [],
  variadic: anything("lists"),
  handlesMarks: true,
  returns(args) {
    if (args.length === 0) throw new FunctionError("at least one argument is required");
    for (const [position, value] of args.entries()) requireKind(value, position, ["list", "tuple"], "a list or tuple");
    const types = args.map(({ type }) => type);
    const common = types.every(({ kind }) => kind === "list") ? unify(types) : undefined;
    if (common !== undefined) return common;
    if (args.some(({ kind, type }) => kind === "unknown" && type.kind !== "tuple")) return dynamicType;
    return tupleOf(
      args.flatMap((value) => (value.type.kind === "tuple" ? value.type.elements : elementsOf(value).map(({ type }) => type))),
    );
  },
  call(args) {
    const type = concat.returns(args);
    if (args.some(({ kind }) => kind === "unknown")) return unknownUntil(type, ...args);
    const elements = args.flatMap(elementsOf);
    const result =
      type.kind === "list"
        ? listValue(
            type.element,
            elements.map((element) => convertPart(element, type.element)),
          )
        : tupleValue(elements);
    return withMarks(result, marksOf(...args));
  },
  doc: {
    summary: "The elements of several lists in one.",
    signature: "concat(...lists)",
    examples: [{ code: 'concat(["a"], ["b", "c"])', result: '["a","b","c"]' }],
  },
};

/** `distinct`: each element once, where it stands first. */
export const distinct: HclFunction = {
  name: "distinct",
  parameters: [anyList("list")],
  handlesMarks: true,
  returns: (args) => argument(args, 0).type,
  call(args) {
    const list = argument(args, 0);
    const { type } = list;
    if (!isWhollyKnown(list) || type.kind !== "list") return unknownUntil(type, list);
    const first = new Map<string, Value>();
    for (const element of elementsOf(list)) {
      const key = keyOf(element);
      if (!first.has(key)) first.set(key, element);
    }
    return withMarks(listValue(type.element, [...first.values()]), marksOf(list));
  },
  doc: {
    summary: "The list without repetitions.",
    signature: "distinct(list)",
    examples: [{ code: 'distinct(["a", "b", "a"])', result: '["a","b"]' }],
  },
};

/** `flatten`: a tuple of the elements of a list and of all lists in it. */
export const flatten: HclFunction = {
  name: "flatten",
  parameters: [anything("list")],
  handlesMarks: true,
  returns(args) {
    requireKind(argument(args, 0), 0, ["list", "set", "tuple"], "a list, set or tuple");
    return dynamicType;
  },
  call(args) {
    const list = argument(args, 0);
    flatten.returns(args);
    const flat = flattened(list);
    return flat === undefined ? unknownUntil(dynamicType, list) : withMarks(tupleValue(flat), marksOf(list));
  },
  doc: {
    summary: "The elements of a list and of the lists in it, at any depth, in one list.",
    signature: "flatten(list)",
    examples: [{ code: 'flatten([["a", ["b"]], [], ["c"]])', result: '["a","b","c"]' }],
  },
};

/** `reverse`: the elements from the last to the first; of a set in its order. */
export const reverse: HclFunction = {
  name: "reverse",
  parameters: [anything("list")],
  handlesMarks: true,
  returns(args) {
    const { type } = argument(args, 0);
    requireKind(argument(args, 0), 0, ["list", "set", "tuple"], "a list, set or tuple");
    if (type.kind === "tuple") return tupleOf([...type.elements].reverse());
    return type.kind === "list" || type.kind === "set" ? listOf(type.element) : dynamicType;
  },
  call(args) {
    const list = argument(args, 0);
    return ofType(reverse.returns(args), list, (elements) => [...elements].reverse());
  },
  doc: {
    summary: "The list from its end to its start.",
    signature: "reverse(list)",
    examples: [{ code: "reverse([1, 2, 3])", result: "[3,2,1]" }],
  },
};

/** `slice`: the elements from one position to before another. */
export const slice: HclFunction = {
  name: "slice",
  parameters: [anything("list"), { name: "from", type: numberType }, { name: "to", type: numberType }],
  handlesMarks: true,
  returns(args) {
    const list = argument(args, 0);
    if (list.type.kind === "set") {
      throw new FunctionError("cannot slice a set, because its elements have no positions; convert it to a list first", 0);
    }
    requireKind(list, 0, ["list", "tuple"], "a list or tuple");
    if (list.type.kind !== "tuple") return list.type;
    if (args.some(({ kind }, position) => position > 0 && kind !== "number")) return dynamicType;
    const [from, to] = boundsOf(args, list.type.elements.length);
    return tupleOf(list.type.elements.slice(from, to));
  },
  call(args) {
    const list = argument(args, 0);
    const type = slice.returns(args);
    const length = list.kind === "sequence" ? list.elements.length : undefined;
    const [from, to] = boundsOf(args, length);
    return withMarks(
      ofType(type, list, (elements) => elements.slice(from, to)),
      marksOf(...args),
    );
  },
  doc: {
    summary: "The elements from position `from` to before `to`.",
    signature: "slice(list, from, to)",
    examples: [{ code: 'slice(["a", "b", "c", "d"], 1, 3)', result: '["b","c"]' }],
  },
};

/** `sort`: texts in the order of their bytes. */
export const sort: HclFunction = {
  name: "sort",
  parameters: [{ name: "list", type: listOf(stringType), allowUnknown: true }],
  handlesMarks: true,
  returns: () => listOf(stringType),
  call(args) {
    const list = argument(args, 0);
    if (!isWhollyKnown(list)) return unknownUntil(listOf(stringType), list);
    const texts = elementsOf(list).map((element, position) => {
      if (element.kind !== "string") throw new FunctionError(`element ${position} is null; cannot sort`, 0);
      return element;
    });
    texts.sort((a, b) => compareText(a.value, b.value));
    return withMarks(listValue(stringType, texts), marksOf(list));
  },
  doc: {
    summary: "The texts of a list in the order of their characters.",
    signature: "sort(list)",
    examples: [{ code: 'sort(["b", "a", "B"])', result: '["B","a","b"]' }],
  },
};

// --- internal ---

function ofType(type: Type, list: Value, arrange: (elements: readonly Value[]) => readonly Value[]): Value {
  if (list.kind === "unknown") return unknownUntil(type, list);
  const elements = arrange(elementsOf(list));
  return withMarks(type.kind === "list" ? listValue(type.element, elements) : tupleValue(elements), marksOf(list));
}

/** Undefined when something in it may turn out to be a list. Goes down with a stack of its own, so that no value is too deep. */
function flattened(list: Value): readonly Value[] | undefined {
  const flat: Value[] = [];
  const open: Value[] = [list];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { kind } = next.type;
    const isList = kind === "list" || kind === "set" || kind === "tuple";
    if (next.kind === "unknown" && (isList || kind === "dynamic")) return undefined;
    if (next.kind !== "sequence") {
      flat.push(next);
      continue;
    }
    const marks = next === list ? {} : marksOf(next);
    for (let position = next.elements.length - 1; position >= 0; position--) {
      const element = next.elements[position];
      if (element !== undefined) open.push(withMarks(element, marks));
    }
  }
  return flat;
}

function boundsOf(args: readonly Value[], length: number | undefined): readonly [number, number] {
  const from = wholeNumberOf(argument(args, 1), "the start", 1);
  const to = wholeNumberOf(argument(args, 2), "the end", 2);
  if (from < 0) throw new FunctionError("the start must not be less than 0", 1);
  if (to < 0) throw new FunctionError("the end must not be less than 0", 2);
  if (from > to) throw new FunctionError("the start must not be greater than the end", 1);
  if (length !== undefined && to > length) throw new FunctionError("the end must not be greater than the length of the list", 2);
  return [from, to];
}
