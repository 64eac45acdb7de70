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
    waitsFor: [...new Set([...value.waitsFor, ...waitsFor])],
    // What something else had a hand in is no plain reference any more.
    ...(value.kind === "unknown" ? { reference: waitsFor.length === 0 ? value.reference : undefined } : {}),
  };
}

/** The marks of values taken together: those of the whole values, not of what is inside them. */
export function marksOf(...values: readonly Value[]): AllMarks {
  return {
    sensitive: values.some(({ sensitive }) => sensitive),
    waitsFor: values.some(({ waitsFor }) => waitsFor.length > 0)
      ? [...new Set(values.flatMap(({ waitsFor }) => waitsFor))]
      : noDependencies,
  };
}

/** The marks of values and of all that is inside them. */
export function deepMarksOf(...values: readonly Value[]): AllMarks {
  let all = marksOf(...values);
  for (const value of values) {
    const inner = value.kind === "sequence" ? value.elements : value.kind === "record" ? [...value.entries.values()] : [];
    if (inner.length === 0) continue;
    const found = deepMarksOf(...inner);
    if (found.sensitive || found.waitsFor.length > 0) {
      all = { sensitive: all.sensitive || found.sensitive, waitsFor: [...new Set([...all.waitsFor, ...found.waitsFor])] };
    }
  }
  return all;
}

/** True if nothing in the value is unknown. */
export function isWhollyKnown(value: Value): boolean {
  if (value.kind === "unknown") return false;
  if (value.kind === "sequence") return value.elements.every(isWhollyKnown);
  if (value.kind === "record") return [...value.entries.values()].every(isWhollyKnown);
  return true;
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

function sequence(type: Type, elements: readonly Value[]): SequenceValue {
  return { kind: "sequence", type, elements, sensitive: false, waitsFor: noDependencies };
}

function record(type: Type, entries: ReadonlyMap<string, Value>): RecordValue {
  return { kind: "record", type, entries, sensitive: false, waitsFor: noDependencies };
}
