import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import type { PathSegment } from "../../diagnostics/range.ts";
import { formatPath } from "../../diagnostics/range.ts";
import { didYouMean } from "../../diagnostics/suggest.ts";
import type { Config } from "../../program/program.ts";
import { decimalText, exactNumber } from "../../protocol/cty/number.ts";
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
 * With `exactNumbers` a number that JavaScript cannot hold, given as decimal text or bigint, becomes its decimal text.
 */
export function decodeConfig(config: Config, spec: ConfigSpec, { exactNumbers = false }: { exactNumbers?: boolean } = {}): Decoded {
  const diagnostics: Diagnostic[] = [];
  return { config: decodeOptions(config, spec, [], { diagnostics, exactNumbers }), diagnostics };
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

/** What is shared by the conversion of one configuration. */
interface Decoding {
  readonly diagnostics: Diagnostic[];
  readonly exactNumbers: boolean;
}

function decodeOptions(config: Config, spec: ConfigSpec, at: readonly PathSegment[], decoding: Decoding): Config {
  const decoded: [string, unknown][] = [];
  for (const [name, value] of Object.entries(config)) {
    if (value === undefined || value === null) continue;
    const path = [...at, name];
    const option = Object.hasOwn(spec.options, name) ? spec.options[name] : undefined;
    if (option === undefined) {
      decoding.diagnostics.push(unknownOption(name, path, spec));
      continue;
    }
    const converted = convert(value, option.type, path, decoding);
    if (converted !== undefined) decoded.push([name, converted]);
  }
  return Object.fromEntries(decoded);
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

function convert(value: unknown, type: SpecType, path: readonly PathSegment[], decoding: Decoding): unknown {
  switch (type.kind) {
    case "any":
    case "union":
      return value;
    case "string":
      if (typeof value === "string") return value;
      if (typeof value === "number") return decimalText(value);
      if (typeof value === "boolean" || typeof value === "bigint") return String(value);
      return mismatch("text", value, path, decoding);
    case "number":
      return toNumber(value, decoding) ?? mismatch("a number", value, path, decoding);
    case "bool":
      return toBoolean(value) ?? mismatch("true or false", value, path, decoding);
    case "list":
    case "set":
      return toList(value, type.element).map((item, index) => convert(item, type.element, [...path, index], decoding));
    case "map":
      if (!isRecord(value)) return mismatch("an object", value, path, decoding);
      return convertEntries(value, () => type.element, path, decoding);
    case "object":
      if (!isRecord(value)) return mismatch("an object", value, path, decoding);
      return convertEntries(value, (name) => type.attributes[name] ?? { kind: "any" }, path, decoding);
    case "block": {
      const block = Array.isArray(value) && value.length === 1 ? value[0] : value;
      return isRecord(block) ? decodeOptions(block, type.spec, path, decoding) : mismatch("an object", value, path, decoding);
    }
    case "block-list":
      return (Array.isArray(value) ? value : [value]).map((item: unknown, index) =>
        isRecord(item)
          ? decodeOptions(item, type.spec, [...path, index], decoding)
          : mismatch("an object", item, [...path, index], decoding),
      );
  }
}

function convertEntries(value: Config, typeOf: (name: string) => SpecType, path: readonly PathSegment[], decoding: Decoding): unknown {
  const entries = Object.entries(value).filter(([, item]) => item !== undefined && item !== null);
  return Object.fromEntries(entries.map(([name, item]) => [name, convert(item, typeOf(name), [...path, name], decoding)]));
}

function toNumber(value: unknown, { exactNumbers }: Decoding): number | string | undefined {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  const text = typeof value === "bigint" ? String(value) : value;
  if (text === "") return 0;
  if (typeof text !== "string" || text.trim() === "") return undefined;
  const exact = exactNumbers ? exactNumber(text) : undefined;
  return exact ?? (Number.isFinite(Number(text)) ? Number(text) : undefined);
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

function mismatch(expected: string, value: unknown, path: readonly PathSegment[], decoding: Decoding): undefined {
  decoding.diagnostics.push({
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
