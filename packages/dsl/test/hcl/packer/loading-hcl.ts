import { join } from "node:path";
import { type Dependency, type Diagnostic, deferredOf, dependencyName, type Program, renderDiagnostics, UnknownValue } from "@tspack/core";
import * as assert from "uvu/assert";
import { loadHcl } from "../../../src/hcl/packer/load.ts";
import type { LoadOptions } from "../../../src/load/options.ts";
import { programFolder } from "../../load/program-folder.ts";

/** Files of one configuration; a mere text is the template. */
export type Files = string | { readonly [path: string]: string };

/** A folder with these files, and what it is loaded as: the folder itself. */
export function templateFolder(files: Files): string {
  return programFolder(typeof files === "string" ? { "template.pkr.hcl": files } : files);
}

/** Loads a folder made of these files; it is the working directory too. */
export async function loadFiles(files: Files, options: LoadOptions = {}): Promise<Awaited<ReturnType<typeof loadHcl>>> {
  const folder = templateFolder(files);
  return loadHcl(".", { workingDirectory: folder, ...options });
}

/** The Program of these files, which load without errors. */
export async function programOf(files: Files, options: LoadOptions = {}): Promise<Program> {
  const { program, diagnostics } = await loadFiles(files, options);
  assert.is(rendered(diagnostics.filter(({ severity }) => severity === "error")), "");
  if (program === undefined) throw new Error("no program");
  return program;
}

/** Loads the single file `template.pkr.hcl` of a folder. */
export function loadTemplate(folder: string, options: LoadOptions = {}): ReturnType<typeof loadHcl> {
  return loadHcl(join(folder, "template.pkr.hcl"), { workingDirectory: folder, ...options });
}

/** Diagnostics as users see them. */
export function rendered(diagnostics: readonly Diagnostic[]): string {
  return renderDiagnostics(diagnostics, { readSource: () => undefined });
}

/** Severity, code, place and sentences of each diagnostic, one line each. */
export function told(diagnostics: readonly Diagnostic[]): readonly string[] {
  return diagnostics.map(({ severity, code, summary, detail, hint, subject }) => {
    const place = subject === undefined ? "" : ` ${subject.file}:${subject.start.line},${subject.start.column}`;
    return `${severity} ${code}${place} ${[`${summary}.`, detail, hint].filter((part) => part !== undefined).join(" ")}`;
  });
}

/** Options by name. */
export type Options = { readonly [option: string]: unknown };

/** Options of the first source. */
export function firstConfig(program: Program): Options {
  return program.builds[0]?.sources[0]?.config ?? {};
}

/** The value of a Deferred when these are known, by name: `data.http.x.body`, `build.ID`. */
export function evaluated(value: unknown, known: Options): unknown {
  const deferred = deferredOf(value);
  assert.ok(deferred, "not a Deferred");
  return deferred.evaluate({
    value(dependency: Dependency) {
      const name = dependencyName(dependency);
      if (!(name in known)) throw new UnknownValue(dependency);
      return known[name];
    },
  });
}
