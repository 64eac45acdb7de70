// The functions that Go's text/template has by itself (row TPL-23), but for `and`, `or` and `call`, which the evaluator runs.
import { formatValue, print, printLine } from "./format.ts";
import { printFormat } from "./printf.ts";
import { escapeHtml, escapeQuery, escapeScript } from "./quote.ts";
import { compareText, fromOutside, isList, isMap, isTrue, typeName } from "./values.ts";

/** A function that templates can call. Problems are thrown as plain errors; the evaluator adds the call's name and place. */
export interface Call {
  /** Fewest and most arguments. */
  readonly arity: readonly [number, number];
  run(...values: readonly unknown[]): unknown;
}

const MANY = Number.POSITIVE_INFINITY;

/** Go's functions by name. */
export const builtins: ReadonlyMap<string, Call> = new Map<string, Call>([
  ["not", { arity: [1, 1], run: (value) => !isTrue(value) }],
  ["len", { arity: [1, 1], run: length }],
  ["index", { arity: [1, MANY], run: (value, ...keys) => keys.reduce(indexOne, value) }],
  ["slice", { arity: [1, MANY], run: slice }],
  ["eq", { arity: [1, MANY], run: equalsAny }],
  ["ne", { arity: [2, 2], run: (a, b) => !equals(a, b) }],
  ["lt", { arity: [2, 2], run: (a, b) => order(a, b) < 0 }],
  ["le", { arity: [2, 2], run: (a, b) => order(a, b) <= 0 }],
  ["gt", { arity: [2, 2], run: (a, b) => order(a, b) > 0 }],
  ["ge", { arity: [2, 2], run: (a, b) => order(a, b) >= 0 }],
  ["print", { arity: [0, MANY], run: (...values) => print(values) }],
  ["println", { arity: [0, MANY], run: (...values) => printLine(values) }],
  ["printf", { arity: [1, MANY], run: (format, ...values) => printFormat(textOf(format), values) }],
  ["html", { arity: [0, MANY], run: (...values) => escapeHtml(print(values)) }],
  ["js", { arity: [0, MANY], run: (...values) => escapeScript(print(values)) }],
  ["urlquery", { arity: [0, MANY], run: (...values) => escapeQuery(print(values)) }],
]);

/** An argument that has to be text. */
export function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  throw new Error(`expected text, not ${describe(value)}`);
}

/** An argument that has to be a whole number. */
export function intOf(value: unknown): number {
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "number" && Number.isInteger(value)) return value;
  throw new Error(`expected a whole number, not ${describe(value)}`);
}

// --- internal ---

function describe(value: unknown): string {
  return value === null || value === undefined ? "no value" : `a value of type ${typeName(value)}`;
}

function length(value: unknown): bigint {
  if (typeof value === "string") return BigInt(Buffer.byteLength(value));
  if (isList(value)) return BigInt(value.length);
  if (isMap(value)) return BigInt(Object.keys(value).length);
  throw new Error(`${describe(value)} has no length`);
}

function indexOne(value: unknown, key: unknown): unknown {
  if (typeof value === "string" || isList(value)) {
    const list = typeof value === "string" ? Buffer.from(value) : value;
    const index = intOf(key);
    if (index < 0 || index >= list.length) throw new Error(`there is no element ${index}, there are only ${list.length}`);
    return fromOutside(list[index]);
  }
  if (isMap(value)) {
    const name = textOf(key);
    return Object.hasOwn(value, name) ? fromOutside(value[name]) : null;
  }
  throw new Error(`${describe(value)} cannot be indexed`);
}

function slice(value: unknown, ...bounds: readonly unknown[]): unknown {
  if (typeof value !== "string" && !isList(value)) throw new Error(`${describe(value)} cannot be sliced`);
  if (bounds.length > 3 || (bounds.length === 3 && typeof value === "string")) throw new Error("there are too many bounds");
  const list = typeof value === "string" ? Buffer.from(value) : Array.from(value);
  const limits = bounds.map(intOf);
  const [from = 0, to = list.length, capacity = list.length] = limits;
  if (limits.some((limit) => limit < 0 || limit > list.length)) throw new Error(`a bound is beyond the length ${list.length}`);
  if (from > to || to > capacity) throw new Error("the bounds are in the wrong order");
  const part = list.slice(from, to);
  return Buffer.isBuffer(part) ? part.toString("utf8") : part;
}

/** What can be compared with what: Go's basic kinds. */
function basicKind(value: unknown): "bool" | "int" | "float" | "text" | undefined {
  switch (typeof value) {
    case "boolean":
      return "bool";
    case "bigint":
      return "int";
    case "number":
      return "float";
    case "string":
      return "text";
    default:
      return undefined;
  }
}

function equalsAny(first: unknown, ...others: readonly unknown[]): boolean {
  if (others.length === 0) throw new Error("there is nothing to compare with");
  for (const other of others) if (equals(first, other)) return true;
  return false;
}

function equals(a: unknown, b: unknown): boolean {
  const isNil = (value: unknown) => value === null || value === undefined;
  if (isNil(a) || isNil(b)) return isNil(a) && isNil(b);
  const kind = basicKind(a);
  if (kind !== basicKind(b)) throw new Error(`${typeName(a)} cannot be compared with ${typeName(b)}`);
  if (kind === undefined) throw new Error(`values of type ${typeName(a)} cannot be compared`);
  return a === b;
}

function order(a: unknown, b: unknown): number {
  const kind = basicKind(a);
  if (kind === undefined || kind === "bool" || basicKind(b) === undefined || basicKind(b) === "bool") {
    throw new Error(`values of type ${typeName(kind === undefined || kind === "bool" ? a : b)} have no order`);
  }
  if (kind !== basicKind(b)) throw new Error(`${typeName(a)} cannot be compared with ${typeName(b)}`);
  if (typeof a === "string" && typeof b === "string") return compareText(a, b);
  if ((typeof a === "bigint" && typeof b === "bigint") || (typeof a === "number" && typeof b === "number"))
    return a < b ? -1 : a > b ? 1 : 0;
  throw new Error(`${formatValue(a)} and ${formatValue(b)} have no order`);
}
