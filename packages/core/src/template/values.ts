// Values inside a template, and what Go's text/template thinks of them.
//
// text is a string, int a bigint, float64 a number; lists and objects stay what they are, and their members are converted when
// they are taken out. A whole number that comes from outside is an int, as configuration and build values mean it.

/** True for a plain object, which templates see as Go's `map[string]any`. */
export function isMap(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null && !isList(value);
}

/** True for a list, bytes included. */
export function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || value instanceof Uint8Array;
}

/** A value of the outside world as the template sees it. */
export function fromOutside(value: unknown): unknown {
  if (typeof value === "number" && Number.isSafeInteger(value)) return BigInt(value);
  return value === undefined ? null : value;
}

/** The entries of an object in the order Go iterates and prints them: sorted by the bytes of the key. */
export function sortedEntries(map: { readonly [key: string]: unknown }): [string, unknown][] {
  return Object.keys(map)
    .sort((a, b) => compareText(a, b))
    .map((key) => [key, fromOutside(map[key])]);
}

/** Compares text by its UTF-8 bytes, as Go does. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** Whether `if` and `and` take a value for true: everything but false, 0, nil and what is empty. */
export function isTrue(value: unknown): boolean {
  if (value === null || value === undefined) return false;
  switch (typeof value) {
    case "string":
      return value !== "";
    case "bigint":
      return value !== 0n;
    case "number":
      return value !== 0;
    case "boolean":
      return value;
    default:
      if (isList(value)) return value.length > 0;
      return isMap(value) ? Object.keys(value).length > 0 : true;
  }
}

/** Go's name of a value's type, as `%T` and error messages show it. */
export function typeName(value: unknown): string {
  switch (typeof value) {
    case "string":
      return "string";
    case "bigint":
      return "int";
    case "number":
      return "float64";
    case "boolean":
      return "bool";
    case "function":
      return "func";
    default:
      if (value === null || value === undefined) return "<nil>";
      if (value instanceof Uint8Array) return "[]uint8";
      return isList(value) ? "[]interface {}" : "map[string]interface {}";
  }
}
