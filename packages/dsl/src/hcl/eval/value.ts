// HCL's values. Immutable. Every value carries what it waits for (when unknown) and whether it is sensitive.
import type { Dependency } from "@tspack/core";
import type { BigNumber } from "./number.ts";
import { boolType, dynamicType, listOf, mapOf, numberType, objectOf, setOf, stringType, type Type, tupleOf } from "./type.ts";

export type Value = StringValue | NumberValue | BoolValue | SequenceValue | RecordValue | NullValue | UnknownValue;

interface Base {
  readonly type: Type;
  /** True for a sensitive variable and for all that is computed from it. Of a list or object it stands for the whole. */
  readonly sensitive: boolean;
  /** What a known value was chosen by although it was not known: rare, and then the value is told as waiting for it. */
  readonly waitsFor: readonly Dependency[];
}

/** Text, normalised to NFC. */
export interface StringValue extends Base {
  readonly kind: "string";
  readonly value: string;
}

export interface NumberValue extends Base {
  readonly kind: "number";
  readonly value: BigNumber;
}

export interface BoolValue extends Base {
  readonly kind: "bool";
  readonly value: boolean;
}

/** A list, set (sorted as cty sorts it, without duplicates) or tuple; `type` tells which. */
export interface SequenceValue extends Base {
  readonly kind: "sequence";
  readonly elements: readonly Value[];
}

/** A map or object; `type` tells which. Iterated in the order of its sorted keys (`sortedEntries`); `entries` is in order written. */
export interface RecordValue extends Base {
  readonly kind: "record";
  readonly entries: ReadonlyMap<string, Value>;
}

/** Null of a type (`dynamic` when none is known). */
export interface NullValue extends Base {
  readonly kind: "null";
}

/** Not known yet. `reference` is set while it is a plain reference (`data.http.x.body`): going into it gives a narrower reference. */
export interface UnknownValue extends Base {
  readonly kind: "unknown";
  readonly reference?: Dependency | undefined;
}

/** What may be said about a value besides its content. */
export interface Marks {
  readonly sensitive?: boolean | undefined;
  readonly waitsFor?: readonly Dependency[] | undefined;
}

/** Marks with nothing left open. */
export interface AllMarks {
  readonly sensitive: boolean;
  readonly waitsFor: readonly Dependency[];
}

const noDependencies: readonly Dependency[] = [];

export const stringValue = (value: string): StringValue => ({
  kind: "string",
  type: stringType,
  value: value.normalize("NFC"),
  sensitive: false,
  waitsFor: noDependencies,
});
export const numberValue = (value: BigNumber): NumberValue => ({
  kind: "number",
  type: numberType,
  value,
  sensitive: false,
  waitsFor: noDependencies,
});
export const boolValue = (value: boolean): BoolValue => ({
  kind: "bool",
  type: boolType,
  value,
  sensitive: false,
  waitsFor: noDependencies,
});
export const nullValue = (type: Type = dynamicType): NullValue => ({ kind: "null", type, sensitive: false, waitsFor: noDependencies });
/** An unknown value of a type that waits for something. */
export const unknownValue = (type: Type, marks: Marks = {}): UnknownValue => ({
  kind: "unknown",
  type,
  sensitive: marks.sensitive ?? false,
  waitsFor: marks.waitsFor ?? noDependencies,
});
/** An unknown value that is a reference: `build.Host`, `data.http.x`. */
export const referenceValue = (reference: Dependency, type: Type = dynamicType): UnknownValue => ({
  kind: "unknown",
  type,
  sensitive: false,
  waitsFor: [reference],
  reference,
});
export const tupleValue = (elements: readonly Value[]): SequenceValue => sequence(tupleOf(elements.map(({ type }) => type)), elements);
/** A list. The elements must have the type already. */
export const listValue = (element: Type, elements: readonly Value[]): SequenceValue => sequence(listOf(element), elements);
/** A set. The elements must have the type, be sorted, and hold no duplicates: see `setFrom` in convert.ts, which sees to it. */
export const sortedSetValue = (element: Type, elements: readonly Value[]): SequenceValue => sequence(setOf(element), elements);
export const objectValue = (entries: ReadonlyMap<string, Value>): RecordValue =>
  record(objectOf(new Map([...entries].map(([name, { type }]) => [name, type]))), entries);
/** A map. The elements must have the type already. */
export const mapValue = (element: Type, entries: ReadonlyMap<string, Value>): RecordValue => record(mapOf(element), entries);

