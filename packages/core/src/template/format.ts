// Go's Print over template values (Go's fmt package, "Printing").
import { plainFloat } from "./format-number.ts";
import { fromOutside, isList, isMap, sortedEntries, typeName } from "./values.ts";

/** A value as an action prints it. */
export function printed(value: unknown): string {
  return value === null || value === undefined ? "<no value>" : formatValue(value);
}

/** `%v`. */
export function formatValue(value: unknown): string {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
      return plainFloat(value);
    case "bigint":
    case "boolean":
      return String(value);
    default:
      if (value === null || value === undefined) return "<nil>";
      if (isList(value)) return `[${Array.from(value, (item) => formatValue(fromOutside(item))).join(" ")}]`;
      if (isMap(value))
        return `map[${sortedEntries(value)
          .map(([key, item]) => `${key}:${formatValue(item)}`)
          .join(" ")}]`;
      return `(${typeName(value)})`;
  }
}

/** Go's `Sprint`: a space between two values of which neither is text. */
export function print(values: readonly unknown[]): string {
  let text = "";
  for (const [index, value] of values.entries()) {
    if (index > 0 && typeof value !== "string" && typeof values[index - 1] !== "string") text += " ";
    text += formatValue(value);
  }
  return text;
}

/** Go's `Sprintln`. */
export function printLine(values: readonly unknown[]): string {
  return `${values.map(formatValue).join(" ")}\n`;
}
