// Bodies of components: arguments and nested blocks become the entries of an object.
import type { ConfigSpec, SpecType } from "@tspack/core";
import { boolType, listOf, mapOf, numberType, stringType, type Type } from "../../hcl/eval/type.ts";
import type { Attribute, Block, Body } from "../../hcl/syntax/tree.ts";
import { type Code, operand, precedence } from "../expression/code.ts";
import { isScalar, typeScriptType } from "../expression/types.ts";
import { type Entry, listText, type Remark } from "../module/pieces.ts";
import { convertDynamic } from "./dynamic.ts";
import { configText } from "./expected-errors.ts";
import type { Place, References } from "./references.ts";
import { openRemarks, remarks, remarksOf } from "./remarks.ts";

/** The entries of an object, and the comments after the last. */
export interface Entries {
  readonly entries: readonly Entry[];
  readonly dangling: readonly Remark[];
}

/** What is known about a body. */
export interface BodyOptions {
  readonly place?: Place | undefined;
  /** Options of the component, where its specification is known. */
  readonly spec?: ConfigSpec | undefined;
  /** The specification does not name all options. */
  readonly isOpenSpec?: boolean | undefined;
  /** Arguments that are converted by the caller, or not at all (undefined). */
  readonly attribute?: ((attribute: Attribute) => Entry | "default" | undefined) | undefined;
}

/** The body of a component. Blocks of one type are gathered where the first of them stands: a list of objects. */
export function bodyEntries(body: Body, references: References, options: BodyOptions = {}): Entries {
  const blocks = new Map<string, Block[]>();
  const entries: (Entry | { readonly gathered: string; readonly block: Block })[] = [];
  for (const item of body.items) {
    if (item.kind === "attribute") {
      const own = options.attribute?.(item) ?? (options.attribute === undefined ? "default" : undefined);
      const entry = own === "default" ? attributeEntry(item, references, options) : own;
      if (entry !== undefined) entries.push(entry);
      continue;
    }
    const type = item.type === "dynamic" ? (item.labels[0]?.text ?? "") : item.type;
    const known = blocks.get(type);
    if (known === undefined) {
      blocks.set(type, [item]);
      entries.push({ gathered: type, block: item });
    } else known.push(item);
  }
  return {
    entries: entries.map((entry) =>
      "gathered" in entry ? blocksEntry(entry.gathered, blocks.get(entry.gathered) ?? [], references, options) : entry,
    ),
    dangling: remarksOf(body.dangling),
  };
}

/** A whole body as an object. */
export function bodyText(block: Block, references: References, options: BodyOptions = {}): string {
  const { entries, dangling } = bodyEntries(block.body, references, options);
  return configText(withOpening(block, entries), options.isOpenSpec === true ? undefined : options.spec, {
    dangling,
    open: !isShort(entries),
  });
}

/** Entries with the comment of the block's opening line in front. */
export function withOpening(block: Block, entries: readonly Entry[]): readonly Entry[] {
  const opening = openRemarks(block.openComment);
  const [first, ...rest] = entries;
  if (opening.length === 0 || first === undefined) return entries;
  return [{ ...first, leading: [...opening, ...(first.leading ?? [])] }, ...rest];
}

/** `name: value`, converted to what the specification asks for. */
export function attributeEntry(attribute: Attribute, references: References, { place, spec }: BodyOptions = {}): Entry {
  const option = spec !== undefined && Object.hasOwn(spec.options, attribute.name) ? spec.options[attribute.name] : undefined;
  const value = references.convert(attribute.value, place, option === undefined ? undefined : typeOfSpec(option.type));
  return {
    key: attribute.name,
    value: option === undefined ? value.text : fitted(value, option.type),
    blankBefore: attribute.blankBefore,
    ...remarks(attribute),
  };
}

/** The value in the form that TypeScript wants for an option: a single value for a list is a list of one, as for the engine. */
export function fitted(value: Code, type: SpecType): string {
  if ((type.kind === "list" || type.kind === "set") && isScalar(value.type) && !value.isRef) return `[${value.text}]`;
  const wanted = typeOfSpec(type);
  // A value of which nothing is known: the engine checks it, the compiler cannot.
  const isUnknown = value.type.kind === "dynamic" && !value.isRef && value.untyped !== true && value.text !== "undefined";
  if (wanted !== undefined && isUnknown) {
    const orNothing = value.nullable === true ? " | undefined" : "";
    return `${operand(value, precedence.relational)} as ${typeScriptType(wanted)}${orNothing}`;
  }
  return value.text;
}

/** Most entries of an object that stands on one line where it fits. */
const FEW_ENTRIES = 3;

/** True for few entries of one line each. */
export function isShort(entries: readonly Entry[]): boolean {
  return entries.length <= FEW_ENTRIES && entries.every(({ value }) => !value.includes("\n"));
}

// --- internal ---

/** The blocks of one type. `dynamic` ones spread what they make. */
function blocksEntry(type: string, blocks: readonly Block[], references: References, options: BodyOptions): Entry {
  const spec = options.spec !== undefined && Object.hasOwn(options.spec.options, type) ? options.spec.options[type]?.type : undefined;
  const inner: BodyOptions = { place: options.place, spec: spec?.kind === "block" || spec?.kind === "block-list" ? spec.spec : undefined };
  const [first] = blocks;
  const blankBefore = first?.blankBefore;
  const [only] = blocks;
  if (blocks.length === 1 && only !== undefined) {
    if (only.type === "dynamic") {
      const made = convertDynamic(only, references, options.place ?? {}, (content, place) =>
        bodyText(content, references, { ...inner, place }),
      );
      return { key: type, value: made.list, blankBefore, ...remarks(only) };
    }
    const text = bodyText(only, references, inner);
    return { key: type, value: spec?.kind === "block" ? text : `[${text}]`, blankBefore, ...remarks(only) };
  }
  const items = blocks.map((block): Entry => {
    if (block.type !== "dynamic") return { value: bodyText(block, references, inner), ...remarks(block) };
    const made = convertDynamic(block, references, options.place ?? {}, (content, place) =>
      bodyText(content, references, { ...inner, place }),
    );
    return { value: made.spread, ...remarks(block) };
  });
  return { key: type, value: listText(items, { open: true }), blankBefore };
}

function typeOfSpec(type: SpecType): Type | undefined {
  switch (type.kind) {
    case "string":
      return stringType;
    case "number":
      return numberType;
    case "bool":
      return boolType;
    case "list":
    case "set": {
      const element = typeOfSpec(type.element);
      return element === undefined ? undefined : listOf(element);
    }
    case "map": {
      const element = typeOfSpec(type.element);
      return element === undefined ? undefined : mapOf(element);
    }
    default:
      return undefined;
  }
}
