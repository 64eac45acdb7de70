// The values given for variables from outside the program, the strongest of each name winning (row VAR-06):
// PKR_VAR_name in the environment, *.auto.pkrvars.hcl, *.auto.pkrvars.json, *.auto.pkrvars.ts, files named by -var-file in their order, -var.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Diagnostic } from "@tspack/core";
import { displayPath } from "../load/display-path.ts";
import type { LoadOptions } from "../load/options.ts";
import type { VariableInput } from "../program/context.ts";
import { findAutoFiles } from "./auto-files.ts";
import { readVariableFile } from "./file.ts";

/** What was given for variables. */
export interface VariableValues {
  /** The winning value of each name. */
  readonly inputs: ReadonlyMap<string, VariableInput>;
  /** Names that files give values for, and the file that did so last. */
  readonly inFiles: ReadonlyMap<string, string>;
  /** What is wrong with the files. */
  readonly diagnostics: readonly Diagnostic[];
  /** Files that were read, absolute. */
  readonly files: readonly string[];
}

/** The prefix of a variable's name in the environment (row ENV-15). */
const environmentPrefix = "PKR_VAR_";

/** Reads all values for the variables of the program in `folder`. */
export async function readVariables(folder: string, workingDirectory: string, options: LoadOptions): Promise<VariableValues> {
  const inputs = new Map<string, VariableInput>();
  const inFiles = new Map<string, string>();
  const diagnostics: Diagnostic[] = [];
  const files: string[] = [];
  for (const [key, text] of Object.entries(options.environment ?? {})) {
    if (text !== undefined && key.startsWith(environmentPrefix)) {
      inputs.set(key.slice(environmentPrefix.length), { value: { text }, from: key });
    }
  }
  const auto = options.autoVariableFiles === false ? [] : findAutoFiles(folder);
  for (const path of [...auto, ...(options.variableFiles ?? [])]) {
    const file = await readVariableFile(path, workingDirectory, options);
    const hint = hintBesideProgram(path, folder, workingDirectory);
    diagnostics.push(...file.diagnostics.map((found) => ({ ...found, hint: found.hint ?? hint })));
    files.push(...file.files);
    for (const [name, typed] of Object.entries(file.values)) {
      inputs.set(name, { value: { typed }, from: file.shown });
      inFiles.set(name, file.shown);
    }
  }
  for (const [name, value] of Object.entries(options.variables ?? {})) {
    inputs.set(name, { value: typeof value === "string" ? { text: value } : { typed: value }, from: "-var" });
  }
  return { inputs, inFiles, diagnostics, files };
}

// --- internal ---

/** @internal For a file that is not where its path says, but beside the program. */
export function hintBesideProgram(path: string, folder: string, workingDirectory: string): string | undefined {
  const beside = resolve(folder, path);
  if (existsSync(resolve(workingDirectory, path)) || !existsSync(beside)) return undefined;
  return `It stands beside the program, but paths start in the working directory: -var-file=${displayPath(beside, workingDirectory)}`;
}
