// Loads templates of the JSON form.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Diagnostic, Program } from "@tspack/core";
import { type Loaded, type LoadOptions, load } from "@tspack/dsl";
import { tmp } from "@tspack/test-support";
import * as assert from "uvu/assert";

/** Where templates are written. */
export const folder = tmp();

/** Loads a template with the fixed clock 1700000000. */
export async function loadText(text: string, options: LoadOptions = {}): Promise<Loaded> {
  writeFileSync(join(folder, "template.json"), text);
  const environment = { SOURCE_DATE_EPOCH: "1700000000", ...options.environment };
  return load("template.json", { workingDirectory: folder, ...options, environment });
}

interface Parts {
  readonly variables?: unknown;
  readonly options?: unknown;
  readonly [key: string]: unknown;
}

/** A template with one null builder that has the options. */
export function template({ options = {}, ...rest }: Parts): string {
  return JSON.stringify({ builders: [{ type: "null", communicator: "none", ...(options as object) }], ...rest });
}

/** The Program of a template that loads. */
export async function program(text: string, options?: LoadOptions): Promise<Program> {
  const loaded = await loadText(text, options);
  assert.ok(loaded.program, JSON.stringify(loaded.diagnostics, undefined, 1));
  return loaded.program as Program;
}

/** `TPK2301 3:5 detail hint`, each. */
export async function told(text: string, options?: LoadOptions): Promise<readonly string[]> {
  const { diagnostics } = await loadText(text, options);
  return diagnostics.map(line);
}

/** What is told, in one line. */
export function line({ code, subject, detail, hint }: Diagnostic): string {
  return [code, subject === undefined ? "" : `${subject.start.line}:${subject.start.column}`, detail, hint].filter(Boolean).join(" ");
}
