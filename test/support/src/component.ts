import type { Component, Config, Diagnostic, PackerVariables, PrepareRequest, RunInfo } from "../../../packages/core/src/sdk/index.ts";
import { tmp } from "./tmp.ts";

/** The values core hands to every component, with defaults for tests. */
export function packerVariables(changes: Partial<PackerVariables> = {}): PackerVariables {
  return {
    packer_build_name: "test",
    packer_builder_type: "null",
    packer_core_version: "0.1.0",
    packer_debug: false,
    packer_force: false,
    packer_on_error: "cleanup",
    ...changes,
  };
}

/** A run with a temporary folder of its own. */
export function runInfo(changes: Partial<RunInfo> = {}): RunInfo {
  return {
    runUuid: "00000000-0000-4000-8000-000000000000",
    startedAtMs: Date.UTC(2026, 0, 2, 3, 4, 5),
    temporaryDirectory: tmp("run"),
    environment: process.env,
    workingDirectory: process.cwd(),
    ...changes,
  };
}

/** Prepares a component with a configuration; returns its diagnostics. */
export async function prepare(component: Component, config: Config, changes: Partial<PrepareRequest> = {}): Promise<readonly Diagnostic[]> {
  const request: PrepareRequest = { config, packer: packerVariables(), run: runInfo(), signal: new AbortController().signal, ...changes };
  return (await component.prepare(request)).diagnostics;
}

/** Prepares and throws if anything was an error. */
export async function prepareWell(component: Component, config: Config, changes: Partial<PrepareRequest> = {}): Promise<void> {
  const errors = (await prepare(component, config, changes)).filter((diagnostic) => diagnostic.severity === "error");
  if (errors.length > 0) throw new Error(errors.map((error) => `${error.code} ${error.detail ?? error.summary}`).join("\n"));
}
