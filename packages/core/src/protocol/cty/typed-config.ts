// From a plain configuration to the typed value that a plugin gets.
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { formatPath, type PathSegment } from "../../diagnostics/range.ts";
import { didYouMean } from "../../diagnostics/suggest.ts";
import type { Config } from "../../program/program.ts";
import { decodeConfig } from "../../sdk/config/decode.ts";
import type { ConfigSpec, OptionSpec, SpecType } from "../../sdk/config/spec.ts";
import { MAX_DEPTH } from "../malformed.ts";
import { type CtyType, type CtyValue, formatType, type TypedValue } from "./type.ts";

/** A configuration with types, and what is wrong with it. */
export interface TypedConfig {
  /** Every attribute of the specification, unset ones as null. Undefined when there were errors. */
  readonly value: TypedValue | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** What of a configuration is not judged. */
export interface TypedConfigOptions {
  /** Paths that hold placeholders for what is not known yet: nothing is reported at or inside them. */
  readonly unknown?: readonly (readonly PathSegment[])[] | undefined;
}

/**
 * Gives a configuration the types of a specification: conversions as `decodeConfig` makes them, numbers exact. An unset attribute or
 * block is null of its type, an unset list of blocks is empty. Reports unknown options (TPK3102), values that do not fit (TPK3103),
 * required ones that are missing (TPK3104), too few or too many blocks (TPK3105) and values that nest too deeply (TPK2003).
 */
export function typeConfig(config: Config, spec: ConfigSpec, { unknown = [] }: TypedConfigOptions = {}): TypedConfig {
  const decoded = decodeConfig(config, spec, { exactNumbers: true });
  const typing: Typing = { diagnostics: [...decoded.diagnostics], unknown, reported: decoded.diagnostics };
  const value = typeOptions(decoded.config, spec, [], typing);
  const { diagnostics } = typing;
  return { value: diagnostics.some(({ severity }) => severity === "error") ? undefined : value, diagnostics };
}

// --- internal ---

interface Typing {
  readonly unknown: readonly Path[];
  readonly diagnostics: Diagnostic[];
  /** What was wrong with single values: those are missing for that reason alone. */
  readonly reported: readonly Diagnostic[];
}

type Path = readonly PathSegment[];

function typeOptions(config: Config, spec: ConfigSpec, path: Path, typing: Typing): TypedValue {
  const typed: (readonly [string, TypedValue])[] = [];
  for (const [name, option] of Object.entries(spec.options)) {
    const value = Object.hasOwn(config, name) ? config[name] : undefined;
    if (value === undefined && option.required) report(missing([...path, name]), typing);
    typed.push([option.sentAs ?? name, typeOption(value, option, [...path, name], typing)]);
  }
  return record(typed);
}

function typeOption(value: unknown, { type, required }: OptionSpec, path: Path, typing: Typing): TypedValue {
  if (value === undefined) return unset(type);
  const typed = typeValue(value, type, path, typing);
  if (type.kind === "block-list" && Array.isArray(value)) {
    const { minItems = required ? 1 : 0, maxItems = Number.POSITIVE_INFINITY } = type;
    if (value.length < minItems) report(wrongCount(path, `at least ${minItems}`), typing);
    if (value.length > maxItems) report(wrongCount(path, `at most ${maxItems}`), typing);
  }
  return typed;
}

function typeValue(value: unknown, type: SpecType, path: Path, typing: Typing): TypedValue {
  switch (type.kind) {
    case "string":
    case "bool":
    case "number":
      // Converted already; what did not convert has been left out.
      return isScalar(value) ? { type: { kind: type.kind }, value } : unset(type);
    case "list":
    case "set":
      return list(type.kind, type.element, itemsOf(value, type.element, path, typing));
    case "block-list":
      return list("list", { kind: "block", spec: type.spec }, itemsOf(value, { kind: "block", spec: type.spec }, path, typing));
    case "map": {
      const entries = Object.entries(isRecord(value) ? value : {});
      const typed = entries.map(([name, item]) => [name, typeItem(item, type.element, [...path, name], typing)] as const);
      return map(type.element, typed);
    }
    case "block":
      return typeOptions(isRecord(value) ? value : {}, type.spec, path, typing);
    case "object":
      return typeObject(isRecord(value) ? value : {}, type, path, typing);
    case "any":
    case "union":
      return inferred(value, path, typing, path.length);
  }
}

function typeObject(value: Config, type: SpecType & { readonly kind: "object" }, path: Path, typing: Typing): TypedValue {
  const known = Object.keys(type.attributes);
  for (const name of Object.keys(value)) if (!known.includes(name)) report(unexpected([...path, name], name, known), typing);
  return record(known.map((name) => [name, typeItem(value[name], type.attributes[name] ?? { kind: "any" }, [...path, name], typing)]));
}

function itemsOf(value: unknown, element: SpecType, path: Path, typing: Typing): readonly TypedValue[] {
  return Array.isArray(value) ? value.map((item: unknown, index) => typeItem(item, element, [...path, index], typing)) : [];
}

function typeItem(value: unknown, type: SpecType, path: Path, typing: Typing): TypedValue {
  return value === undefined || value === null ? unset(type) : typeValue(value, type, path, typing);
}

/** A value whose type the specification leaves open: its own. */
function inferred(value: unknown, path: Path, typing: Typing, start: number): TypedValue {
  if (path.length - start > MAX_DEPTH) {
    report(tooDeep(path), typing);
    return unset({ kind: "any" });
  }
  switch (typeof value) {
    case "string":
      return { type: { kind: "string" }, value };
    case "boolean":
      return { type: { kind: "bool" }, value };
    case "number":
    case "bigint":
      return { type: { kind: "number" }, value: typeof value === "bigint" ? String(value) : value };
  }
  if (Array.isArray(value)) return tuple(value.map((item: unknown, index) => inferred(item, [...path, index], typing, start)));
  if (!isRecord(value)) return unset({ kind: "any" });
  return record(Object.entries(value).map(([name, item]) => [name, inferred(item, [...path, name], typing, start)]));
}

function unset(type: SpecType): TypedValue {
  return { type: staticType(type), value: type.kind === "block-list" ? [] : null };
}

/** The type of values that hold nothing. */
function staticType(type: SpecType): CtyType {
  switch (type.kind) {
    case "string":
    case "number":
    case "bool":
      return { kind: type.kind };
    case "list":
    case "set":
    case "map":
      return { kind: type.kind, element: staticType(type.element) };
    case "object":
      return objectType(Object.entries(type.attributes).map(([name, attribute]) => [name, staticType(attribute)]));
    case "block":
    case "block-list": {
      const element = objectType(
        Object.entries(type.spec.options).map(([name, option]) => [option.sentAs ?? name, staticType(option.type)]),
      );
      return type.kind === "block" ? element : { kind: "list", element };
    }
    case "any":
    case "union":
      return { kind: "dynamic" };
  }
}

function objectType(entries: readonly (readonly [string, CtyType])[]): CtyType {
  return { kind: "object", attributes: new Map(entries) };
}

function record(entries: readonly (readonly [string, TypedValue])[]): TypedValue {
  return {
    type: objectType(entries.map(([name, { type }]) => [name, type])),
    value: new Map(entries.map(([name, { value }]) => [name, value])),
  };
}

function tuple(items: readonly TypedValue[]): TypedValue {
  return { type: { kind: "tuple", elements: items.map(({ type }) => type) }, value: items.map(({ value }) => value) };
}

/** Elements of a list have one type. Where the specification leaves it open and they differ, they are a tuple, as in HCL. */
function list(kind: "list" | "set", element: SpecType, items: readonly TypedValue[]): TypedValue {
  const type = commonType(element, items);
  return type === undefined ? tuple(items) : { type: { kind, element: type }, value: items.map(({ value }) => value) };
}

function map(element: SpecType, entries: readonly (readonly [string, TypedValue])[]): TypedValue {
  const type = commonType(
    element,
    entries.map(([, item]) => item),
  );
  if (type === undefined) return record(entries);
  const values: ReadonlyMap<string, CtyValue> = new Map(entries.map(([name, { value }]) => [name, value]));
  return { type: { kind: "map", element: type }, value: values };
}

function commonType(element: SpecType, items: readonly TypedValue[]): CtyType | undefined {
  if (!isOpen(element)) return staticType(element);
  const [first, ...others] = items;
  if (first === undefined) return undefined;
  const text = formatType(first.type);
  return others.every(({ type }) => formatType(type) === text) ? first.type : undefined;
}

/** Whether values of the type can have different types. */
function isOpen(type: SpecType): boolean {
  switch (type.kind) {
    case "any":
    case "union":
      return true;
    case "list":
    case "set":
    case "map":
      return isOpen(type.element);
    case "object":
      return Object.values(type.attributes).some(isOpen);
    case "block":
    case "block-list":
      return Object.values(type.spec.options).some((option) => isOpen(option.type));
    default:
      return false;
  }
}

function isScalar(value: unknown): value is string | boolean | number {
  return typeof value === "string" || typeof value === "boolean" || typeof value === "number";
}

function isRecord(value: unknown): value is Config {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function report(diagnostic: Diagnostic & { readonly path: Path }, { diagnostics, unknown, reported }: Typing): void {
  const isInside = (outer: Path): boolean =>
    outer.length <= diagnostic.path.length && outer.every((segment, index) => segment === diagnostic.path[index]);
  if (unknown.some(isInside) || reported.some(({ path }) => path !== undefined && isInside(path))) return;
  diagnostics.push(diagnostic);
}

function missing(path: Path): Diagnostic & { readonly path: Path } {
  return {
    severity: "error",
    code: "TPK3104",
    summary: "Missing required argument",
    detail: `The argument ${JSON.stringify(formatPath(path))} is required, but no value was given.`,
    path,
  };
}

function unexpected(path: Path, name: string, known: readonly string[]): Diagnostic & { readonly path: Path } {
  return {
    severity: "error",
    code: "TPK3102",
    summary: "Unsupported argument",
    detail: `An argument named ${JSON.stringify(name)} is not expected here.`,
    hint: didYouMean(name, known),
    path,
  };
}

function wrongCount(path: Path, what: string): Diagnostic & { readonly path: Path } {
  return {
    severity: "error",
    code: "TPK3105",
    summary: "Wrong number of blocks",
    detail: `There must be ${what} of ${JSON.stringify(formatPath(path))}.`,
    path,
  };
}

function tooDeep(path: Path): Diagnostic & { readonly path: Path } {
  return {
    severity: "error",
    code: "TPK2003",
    summary: "Value nests too deeply",
    detail: `The argument ${JSON.stringify(String(path[0]))} holds lists or objects within each other, deeper than ${MAX_DEPTH} levels.`,
    path: path.slice(0, 1),
  };
}