/** The value with marks added; the same value when there is nothing to add. */
export function withMarks<V extends Value>(value: V, { sensitive = false, waitsFor = noDependencies }: Marks): V {
  const isMore = (sensitive && !value.sensitive) || waitsFor.some((one) => !value.waitsFor.includes(one));
  if (!isMore) return value;
  return {
    ...value,
    sensitive: value.sensitive || sensitive,
    waitsFor: together(value.waitsFor, waitsFor),
    // What something else had a hand in is no plain reference any more.
    ...(value.kind === "unknown" ? { reference: waitsFor.length === 0 ? value.reference : undefined } : {}),
  };
}

/** The marks of values taken together: those of the whole values, not of what is inside them. */
export function marksOf(...values: readonly Value[]): AllMarks {
  let sensitive = false;
  let waitsFor = noDependencies;
  for (const value of values) {
    sensitive ||= value.sensitive;
    waitsFor = together(waitsFor, value.waitsFor);
  }
  return { sensitive, waitsFor };
}

/** Marks taken together. */
export function unitedMarks(a: AllMarks, b: AllMarks): AllMarks {
  if (!b.sensitive && b.waitsFor.length === 0) return a;
  return { sensitive: a.sensitive || b.sensitive, waitsFor: together(a.waitsFor, b.waitsFor) };
}

/** The marks of values and of all that is inside them. */
export function deepMarksOf(...values: readonly Value[]): AllMarks {
  let sensitive = false;
  let waitsFor = noDependencies;
  for (const value of values) {
    const inside = value.kind === "sequence" || value.kind === "record" ? contentsOf(value) : value;
    sensitive ||= inside.sensitive;
    waitsFor = together(waitsFor, inside.waitsFor);
  }
  return { sensitive, waitsFor };
}

/** True if nothing in the value is unknown. */
export function isWhollyKnown(value: Value): boolean {
  if (value.kind === "unknown") return false;
  return value.kind === "sequence" || value.kind === "record" ? contentsOf(value).isKnown : true;
}

/** How large a value is. What is shared inside it counts each time. */
export interface Extent {
  /** How many values it holds, itself included. */
  readonly size: number;
  /** How many levels deep it goes. */
  readonly depth: number;
  /** Characters of all texts in it. */
  readonly characters: number;
}

export function extentOf(value: Value): Extent {
  if (value.kind === "sequence" || value.kind === "record") return contentsOf(value);
  return { size: 1, depth: 0, characters: charactersOf(value) };
}

/** Entries by sorted key, as HCL iterates: by code point. */
export function sortedEntries(value: RecordValue): readonly (readonly [string, Value])[] {
  return [...value.entries].sort(([a], [b]) => compareText(a, b));
}

/** Order of texts by their UTF-8 bytes, as Go compares them. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  // UTF-16 order differs from that of UTF-8 above the surrogates only.
  return /[\ud800-\uffff]/.test(a) || /[\ud800-\uffff]/.test(b) ? Buffer.compare(Buffer.from(a), Buffer.from(b)) : a < b ? -1 : 1;
}

// --- internal ---

/** What is known of a container with all that is in it. */
interface Contents extends AllMarks, Extent {
  readonly isKnown: boolean;
}

/** Worked out once per container: values share their parts, and walking all of them each time could take for ever. */
const contents = new WeakMap<Value, Contents>();

function contentsOf(value: SequenceValue | RecordValue): Contents {
  const known = contents.get(value);
  if (known !== undefined) return known;
  let { sensitive, waitsFor } = value;
  let isKnown = true;
  let size = 1;
  let depth = 0;
  let characters = 0;
  for (const inner of value.kind === "sequence" ? value.elements : value.entries.values()) {
    const found = inner.kind === "sequence" || inner.kind === "record" ? contentsOf(inner) : undefined;
    sensitive ||= (found ?? inner).sensitive;
    waitsFor = together(waitsFor, (found ?? inner).waitsFor);
    isKnown &&= found?.isKnown ?? inner.kind !== "unknown";
    size += found?.size ?? 1;
    depth = Math.max(depth, found?.depth ?? 0);
    characters += found?.characters ?? charactersOf(inner);
  }
  const result: Contents = { sensitive, waitsFor, isKnown, size, depth: depth + 1, characters };
  contents.set(value, result);
  return result;
}

function charactersOf(value: Value): number {
  return value.kind === "string" ? value.value.length : 0;
}

/** Each once. Equal references are the same object: see `narrowerReference`. */
function together(a: readonly Dependency[], b: readonly Dependency[]): readonly Dependency[] {
  if (b.length === 0 || a === b) return a;
  if (a.length === 0) return b;
  const more = b.filter((one) => !a.includes(one));
  return more.length === 0 ? a : [...a, ...more];
}

function sequence(type: Type, elements: readonly Value[]): SequenceValue {
  return { kind: "sequence", type, elements, sensitive: false, waitsFor: noDependencies };
}

function record(type: Type, entries: ReadonlyMap<string, Value>): RecordValue {
  return { kind: "record", type, entries, sensitive: false, waitsFor: noDependencies };
}
