// The configurations that a host sends to Prepare and Configure, as the request that components know (plugin-protocol section 11).
import type { PathSegment } from "../../diagnostics/range.ts";
import type { Config } from "../../program/program.ts";
import { decodeConfigs, UNKNOWN_OPTIONS } from "../../protocol/cty/config.ts";
import type { OnError, PackerVariables, PrepareRequest, RunInfo } from "../component.ts";

/** One request from the elements of `Configs`, of either form. Throws a PluginError (TPK4002) for what is neither. */
export function requestFrom(configs: readonly unknown[], run: RunInfo): PrepareRequest {
  const { config, packer } = decodeConfigs(configs);
  // Values of a typed configuration that are not known yet come as this text. Plain ones hold templates instead.
  const isTyped = configs.some((element) => Buffer.isBuffer(element));
  const told = packer[UNKNOWN_OPTIONS];
  const unknown = [
    ...(isTyped ? placeholders(config, []) : []),
    ...(Array.isArray(told) ? told.filter((option) => typeof option === "string").map((option) => [option]) : []),
  ];
  return { config, packer: packerVariables(packer), run, unknown, signal: new AbortController().signal };
}

// --- internal ---

const UNKNOWN = "<unknown>";
const DEEPEST = 200;

function* placeholders(value: unknown, path: readonly PathSegment[]): Generator<readonly PathSegment[]> {
  if (typeof value === "string") {
    if (value.includes(UNKNOWN)) yield path;
  } else if (typeof value === "object" && value !== null && path.length < DEEPEST) {
    const entries: Iterable<readonly [PathSegment, unknown]> = Array.isArray(value) ? value.entries() : Object.entries(value);
    for (const [key, item] of entries) yield* placeholders(item, [...path, key]);
  }
}

/** Texts from HCL, real types from legacy JSON; Packer 1.6 leaves out most of them. */
function packerVariables(packer: Config): PackerVariables {
  const { packer_user_variables: user, packer_sensitive_variables: sensitive, packer_template_path: template } = packer;
  return {
    packer_build_name: textOf(packer.packer_build_name),
    packer_builder_type: textOf(packer.packer_builder_type),
    packer_core_version: textOf(packer.packer_core_version),
    packer_debug: isTrue(packer.packer_debug),
    packer_force: isTrue(packer.packer_force),
    packer_on_error: onError(packer.packer_on_error),
    packer_template_path: typeof template === "string" && template !== "" ? template : undefined,
    packer_user_variables: isMap(user)
      ? Object.fromEntries(Object.entries(user).flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])))
      : undefined,
    packer_sensitive_variables: Array.isArray(sensitive) ? sensitive.filter((name) => typeof name === "string") : undefined,
  };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function isTrue(value: unknown): boolean {
  return value === true || value === "true";
}

function onError(value: unknown): OnError {
  return value === "abort" || value === "ask" || value === "run-cleanup-provisioner" ? value : "cleanup";
}

function isMap(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
