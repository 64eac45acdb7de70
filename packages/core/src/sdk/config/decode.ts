import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import type { PathSegment } from "../../diagnostics/range.ts";
import { formatPath } from "../../diagnostics/range.ts";
import { didYouMean } from "../../diagnostics/suggest.ts";
import type { Config } from "../../program/program.ts";
import type { ConfigSpec, SpecType } from "./spec.ts";

export interface Decoded {
  /** Values in the types of the specification. Options with problems are left out. */
  readonly config: { readonly [option: string]: unknown };
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Converts a plain configuration to a component's specification, as weakly as Packer does (row META-13): texts, numbers and
 * booleans into each other, one value into a list of one, a text with commas into a list, one block into a list of one.
 * Unknown options are reported with a suggestion (TPK3102), values that do not fit with what was expected (TPK3103).
 */
export function decodeConfig(config: Config, spec: ConfigSpec, at: readonly PathSegment[] = []): Decoded {
  const diagnostics: Diagnostic[] = [];
  const decoded: { [option: string]: unknown } = {};
  for (const [name, value] of Object.entries(config)) {
    if (value === undefined || value === null) continue;
    const path = [...at, name];
    const option = Object.hasOwn(spec.options, name) ? spec.options[name] : undefined;
    if (option === undefined) {
      diagnostics.push(unknownOption(name, path, spec));
      continue;
    }
    const converted = convert(value, option.type, path, diagnostics);
    if (converted !== undefined) decoded[name] = converted;
  }
  return { config: decoded, diagnostics };
}

/** A stand-in of the right type for a value that is not known yet (row EVA-14). */
export function placeholderFor(type: SpecType | undefined): unknown {
  switch (type?.kind) {
    case "number":
      return 0;
    case "bool":
      return false;
    case "list":
    case "set":
    case "block-list":
      return [];
    case "map":
    case "object":
    case "block":
      return {};
    default:
      return "<unknown>";
  }
}

function unknownOption(name: string, path: readonly PathSegment[], spec: ConfigSpec): Diagnostic {
  return {
    severity: "error",
    code: "TPK3102",
    summary: "Unsupported argument",
    detail: `An argument named ${JSON.stringify(name)} is not expected here.`,
    hint: didYouMean(name, Object.keys(spec.options)),
    path,
  };
}

function convert(value: unknown, type: SpecType, path: readonly PathSegment[], diagnostics: Diagnostic[]): unknown {
  switch (type.kind) {
    case "any":
    case "union":
      return value;
    case "string":
      if (typeof value === "string") return value;
      if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint") return String(value);
      return mismatch("text", value, path, diagnostics);
    case "number":
      return toNumber(value) ?? mismatch("a number", value, path, diagnostics);
    case "bool":
      return toBoolean(value) ?? mismatch("true or false", value, path, diagnostics);
    case "list":
    case "set":
      return toList(value, type.element).map((item, index) => convert(item, type.element, [...path, index], diagnostics));
    case "map":
      if (!isRecord(value)) return mismatch("an object", value, path, diagnostics);
      return convertEntries(value, () => type.element, path, diagnostics);
    case "object":
      if (!isRecord(value)) return mismatch("an object", value, path, diagnostics);
      return convertEntries(value, (name) => type.attributes[name] ?? { kind: "any" }, path, diagnostics);
    case "block": {
      const block = Array.isArray(value) && value.length === 1 ? value[0] : value;
      return isRecord(block) ? nested(block, type.spec, path, diagnostics) : mismatch("an object", value, path, diagnostics);
    }
    case "block-list":
      return (Array.isArray(value) ? value : [value]).map((item: unknown, index) =>
        isRecord(item)
          ? nested(item, type.spec, [...path, index], diagnostics)
          : mismatch("an object", item, [...path, index], diagnostics),
      );
  }
}

function nested(block: Config, spec: ConfigSpec, path: readonly PathSegment[], diagnostics: Diagnostic[]): unknown {
  const decoded = decodeConfig(block, spec, path);
  diagnostics.push(...decoded.diagnostics);
  return decoded.config;
}

function convertEntries(
  value: Config,
  typeOf: (name: string) => SpecType,
  path: readonly PathSegment[],
  diagnostics: Diagnostic[],
): unknown {
  const entries = Object.entries(value).filter(([, item]) => item !== undefined && item !== null);
  return Object.fromEntries(entries.map(([name, item]) => [name, convert(item, typeOf(name), [...path, name], diagnostics)]));
}

function toNumber(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value))) return Number(value);
  return undefined;
}

function toBoolean(value: unknown): boolean | undefined {
  if (typeof value === "boolean") return value;
  if (value === "" || value === 0) return false;
  if (typeof value === "number") return true;
  // Go's strconv.ParseBool, which weak decoding uses.
  if (typeof value === "string" && /^(1|t|T|TRUE|true|True)$/.test(value)) return true;
  if (typeof value === "string" && /^(0|f|F|FALSE|false|False)$/.test(value)) return false;
  return undefined;
}

function toList(value: unknown, element: SpecType): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value === "string" && (element.kind === "string" || element.kind === "number")) return value === "" ? [] : value.split(",");
  return [value];
}

function isRecord(value: unknown): value is Config {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function mismatch(expected: string, value: unknown, path: readonly PathSegment[], diagnostics: Diagnostic[]): undefined {
  diagnostics.push({
    severity: "error",
    code: "TPK3103",
    summary: "Incorrect argument type",
    detail: `The argument ${JSON.stringify(formatPath(path))} takes ${expected}, not ${nameOfType(value)}.`,
    path,
  });
  return undefined;
}

/** What a value is, in words; the value itself may be a secret and is never shown. */
function nameOfType(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  switch (typeof value) {
    case "string":
      return "text";
    case "number":
      return "a number";
    case "boolean":
      return "true or false";
    default:
      return "an object";
  }
}
