// Types as Go's gob streams define them (plugin-protocol section 10).

/** A type of a gob stream. Types that refer to themselves are allowed when reading: an element is looked up when it is used. */
export type GobType =
  | { readonly kind: "bool" | "int" | "uint" | "float" | "bytes" | "string" | "complex" | "interface" }
  | { readonly kind: "slice"; readonly name: string; readonly element: GobType }
  | { readonly kind: "array"; readonly name: string; readonly element: GobType; readonly length: number }
  | { readonly kind: "map"; readonly name: string; readonly key: GobType; readonly element: GobType }
  | { readonly kind: "struct"; readonly name: string; readonly fields: readonly GobField[] }
  /** A Go type that encodes itself: its value is bytes that only it understands. */
  | { readonly kind: "encoder"; readonly name: string };

/** A field of a struct. */
export interface GobField {
  readonly name: string;
  readonly type: GobType;
}

/** What an interface holds: the name that Go registered for the concrete type, and the value. */
export interface GobInterface {
  readonly name: string;
  /** Needed to write, given by what was read. */
  readonly type: GobType;
  readonly value: GobValue;
}

/**
 * A value: structs are records without the fields that are zero, maps are `Map`s, slices and arrays are arrays, a nil interface is
 * null, bytes and values of types that encode themselves are buffers. Integers are bigints beyond 2^53.
 */
export type GobValue =
  | boolean
  | number
  | bigint
  | string
  | Buffer
  | null
  | readonly GobValue[]
  | ReadonlyMap<GobValue, GobValue>
  | GobInterface
  | GobStruct;

/** Fields of a struct by name. */
export interface GobStruct {
  readonly struct: { readonly [field: string]: GobValue };
}

/** Deepest nesting of a value: one block of a specification alone takes five levels. */
export const MAX_GOB_DEPTH = 600;

/** Types that every stream knows, by the numbers that Go gave them. */
export const BUILT_IN_TYPES: ReadonlyMap<number, GobType> = new Map([
  [1, { kind: "bool" }],
  [2, { kind: "int" }],
  [3, { kind: "uint" }],
  [4, { kind: "float" }],
  [5, { kind: "bytes" }],
  [6, { kind: "string" }],
  [7, { kind: "complex" }],
  [8, { kind: "interface" }],
]);

/** True for the value of a struct. */
export function isGobStruct(value: GobValue | undefined): value is GobStruct {
  return typeof value === "object" && value !== null && "struct" in value;
}

/** True for what an interface that is not nil holds. */
export function isGobInterface(value: GobValue | undefined): value is GobInterface {
  return typeof value === "object" && value !== null && "type" in value;
}
