// The arguments that every provisioner and post-processor takes beside its own options (rows META).
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { ConfigError } from "../diagnostics/error.ts";
import type { Scope } from "../program/deferred.ts";
import type { Config, PostProcessorDeclaration, ProvisionerDeclaration } from "../program/program.ts";
import { resolvePartially } from "../program/resolve.ts";
import { decodeConfig } from "../sdk/config/decode.ts";
import { parseDuration } from "../sdk/config/duration.ts";
import type { ConfigSpec, OptionSpec } from "../sdk/config/spec.ts";

export interface ProvisionerArguments {
  readonly pauseBeforeMs: number;
  /** 0 means no limit. */
  readonly timeoutMs: number;
  readonly maxRetries: number;
  readonly continueOnError: boolean;
}

export interface PostProcessorArguments {
  /** Undefined when the user said nothing. */
  readonly keepInputArtifact: boolean | undefined;
}

/** What was read, and what is wrong with it (paths lead to the argument). */
export interface ReadArguments<A> {
  readonly arguments: A;
  readonly diagnostics: readonly Diagnostic[];
}

const provisionerSpec: ConfigSpec = {
  options: { pause_before: option("string"), timeout: option("string"), max_retries: option("number"), continue_on_error: option("bool") },
};
const postProcessorSpec: ConfigSpec = { options: { keep_input_artifact: option("bool") } };

/** Reads a provisioner's common arguments; what the scope does not know yet gets its default. */
export function readProvisionerArguments(declaration: ProvisionerDeclaration, scope: Scope): ReadArguments<ProvisionerArguments> {
  const { pause_before, timeout, max_retries, continue_on_error } = declaration;
  const { values, diagnostics } = read({ pause_before, timeout, max_retries, continue_on_error }, provisionerSpec, scope);
  const read_ = {
    pauseBeforeMs: durationOf(values, "pause_before", diagnostics),
    timeoutMs: durationOf(values, "timeout", diagnostics),
    maxRetries: typeof values.max_retries === "number" ? values.max_retries : 0,
    continueOnError: values.continue_on_error === true,
  };
  if (!Number.isInteger(read_.maxRetries) || read_.maxRetries < 0) {
    diagnostics.push(unacceptable("max_retries", "it must be a whole number, 0 or more"));
  }
  return { arguments: read_, diagnostics };
}

/** Reads a post-processor's common arguments. */
export function readPostProcessorArguments(declaration: PostProcessorDeclaration, scope: Scope): ReadArguments<PostProcessorArguments> {
  const { values, diagnostics } = read({ keep_input_artifact: declaration.keep_input_artifact }, postProcessorSpec, scope);
  const keep = values.keep_input_artifact;
  return { arguments: { keepInputArtifact: typeof keep === "boolean" ? keep : undefined }, diagnostics };
}

/** The arguments, or a `ConfigError`: for the second reading, right before running. */
export function requireArguments<A>(read: ReadArguments<A>): A {
  const [problem] = read.diagnostics;
  if (problem !== undefined)
    throw new ConfigError(problem.detail ?? problem.summary, { code: problem.code, diagnostics: read.diagnostics });
  return read.arguments;
}

// --- internal ---

function option(kind: "string" | "number" | "bool"): OptionSpec {
  return { type: { kind }, required: false };
}

function read(config: Config, spec: ConfigSpec, scope: Scope): { values: Config; diagnostics: Diagnostic[] } {
  const { config: known, unknown } = resolvePartially(config, scope, spec);
  const waiting = new Set(unknown.map(([name]) => name));
  const given = Object.entries(known).filter(([name]) => !waiting.has(name));
  const decoded = decodeConfig(Object.fromEntries(given), spec);
  return { values: decoded.config, diagnostics: [...decoded.diagnostics] };
}

function durationOf(values: Config, name: string, diagnostics: Diagnostic[]): number {
  const value = values[name];
  if (typeof value !== "string" || value === "") return 0;
  const durationMs = parseDuration(value);
  if (durationMs !== undefined && durationMs >= 0) return durationMs;
  diagnostics.push(unacceptable(name, `${JSON.stringify(value)} is not a duration; write it like "10s" or "1h30m"`));
  return 0;
}

function unacceptable(name: string, reason: string): Diagnostic {
  return {
    severity: "error",
    code: "TPK3105",
    summary: "Invalid argument value",
    detail: `The argument ${JSON.stringify(name)} is not acceptable: ${reason}.`,
    path: [name],
  };
}
