// The values given for variables of a template from outside, the strongest of each name winning (row VAR-06): PKR_VAR_name in the
// environment, *.auto.pkrvars.hcl, then .json, of a folder, files named by -var-file in their order, -var.
import { resolve } from "node:path";
import { type Diagnostic, didYouMean, hasErrors } from "@tspack/core";
import { displayPath } from "../../load/display-path.ts";
import type { LoadOptions } from "../../load/options.ts";
import { findAutoFiles } from "../../variables/auto-files.ts";
import { readVariableFile } from "../../variables/file.ts";
import { readHclVariables } from "../../variables/hcl-file.ts";
import { hintBesideProgram } from "../../variables/read.ts";
import type { Value } from "../eval/value.ts";
import type { Attribute } from "../syntax/tree.ts";
import type { Configuration } from "./declarations.ts";

/** A value for a variable, and where it is from. */
export interface GivenValue {
  /** In the words of Packer's messages. */
  readonly origin: "env" | "varfile" | "cmd";
  /** For messages: `-var`, `PKR_VAR_release`, `prod.pkrvars.hcl`. */
  readonly from: string;
  /** Text is converted by the variable's type (row VAR-07). */
  readonly content: { readonly text: string } | { readonly value: Value } | { readonly data: unknown };
  /** Where it stands, in a variable file. */
  readonly attribute?: Attribute | undefined;
}

/** What was given for variables. */
export interface GivenValues {
  readonly values: ReadonlyMap<string, GivenValue>;
  /** Values in files, the last of each name. */
  readonly inFiles: ReadonlyMap<string, GivenValue>;
  readonly diagnostics: readonly Diagnostic[];
  /** Files that were read, absolute. */
  readonly files: readonly string[];
}

/** What comes behind so many warnings helps nobody. */
const MOST_PROBLEMS = 100;
const environmentPrefix = "PKR_VAR_";
const autoSuffixes = [".auto.pkrvars.hcl", ".auto.pkrvars.json"];

/** Reads all values. Auto files are those of a configuration that is all of a folder, and of no other (row MISS-01). */
export async function readGivenValues(
  { root, isFolder }: Pick<Configuration, "root" | "isFolder">,
  workingDirectory: string,
  options: LoadOptions,
): Promise<GivenValues> {
  const values = new Map<string, GivenValue>();
  const inFiles = new Map<string, GivenValue>();
  const diagnostics: Diagnostic[] = [];
  const files: string[] = [];
  for (const [key, text] of Object.entries(options.environment ?? {})) {
    if (text === undefined || !key.startsWith(environmentPrefix)) continue;
    values.set(key.slice(environmentPrefix.length), { origin: "env", from: key, content: { text } });
  }
  const auto = !isFolder || options.autoVariableFiles === false ? [] : findAutoFiles(root, autoSuffixes);
  for (const path of [...auto, ...(options.variableFiles ?? [])]) {
    const file = await readFile(resolve(workingDirectory, path), workingDirectory, options);
    const hint = hintBesideProgram(path, root, workingDirectory);
    diagnostics.push(...file.diagnostics.map((found) => ({ ...found, hint: found.hint ?? hint })));
    files.push(...file.files);
    for (const [name, value] of file.values) {
      values.set(name, value);
      inFiles.set(name, value);
    }
  }
  for (const [name, value] of Object.entries(options.variables ?? {})) {
    values.set(name, { origin: "cmd", from: "-var", content: typeof value === "string" ? { text: value } : { data: value } });
  }
  return { values, inFiles, diagnostics, files };
}

/** Values for variables that the template does not declare (row VAR-09). */
export function undeclaredValues(
  given: GivenValues,
  declared: readonly string[],
  options: Pick<LoadOptions, "variables" | "undeclared">,
): Diagnostic[] {
  const known = new Set(declared);
  const diagnostics: Diagnostic[] = [];
  for (const name of Object.keys(options.variables ?? {})) {
    if (known.has(name)) continue;
    diagnostics.push({
      severity: "error",
      code: "TPK1102",
      summary: "Undeclared variable",
      detail: `A value is given for the variable "${name}" by -var, but the template declares no such variable.`,
      hint:
        declared.length === 0 ? `Declare it: variable "${name}" {}` : (didYouMean(name, declared) ?? `Declare it: variable "${name}" {}`),
    });
  }
  if (options.undeclared !== "warn") return diagnostics;
  for (const [name, { from, attribute }] of given.inFiles) {
    if (known.has(name) || Object.hasOwn(options.variables ?? {}, name)) continue;
    if (diagnostics.length > MOST_PROBLEMS) break;
    diagnostics.push({
      severity: "warning",
      code: "TPK1102",
      summary: "Undeclared variable",
      detail: `The variable "${name}", which ${from} sets, is not declared in the template.`,
      hint: didYouMean(name, declared) ?? `To declare it: variable "${name}" {}`,
      ...(attribute === undefined ? {} : { subject: attribute.source.range(attribute.nameNode.start, attribute.nameNode.end) }),
    });
  }
  return diagnostics;
}

// --- internal ---

interface ReadValues {
  readonly values: Iterable<readonly [string, GivenValue]>;
  readonly diagnostics: readonly Diagnostic[];
  readonly files: readonly string[];
}

async function readFile(path: string, workingDirectory: string, options: LoadOptions): Promise<ReadValues> {
  const from = displayPath(path, workingDirectory);
  if (/\.(hcl|json)$/i.test(path)) {
    const { attributes, values, diagnostics } = readHclVariables(path, from);
    const given = hasErrors(diagnostics)
      ? []
      : attributes.map((attribute): readonly [string, GivenValue] => {
          const value = values.get(attribute.name);
          return [attribute.name, { origin: "varfile", from, content: value === undefined ? { data: null } : { value }, attribute }];
        });
    return { values: given, diagnostics, files: [path] };
  }
  const file = await readVariableFile(path, workingDirectory, options);
  const given = Object.entries(file.values).map(([name, data]): readonly [string, GivenValue] => {
    return [name, { origin: "varfile", from, content: { data } }];
  });
  return { values: given, diagnostics: file.diagnostics, files: file.files };
}
