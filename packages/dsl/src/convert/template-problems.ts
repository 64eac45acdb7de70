// What is wrong with a template that can be converted: a migration wants the program in spite of it, and has to hear of it.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Diagnostic } from "@tspack/core";
import { loadHcl } from "../hcl/packer/load.ts";
import { readConfiguration } from "../hcl/packer/read.ts";
import { loadJson } from "../json/load.ts";
import { inputKind } from "../load/input-kind.ts";
import { limitDiagnostics } from "../load/limit-diagnostics.ts";
import type { LoadOptions } from "../load/options.ts";

/**
 * The errors that keep a template from loading whatever values its variables are given: names that do not exist, files that are missing.
 * That a variable has no value is none, and no value is looked at but the defaults. A template that asks a service for secrets is not
 * evaluated: nothing outside the folder is asked here. Whether components exist is not looked at.
 */
export async function templateProblems(
  path: string,
  given: Pick<LoadOptions, "workingDirectory" | "environment" | "configType">,
): Promise<readonly Diagnostic[]> {
  const workingDirectory = resolve(given.workingDirectory ?? process.cwd());
  const isJson = inputKind(path, given) === "json";
  if (texts(path, workingDirectory, isJson).some((text) => services.test(text))) return [];
  const environment = Object.fromEntries(Object.entries(given.environment ?? {}).filter(([name]) => !name.startsWith("PKR_VAR_")));
  const options: LoadOptions = { ...given, workingDirectory, environment, autoVariableFiles: false, undeclared: "ignore", keepGoing: true };
  const { program, diagnostics } = await (isJson ? loadJson : loadHcl)(path, options);
  const ofSources = (program?.builds ?? []).flatMap(({ sources }) => sources.flatMap(({ problems = [] }) => problems));
  return limitDiagnostics([...diagnostics, ...new Set(ofSources)].filter(isError));
}

// --- internal ---

/** Calls that ask somebody, in either language. */
const services = /\b(vault|consul_key|aws_secretsmanager(_raw)?)\b/;

function texts(path: string, workingDirectory: string, isJson: boolean): readonly string[] {
  if (!isJson) return readConfiguration(path, { workingDirectory }).files.map(({ source }) => source.text);
  return [readFileSync(resolve(workingDirectory, path), "utf8")];
}

function isError({ severity, code }: Diagnostic): boolean {
  return severity === "error" && code !== "TPK1101";
}
