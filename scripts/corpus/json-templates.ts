// Legacy JSON templates of a corpus: which files are some, and the values that they need.
import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { loadJson, readJsonTemplate } from "../../packages/dsl/src/json/load.ts";
import type { JsonTemplate } from "../../packages/dsl/src/json/template.ts";

/** The legacy JSON templates among the files of a folder. */
export function jsonTemplatesIn(folder: string, names: readonly string[]): readonly string[] {
  return names.filter((name) => /\.json$/.test(name) && !/\.pkr(vars)?\.json$/.test(name) && isTemplate(join(folder, name)));
}

/** The files beside a template that hold values for some of its variables. */
export function jsonVariableFiles(path: string, names: readonly string[]): readonly string[] {
  const { template } = readJsonTemplate(basename(path), { workingDirectory: dirname(path) });
  const declared = new Set(template?.variables.map(({ name }) => name));
  return names
    .filter((name) => name.endsWith(".json"))
    .map((name) => join(dirname(path), name))
    .filter((file) => {
      const values = parsed(file);
      const given = typeof values === "object" && values !== null ? Object.entries(values) : [];
      // Programs take values as text: calls in them are a JSON template's own.
      const isText = given.every(([, value]) => typeof value === "string" && !value.includes("{{"));
      return isText && given.some(([name]) => declared.has(name));
    });
}

/** Most names that are made up for one template because its variables are made of them. */
const MOST_ROUNDS = 100;

/** A value for each variable that has none, and for those that others are made of. */
export async function madeJsonValues(path: string, template: JsonTemplate): Promise<{ [name: string]: string }> {
  const values: { [name: string]: string } = {};
  for (const { name, default: text } of template.variables) if (text === undefined) values[name] = "value";
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const { diagnostics } = await loadJson(path, { workingDirectory: dirname(path), environment: process.env, variables: values });
    const missing = diagnostics.flatMap(({ severity, detail = "" }) => {
      const found = severity === "error" ? /there is no variable "([^"]+)"|^The variable "([^"]+)" uses itself/.exec(detail) : undefined;
      return found?.[1] ?? found?.[2] ?? [];
    });
    if (missing.length === 0) break;
    for (const name of missing) values[name] = `made-${name}`;
  }
  return values;
}

function isTemplate(file: string): boolean {
  const values = parsed(file);
  if (typeof values === "object" && values !== null) return "builders" in values;
  // One that cannot be parsed is one all the same: it must be refused in a good way.
  return values === undefined && /"builders"\s*:/.test(readFileSync(file, "utf8"));
}

function parsed(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}
