// From the options of `build()` to its declaration: functions are called, empty entries skipped, wrong ones told.
import {
  type BuildDeclaration,
  didYouMean,
  formatPath,
  type Origin,
  type PathSegment,
  type PostProcessorDeclaration,
  type SourceDeclaration,
} from "@tspack/core";
import type { Runtime } from "./build.ts";
import { buildRefs } from "./build-refs.ts";
import { describe } from "./config.ts";
import { type Declarations, type DeclaredKind, declaredAs } from "./declaration.ts";
import { report } from "./report.ts";
import type { Source } from "./source.ts";

type Given = { readonly [option: string]: unknown };

const optionNames = ["name", "description", "sources", "provisioners", "errorCleanup", "postProcessors", "registry"];

/** The declaration of a build. Calls the functions among the options once per source; what they throw goes to the caller. */
export function expandBuild(given: Given, origin: Origin): BuildDeclaration {
  const complain = complaints(origin);
  for (const option of Object.keys(given)) {
    if (!optionNames.includes(option)) complain([option], `build() has no option ${option}.`, didYouMean(option, optionNames));
  }
  const text = (option: string): string | undefined => {
    const value = given[option];
    if (isNothing(value) || typeof value === "string") return value || undefined;
    complain([option], `${option} is ${describe(value)}, not text.`);
    return undefined;
  };
  return {
    name: text("name"),
    description: text("description"),
    registry: isNothing(given.registry) ? undefined : declared("registry", given.registry, ["registry"], complain),
    sources: sourcesOf(given.sources, complain).map((source) => expandSource(source, given, complain)),
    origin,
  };
}

type Complain = (path: readonly PathSegment[], detail: string, hint?: string) => void;

/** Tells each problem once, although a plain list is read again for every source. */
function complaints(origin: Origin): Complain {
  const told = new Set<string>();
  return (path, detail, hint) => {
    if (told.has(detail)) return;
    told.add(detail);
    report({ code: "TPK1006", summary: "Invalid argument value", detail, hint, where: "in build()", origin, path });
  };
}

function sourcesOf(value: unknown, complain: Complain): readonly Source[] {
  if (!Array.isArray(value)) {
    complain(["sources"], `sources is ${describe(value)}, not a list of sources.`);
    return [];
  }
  if (value.length === 0) complain(["sources"], "sources is empty, so there is nothing to build.");
  return value.filter((item: unknown, index): item is Source => declared("source", item, ["sources", index], complain) !== undefined);
}

function expandSource(source: Source, given: Given, complain: Complain): SourceDeclaration {
  const { type, name, config, origin } = declaredAs("source", source) ?? { ...source, config: {}, origin: undefined };
  const run: Runtime = { source, build: buildRefs() };
  const read = (option: string): unknown => {
    const value = given[option];
    return typeof value === "function" ? value(run) : value;
  };
  const list = (option: string): readonly unknown[] => {
    const value = read(option);
    if (Array.isArray(value)) return value;
    if (!isNothing(value)) complain([option], `${option} is ${describe(value)}, not a list.`);
    return [];
  };
  const provisioners = steps("provisioner", list("provisioners"), ["provisioners"], complain);
  const cleanup = read("errorCleanup");
  return {
    type,
    name,
    config,
    provisioners,
    errorCleanup: isNothing(cleanup) ? undefined : declared("provisioner", cleanup, ["errorCleanup"], complain),
    postProcessors: chains(list("postProcessors"), complain),
    origin,
  };
}

/** A single post-processor is a chain of one; a chain of which nothing is left is none. */
function chains(list: readonly unknown[], complain: Complain): readonly (readonly PostProcessorDeclaration[])[] {
  return list
    .map((item, index) => {
      const path = ["postProcessors", index];
      if (Array.isArray(item)) return steps("post-processor", item, path, complain);
      return isNothing(item) ? [] : steps("post-processor", [item], path, complain, true);
    })
    .filter((chain) => chain.length > 0);
}

function steps<K extends "provisioner" | "post-processor">(
  kind: K,
  list: readonly unknown[],
  path: readonly PathSegment[],
  complain: Complain,
  single = false,
): readonly Declarations[K][] {
  return list.flatMap((item, index) => {
    if (isNothing(item)) return [];
    const found = declared(kind, item, single ? path : [...path, index], complain);
    return found === undefined ? [] : [found];
  });
}

/** What a value of the expected kind declares; otherwise says what stands there instead. */
function declared<K extends DeclaredKind>(
  kind: K,
  value: unknown,
  path: readonly PathSegment[],
  complain: Complain,
): Declarations[K] | undefined {
  const found = declaredAs(kind, value);
  if (found === undefined) complain(path, `${formatPath(path)} is ${describe(value)}, not a ${kind}.`);
  return found;
}

/** Entries that conditions leave behind: `flag && provision(…)`. */
function isNothing(value: unknown): value is false | null | undefined {
  return value === undefined || value === null || value === false;
}
