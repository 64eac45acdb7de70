// Reading what a peer sent: bodies of calls and replies are maps whose fields may be missing (then they have Go's zero value).
import { PluginError } from "../../diagnostics/error.ts";

/** A body as a map. Nil stands for one without fields; anything else that is no map is a PluginError (TPK4002) naming `what`. */
export function readFields(value: unknown, what: string): { readonly [field: string]: unknown } {
  if (value === undefined || value === null) return {};
  if (isFields(value)) return value;
  throw unexpected(what, "a map");
}

/** A text, `""` where it is missing. */
export function readText(value: unknown, what: string): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value;
  throw unexpected(what, "text");
}

/** A list of texts, empty where it is missing. */
export function readTexts(value: unknown, what: string): readonly string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw unexpected(what, "a list");
  return value.map((item) => readText(item, what));
}

/** A whole number that a JavaScript number can hold, 0 where it is missing. */
export function readInteger(value: unknown, what: string): number {
  if (value === undefined || value === null) return 0;
  const number = typeof value === "bigint" ? Number(value) : value;
  if (typeof number === "number" && Number.isSafeInteger(number)) return number;
  throw unexpected(what, "a whole number");
}

/** The number of a stream: 0 where none is wanted. */
export function readStreamId(value: unknown, what: string): number {
  const id = readInteger(value, what);
  if (id >= 0 && id <= 0xffff_ffff) return id;
  throw unexpected(what, "the number of a stream");
}

/** True or false, false where it is missing. */
export function readBoolean(value: unknown, what: string): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value === "boolean") return value;
  throw unexpected(what, "true or false");
}

/** Bytes; missing ones are none. */
export function readBytes(value: unknown, what: string): Buffer {
  if (value === undefined || value === null) return Buffer.alloc(0);
  if (value instanceof Uint8Array) return Buffer.isBuffer(value) ? value : Buffer.from(value);
  throw unexpected(what, "bytes");
}

/** The text of an error in a reply (`nil` or `{Message}`); undefined when there was none. */
export function readBasicError(value: unknown, what: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  const message = typeof value === "string" ? value : readText(readFields(value, what).Message, what);
  return message === "" ? "unknown error" : message;
}

// --- internal ---

function isFields(value: unknown): value is { readonly [field: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

function unexpected(what: string, expected: string): PluginError {
  return new PluginError(`${what} has the wrong type: ${expected} was expected`, { code: "TPK4002" });
}
