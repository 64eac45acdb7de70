// Executes a data source while a program loads, for `await resolved(ref)`. During a run the engine does it in its graph.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { builtInCatalog, type ComponentCatalog, coreVersion, type DatasourceDeclaration, hasErrors, LoadError } from "@tspack/core";
import type { Component, Datasource, RunInfo, Ui } from "@tspack/core/sdk";

/** What a data source is told about the load. */
export interface DatasourceSettings {
  readonly catalog?: ComponentCatalog | undefined;
  readonly environment?: { readonly [name: string]: string | undefined } | undefined;
  /** Absolute. */
  readonly workingDirectory: string;
  readonly signal?: AbortSignal | undefined;
}

/** Prepares and executes a data source whose options are all known. Throws a `LoadError` when its options are wrong. */
export async function executeDatasource(declaration: DatasourceDeclaration, settings: DatasourceSettings): Promise<unknown> {
  const { type, name, config } = declaration;
  const signal = settings.signal ?? new AbortController().signal;
  const factory = await (settings.catalog ?? builtInCatalog()).find("datasource", type);
  const component = await factory?.create();
  if (component === undefined || !isDatasource(component)) {
    throw new LoadError(`there is no data source of type ${JSON.stringify(type)}`, { code: "TPK3101" });
  }
  const temporaryDirectory = mkdtempSync(join(settings.environment?.TMPDIR ?? tmpdir(), "tspack-load-"));
  try {
    const packer = {
      packer_build_name: name,
      packer_builder_type: type,
      packer_core_version: coreVersion,
      packer_debug: false,
      packer_force: false,
      packer_on_error: "cleanup",
    } as const;
    const run: RunInfo = {
      runUuid: "",
      startedAtMs: Date.now(),
      temporaryDirectory,
      environment: settings.environment ?? {},
      workingDirectory: settings.workingDirectory,
    };
    const { diagnostics } = await component.prepare({ config, packer, run, signal });
    if (hasErrors(diagnostics)) {
      const placed = diagnostics.map((one) => ({ ...one, subject: one.subject ?? declaration.origin?.locate(one.path ?? []) }));
      throw new LoadError(`the options of data.${type}.${name} are wrong`, { code: "TPK3105", diagnostics: placed });
    }
    return await component.execute({ ui: quiet, signal });
  } catch (cause) {
    if (cause instanceof LoadError) throw cause;
    throw new LoadError(`the data source data.${type}.${name} failed`, { code: "TPK6004", cause });
  } finally {
    rmSync(temporaryDirectory, { recursive: true, force: true });
  }
}

function isDatasource(component: Component): component is Datasource {
  return "execute" in component && typeof component.execute === "function";
}

/** While a program loads there is no display yet. */
const quiet: Ui = {
  say() {},
  error() {},
  output() {},
  machine() {},
  log() {},
  secret() {},
  ask: () => Promise.reject(new Error("questions cannot be answered while the program loads")),
  progress: () => ({ advance() {}, finish() {} }),
};
