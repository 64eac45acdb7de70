// The environment variables of scripts (rows SHC-05..09).
import type { PackerVariables } from "../../sdk/component.ts";
import type { GeneratedData } from "../../sdk/hook.ts";
import { printFormat } from "../../template/printf.ts";
import { compareText } from "../../template/values.ts";

/** Where the variables come from. */
export interface VariableSources {
  readonly packer: PackerVariables;
  readonly data: GeneratedData;
  /** Entries `NAME=value`, rendered. */
  readonly environmentVars: readonly string[];
  readonly env: { readonly [name: string]: string };
}

/**
 * The variables in one text, each in the given format (Go's Printf with name and value), sorted by name. User values win over
 * the automatic ones, `env` over `environment_vars`. Unless `quote` says otherwise, single quotes in values are written so that they
 * hold inside single quotes of a POSIX shell.
 */
export function formatVariables(sources: VariableSources, format: string, quote = insideSingleQuotes): string {
  return [...variablesOf(sources)]
    .sort(([a], [b]) => compareText(a, b))
    .map(([name, value]) => printFormat(format, [name, quote(value)]))
    .join("");
}

/** The variables by name, for a process that gets them as its environment. */
export function variablesOf(sources: VariableSources): ReadonlyMap<string, string> {
  return new Map<string, string>([
    ["PACKER_BUILD_NAME", sources.packer.packer_build_name],
    ["PACKER_BUILDER_TYPE", sources.packer.packer_builder_type],
    ...httpVariables(sources.data),
    ...sources.environmentVars.map(splitEntry),
    ...Object.entries(sources.env),
  ]);
}

// --- internal ---

function insideSingleQuotes(value: string): string {
  return value.replaceAll("'", `'"'"'`);
}

function splitEntry(entry: string): [string, string] {
  const equals = entry.indexOf("=");
  return equals === -1 ? [entry, ""] : [entry.slice(0, equals), entry.slice(equals + 1)];
}

/** The builder's HTTP server, if it has one: without one there is a text in its place that begins with `ERR_` (row GEN-04). */
function httpVariables(data: GeneratedData): [string, string][] {
  const names = { PACKER_HTTP_ADDR: "PackerHTTPAddr", PACKER_HTTP_IP: "PackerHTTPIP", PACKER_HTTP_PORT: "PackerHTTPPort" };
  return Object.entries(names).flatMap(([name, key]): [string, string][] => {
    const value = data[key] === undefined || data[key] === null ? "" : String(data[key]);
    return value === "" || value.startsWith("ERR_") ? [] : [[name, value]];
  });
}
