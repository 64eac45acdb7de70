// YAML documents as values. The syntax is the library's, what it means is the reference's: see yaml-scalar.ts.
import type { Document, Node, Pair, Scalar, YAMLMap, YAMLSeq } from "yaml";
import { ConversionError } from "../hcl/eval/conversion-error.ts";
import { convert } from "../hcl/eval/convert.ts";
import { stringType } from "../hcl/eval/type.ts";
import { nullValue, objectValue, tupleValue, type Value } from "../hcl/eval/value.ts";
import { FunctionError } from "./function.ts";
import { yamlLibrary } from "./libraries.ts";
import { readText } from "./lift.ts";
import { plainScalar, taggedScalar } from "./yaml-scalar.ts";

/** Reads the one document of a text. Throws `FunctionError`. */
export function decodeYaml(text: string): Value {
  try {
    return new Decoder().value(requireDocument(text).contents, 0).value;
  } catch (error) {
    // The library goes into depth on the stack.
    if (error instanceof RangeError) throw new FunctionError("the YAML is nested too deeply", 0);
    throw error;
  }
}

// --- internal ---

/** Deeper than any data, and shallower than the stack. */
const MOST_LEVELS = 500;
/** Aliases of aliases grow by leaps and bounds; no document for an image has so many values. */
const MOST_VALUES = 1_000_000;

/** A value and how many values are in it. */
interface Decoded {
  readonly value: Value;
  readonly size: number;
}

function requireDocument(text: string): Document.Parsed {
  const documents = yamlLibrary().parseAllDocuments(text, { schema: "failsafe", uniqueKeys: false, logLevel: "silent" });
  const [document, second] = Array.isArray(documents) ? documents : [];
  if (document === undefined) throw new FunctionError("the text holds no YAML document", 0);
  const problem = document.errors[0] ?? second?.errors[0];
  if (problem !== undefined) {
    // The library goes into depth on the stack, and makes a problem of its end.
    if (problem.message.startsWith("Maximum call stack")) throw new RangeError(problem.message);
    const [message = ""] = problem.message.split("\n");
    throw new FunctionError(`the text is not valid YAML: ${message.replace(/:$/, "")}`, 0);
  }
  if (second !== undefined) throw new FunctionError("the text holds more than one YAML document", 0);
  return document;
}

class Decoder {
  readonly #library = yamlLibrary();
  /** Undefined while the node of the anchor is being read. */
  readonly #anchors = new Map<string, Decoded | undefined>();
  #values = 0;

  value(node: unknown, level: number): Decoded {
    const { isAlias, isMap, isNode, isScalar, isSeq } = this.#library;
    if (level > MOST_LEVELS) throw new FunctionError(`the YAML is nested deeper than ${MOST_LEVELS} levels`, 0);
    if (!isNode(node)) return this.#counted(nullValue(), 1);
    if (isAlias(node)) return this.#alias(node.source);
    const { anchor } = node;
    if (anchor !== undefined) this.#anchors.set(anchor, undefined);
    const decoded = isScalar(node)
      ? this.#scalar(node)
      : isMap(node)
        ? this.#map(node, level)
        : isSeq(node)
          ? this.#list(node, level)
          : undefined;
    if (decoded === undefined) throw new FunctionError("the YAML has a node of an unknown kind", 0);
    if (anchor !== undefined) this.#anchors.set(anchor, decoded);
    return decoded;
  }

  #counted(value: Value, size: number): Decoded {
    this.#values += 1;
    return { value, size };
  }

  #alias(anchor: string): Decoded {
    const found = this.#anchors.get(anchor);
    if (found === undefined) {
      const isOpen = this.#anchors.has(anchor);
      throw new FunctionError(isOpen ? `the anchor "${anchor}" refers to itself` : `there is no anchor "${anchor}" before its alias`, 0);
    }
    this.#values += found.size;
    if (this.#values > MOST_VALUES) throw new FunctionError(`the YAML has more than ${MOST_VALUES} values, aliases counted`, 0);
    return found;
  }

  #scalar(node: Scalar): Decoded {
    const text = typeof node.value === "string" ? node.value : (node.source ?? "");
    if (node.tag !== undefined) return this.#counted(taggedScalar(text, node.tag), 1);
    return this.#counted(node.type === this.#library.Scalar.PLAIN ? plainScalar(text) : taggedScalar(text, "tag:yaml.org,2002:str"), 1);
  }

  #list(node: YAMLSeq, level: number): Decoded {
    requireTag(node, "seq");
    const items = node.items.map((item) => this.value(this.#ofPair(item), level + 1));
    return this.#counted(tupleValue(items.map(({ value }) => value)), sizeOf(items));
  }

  #map(node: YAMLMap, level: number): Decoded {
    requireTag(node, "map");
    const entries = new Map<string, Value>();
    const merged = new Map<string, Value>();
    let size = 1;
    for (const { key, value } of node.items) {
      const decoded = this.value(value, level + 1);
      size += decoded.size;
      if (this.#isMerge(key)) {
        if (decoded.value.kind !== "record") throw new FunctionError("the YAML merges (<<) something that is no mapping", 0);
        for (const [name, element] of decoded.value.entries) merged.set(name, element);
      } else {
        entries.set(this.#key(key, level), decoded.value);
      }
    }
    // What a mapping says itself goes before what is merged into it, wherever that stands.
    return this.#counted(objectValue(new Map([...merged, ...entries])), size);
  }

  #isMerge(key: unknown): boolean {
    const { isScalar, Scalar } = this.#library;
    return isScalar(key) && key.type === Scalar.PLAIN && key.tag === undefined && key.source === "<<";
  }

  #key(key: unknown, level: number): string {
    const { value } = this.value(key, level + 1);
    if (value.kind === "null") throw new FunctionError("the YAML has a mapping with null for a key", 0);
    try {
      return readText(convert(value, stringType));
    } catch (error) {
      if (error instanceof ConversionError) throw new FunctionError("the YAML has a mapping with a list or mapping for a key", 0);
      throw error;
    }
  }

  /** `[a: b]` is a list of one mapping; the library has pairs of it in some schemas. */
  #ofPair(item: unknown): Node | null {
    const { isNode, isPair, YAMLMap } = this.#library;
    if (isNode(item)) return item;
    if (!isPair(item)) return null;
    const map = new YAMLMap();
    map.items.push(item as Pair);
    return map;
  }
}

function sizeOf(items: readonly Decoded[]): number {
  return items.reduce((sum, { size }) => sum + size, 1);
}

function requireTag({ tag }: Node, kind: "seq" | "map"): void {
  if (tag === undefined || tag === `tag:yaml.org,2002:${kind}`) return;
  throw new FunctionError(`the YAML has a ${kind === "map" ? "mapping" : "list"} with a tag that is not supported: ${tag}`, 0);
}
