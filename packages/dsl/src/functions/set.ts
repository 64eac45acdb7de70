// Functions on sets: setintersection, setproduct, setunion.
import { keyOf } from "../hcl/eval/equal.ts";
import { setFrom } from "../hcl/eval/set.ts";
import { dynamicType, listOf, setOf, type Type, tupleOf } from "../hcl/eval/type.ts";
import { unify } from "../hcl/eval/unify.ts";
import { listValue, marksOf, tupleValue, type Value, withMarks } from "../hcl/eval/value.ts";
import { anything, convertPart, elementsOf, elementTypeOf, requireKind, unknownUntil } from "./collection-parts.ts";
import { FunctionError, type HclFunction, type Parameter } from "./function.ts";

const anySet = (name: string): Parameter => ({ name, type: setOf(dynamicType), allowUnknown: true });

/** `setintersection`: what is in all of the sets. */
export const setintersection: HclFunction = {
  name: "setintersection",
  parameters: [anySet("first_set")],
  variadic: anySet("other_sets"),
  handlesMarks: true,
  returns: commonSet,
  call(args) {
    const sets = convertedSets(args);
    if (sets === undefined) return unknownUntil(commonSet(args), ...args);
    const [first = [], ...others] = sets;
    const keys = others.map((elements) => new Set(elements.map(keyOf)));
    const kept = first.filter((element) => keys.every((set) => set.has(keyOf(element))));
    return withMarks(setFrom(elementOf(commonSet(args)), kept), marksOf(...args));
  },
  doc: {
    summary: "The elements that are in all of the sets.",
    signature: "setintersection(...sets)",
    examples: [{ code: 'setintersection(["a", "b"], ["b", "c"])', result: '["b"]' }],
  },
};

/** `setunion`: what is in any of the sets. */
export const setunion: HclFunction = {
  name: "setunion",
  parameters: [anySet("first_set")],
  variadic: anySet("other_sets"),
  handlesMarks: true,
  returns: commonSet,
  call(args) {
    const sets = convertedSets(args);
    if (sets === undefined) return unknownUntil(commonSet(args), ...args);
    return withMarks(setFrom(elementOf(commonSet(args)), sets.flat()), marksOf(...args));
  },
  doc: {
    summary: "The elements that are in any of the sets, each once and sorted.",
    signature: "setunion(...sets)",
    examples: [{ code: 'setunion(["b", "a"], ["c", "b"])', result: '["a","b","c"]' }],
  },
};

/** More combinations are a mistake, and would take all memory. */
const mostCombinations = 100_000;

/** `setproduct`: all ways to take one element of each. A list if all are lists, else a set. */
export const setproduct: HclFunction = {
  name: "setproduct",
  parameters: [],
  variadic: anything("sets"),
  handlesMarks: true,
  returns(args) {
    if (args.length < 2) throw new FunctionError("at least two arguments are required");
    const elements = args.map((value, position) => {
      requireKind(value, position, ["list", "set", "tuple"], "a set or a list");
      const element = elementTypeOf(value.type);
      if (element === undefined) throw new FunctionError("all elements must be of the same type", position);
      return element;
    });
    return args.some(({ type }) => type.kind === "set") ? setOf(tupleOf(elements)) : listOf(tupleOf(elements));
  },
  call(args) {
    const type = setproduct.returns(args);
    if (args.some(({ kind }) => kind === "unknown")) return unknownUntil(type, ...args);
    const tuple = elementOf(type);
    const columns = args.map((value, position) => {
      const element = tuple.kind === "tuple" ? (tuple.elements[position] ?? dynamicType) : dynamicType;
      return elementsOf(value).map((one) => convertPart(one, element));
    });
    const size = columns.reduce((product, { length }) => product * length, 1);
    if (size > mostCombinations) {
      throw new FunctionError(`the sets have ${size} combinations, which is more than the ${mostCombinations} that are allowed`);
    }
    const combinations = columns.reduce<readonly (readonly Value[])[]>(
      (rows, column) => rows.flatMap((row) => column.map((one) => [...row, one])),
      [[]],
    );
    const tuples = combinations.map(tupleValue);
    return withMarks(type.kind === "set" ? setFrom(tuple, tuples) : listValue(tuple, tuples), marksOf(...args));
  },
  doc: {
    summary: "All combinations of one element of each set.",
    signature: "setproduct(...sets)",
    examples: [{ code: 'setproduct(["a", "b"], [1, 2])', result: '[["a",1],["a",2],["b",1],["b",2]]' }],
  },
};

// --- internal ---

/** The set that all of the sets can become. An empty one of no type goes with any. */
function commonSet(args: readonly Value[]): Type {
  const elements = args
    .filter((value) => !(value.kind === "sequence" && value.elements.length === 0 && elementOf(value.type).kind === "dynamic"))
    .map(({ type }) => elementOf(type));
  const element = elements.length === 0 ? dynamicType : unify(elements);
  if (element === undefined) throw new FunctionError("the sets must have elements of one type");
  return setOf(element);
}

function elementOf(type: Type): Type {
  return "element" in type ? type.element : dynamicType;
}

/** The elements of each set in the common type; undefined while one of the sets is not known. */
function convertedSets(args: readonly Value[]): readonly (readonly Value[])[] | undefined {
  const element = elementOf(commonSet(args));
  if (args.some(({ kind }) => kind !== "sequence")) return undefined;
  return args.map((set) => elementsOf(set).map((one) => convertPart(one, element)));
}
