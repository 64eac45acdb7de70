// Questions about lists and maps: alltrue, anytrue, contains, index, length.
import { equalValues } from "../hcl/eval/equal.ts";
import { boolType, listOf, numberType } from "../hcl/eval/type.ts";
import { boolValue, deepMarksOf, isWhollyKnown, marksOf, numberValue, type Value, withMarks } from "../hcl/eval/value.ts";
import { anything, argument, elementsOf, requireKind, unknownUntil } from "./collection-parts.ts";
import { FunctionError, type HclFunction } from "./function.ts";
import { graphemesOf } from "./graphemes.ts";

/** `alltrue`: true unless an element is false or null; true for an empty list. */
export const alltrue = truthOf("alltrue", {
  decides: (element) => element.kind === "null" || (element.kind === "bool" && !element.value),
  decided: false,
  summary: "Whether all elements are true; so it is for an empty list.",
  examples: [
    { code: "alltrue([true, true])", result: "true" },
    { code: 'alltrue(["true", false])', result: "false" },
  ],
});

/** `anytrue`: true if an element is; false for an empty list. */
export const anytrue = truthOf("anytrue", {
  decides: (element) => element.kind === "bool" && element.value,
  decided: true,
  summary: "Whether an element is true.",
  examples: [
    { code: "anytrue([false, true])", result: "true" },
    { code: "anytrue([])", result: "false" },
  ],
});

/** `contains`: whether an element is equal, of the same type too. */
export const contains: HclFunction = {
  name: "contains",
  parameters: [anything("list"), anything("value")],
  handlesMarks: true,
  returns(args) {
    requireKind(argument(args, 0), 0, ["list", "set", "tuple"], "a list, set or tuple");
    return boolType;
  },
  call(args) {
    const [list, wanted] = [argument(args, 0), argument(args, 1)];
    contains.returns(args);
    if (list.kind === "unknown") return unknownUntil(boolType, list, wanted);
    const answers = elementsOf(list).map((element) => equalValues(element, wanted));
    const isFound = answers.some((answer) => answer.kind === "bool" && answer.value);
    if (!isFound && answers.some(({ kind }) => kind === "unknown")) return unknownUntil(boolType, list, wanted);
    return withMarks(boolValue(isFound), { sensitive: deepMarksOf(list, wanted).sensitive });
  },
  doc: {
    summary: "Whether a list holds a value, of the same type too.",
    signature: "contains(list, value)",
    examples: [
      { code: 'contains(["a", "b"], "b")', result: "true" },
      { code: 'contains(["1"], 1)', result: "false" },
    ],
  },
};

/** `index`: where an element is; an error when it is nowhere (row FUD-13). */
export const index: HclFunction = {
  name: "index",
  parameters: [anything("list"), anything("value")],
  handlesMarks: true,
  returns(args) {
    requireKind(argument(args, 0), 0, ["list", "tuple"], "a list or tuple");
    return numberType;
  },
  call(args) {
    const [list, wanted] = [argument(args, 0), argument(args, 1)];
    index.returns(args);
    if (list.kind === "unknown") return unknownUntil(numberType, list, wanted);
    const elements = elementsOf(list);
    if (elements.length === 0) throw new FunctionError("cannot search an empty list", 0);
    for (const [position, element] of elements.entries()) {
      const answer = equalValues(element, wanted);
      if (answer.kind === "unknown") return unknownUntil(numberType, list, wanted);
      if (answer.kind === "bool" && answer.value) {
        return withMarks(numberValue(position), { sensitive: deepMarksOf(list, wanted).sensitive });
      }
    }
    throw new FunctionError("item not found");
  },
  doc: {
    summary: "The position of a value in a list, from 0; an error when it is not in it.",
    signature: "index(list, value)",
    examples: [{ code: 'index(["a", "b", "c"], "b")', result: "1" }],
  },
};

/** `length`: elements, attributes, or a text's characters as readers count them (row FUD-12). */
export const length: HclFunction = {
  name: "length",
  parameters: [anything("value")],
  handlesMarks: true,
  returns(args) {
    requireKind(argument(args, 0), 0, ["string", "list", "set", "tuple", "map", "object"], "a string, a collection or an object");
    return numberType;
  },
  call(args) {
    const value = argument(args, 0);
    length.returns(args);
    const count = sizeOf(value);
    return count === undefined ? unknownUntil(numberType, value) : withMarks(numberValue(count), marksOf(value));
  },
  doc: {
    summary: "How many elements a list or map has, or how many characters (grapheme clusters) a text has.",
    signature: "length(value)",
    examples: [
      { code: 'length(["a", "b"])', result: "2" },
      { code: 'length("naïve 👩‍👩‍👧")', result: "7" },
    ],
  },
};

// --- internal ---

interface TruthOptions {
  readonly decides: (element: Value) => boolean;
  readonly decided: boolean;
  readonly summary: string;
  readonly examples: NonNullable<HclFunction["doc"]>["examples"];
}

function truthOf(name: string, { decides, decided, summary, examples }: TruthOptions): HclFunction {
  return {
    name,
    parameters: [{ name: "list", type: listOf(boolType), allowUnknown: true }],
    handlesMarks: true,
    returns: () => boolType,
    call(args) {
      const list = argument(args, 0);
      if (list.kind === "unknown") return unknownUntil(boolType, list);
      const isDecided = elementsOf(list).some(decides);
      if (!isDecided && !isWhollyKnown(list)) return unknownUntil(boolType, list);
      return withMarks(boolValue(isDecided ? decided : !decided), { sensitive: deepMarksOf(list).sensitive });
    },
    doc: { summary, signature: `${name}(list)`, examples },
  };
}

/** Undefined where the size is not known. A tuple and an object have their size in the type. */
function sizeOf(value: Value): number | undefined {
  switch (value.kind) {
    case "string":
      return graphemesOf(value.value).length;
    case "sequence":
      return value.elements.length;
    case "record":
      return value.entries.size;
    default:
      if (value.type.kind === "tuple") return value.type.elements.length;
      return value.type.kind === "object" ? value.type.attributes.size : undefined;
  }
}
