// The type bytes of msgpack (msgpack specification, "Formats").

/** What follows a type byte. `argument` bytes hold the value or a length; then `length` says what else follows. */
export interface TokenShape {
  readonly kind: "nil" | "bool" | "int" | "uint" | "float" | "string" | "binary" | "array" | "map" | "extension";
  /** Bytes of the integer, float or length behind the type byte. */
  readonly argument: number;
  /** The value or length that the type byte itself holds. */
  readonly inline?: number;
}

/** The shape of a type byte; undefined for 0xc1, which is never used. */
export function tokenShape(type: number): TokenShape | undefined {
  if (type < 0x80) return { kind: "int", argument: 0, inline: type };
  if (type < 0x90) return { kind: "map", argument: 0, inline: type & 0x0f };
  if (type < 0xa0) return { kind: "array", argument: 0, inline: type & 0x0f };
  if (type < 0xc0) return { kind: "string", argument: 0, inline: type & 0x1f };
  if (type >= 0xe0) return { kind: "int", argument: 0, inline: type - 0x100 };
  return shapes[type - 0xc0];
}

// --- internal ---

/** 0xc0 to 0xdf. */
const shapes: readonly (TokenShape | undefined)[] = [
  { kind: "nil", argument: 0 },
  undefined,
  { kind: "bool", argument: 0, inline: 0 },
  { kind: "bool", argument: 0, inline: 1 },
  { kind: "binary", argument: 1 },
  { kind: "binary", argument: 2 },
  { kind: "binary", argument: 4 },
  { kind: "extension", argument: 1 },
  { kind: "extension", argument: 2 },
  { kind: "extension", argument: 4 },
  { kind: "float", argument: 4 },
  { kind: "float", argument: 8 },
  { kind: "uint", argument: 1 },
  { kind: "uint", argument: 2 },
  { kind: "uint", argument: 4 },
  { kind: "uint", argument: 8 },
  { kind: "int", argument: 1 },
  { kind: "int", argument: 2 },
  { kind: "int", argument: 4 },
  { kind: "int", argument: 8 },
  { kind: "extension", argument: 0, inline: 1 },
  { kind: "extension", argument: 0, inline: 2 },
  { kind: "extension", argument: 0, inline: 4 },
  { kind: "extension", argument: 0, inline: 8 },
  { kind: "extension", argument: 0, inline: 16 },
  { kind: "string", argument: 1 },
  { kind: "string", argument: 2 },
  { kind: "string", argument: 4 },
  { kind: "array", argument: 2 },
  { kind: "array", argument: 4 },
  { kind: "map", argument: 2 },
  { kind: "map", argument: 4 },
];
