// Which builds run (rows SEL-01..05).
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { buildName, type Program } from "../program/program.ts";
import { globPattern, matchesGlob } from "./glob.ts";
import { type GraphNode, withParents } from "./graph.ts";

export interface Selection {
  /** Full names of the builds to run, in declaration order. */
  readonly builds: readonly string[];
  /** Builds that nobody asked for, but whose artifacts are needed. */
  readonly broughtAlong: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface SelectionOptions {
  readonly only?: readonly string[] | undefined;
  readonly except?: readonly string[] | undefined;
}

/**
 * Applies `-only` and `-except`. Parents of selected builds come along; excluding one that a selected build needs is an error.
 * A pattern that matches nothing is a warning, nothing left an error.
 */
export function selectBuilds(program: Program, nodes: ReadonlyMap<string, GraphNode>, options: SelectionOptions): Selection {
  const names = program.builds.flatMap((build) => build.sources.map((source) => buildName(build, source)));
  const { only = [], except = [] } = options;
  const diagnostics = [...checkPatterns("only", only, names, []), ...checkPatterns("except", except, names, postProcessorNames(program))];
  const excluded = new Set(names.filter((name) => except.some((pattern) => matchesGlob(pattern, name))));
  const chosen = names.filter((name) => (only.length === 0 || only.some((pattern) => matchesGlob(pattern, name))) && !excluded.has(name));
  const all = withParents(nodes, chosen);
  for (const name of chosen) {
    const missing = [...withParents(nodes, [name])].find((parent) => excluded.has(parent));
    if (missing !== undefined) diagnostics.push(excludedParent(name, missing));
  }
  if (chosen.length === 0 && !diagnostics.some((diagnostic) => diagnostic.severity === "error")) diagnostics.push(nothingSelected(names));
  return {
    builds: names.filter((name) => all.has(name)),
    broughtAlong: names.filter((name) => all.has(name) && !chosen.includes(name)),
    diagnostics,
  };
}

// --- internal ---

function checkPatterns(
  option: "only" | "except",
  patterns: readonly string[],
  names: readonly string[],
  others: readonly string[],
): Diagnostic[] {
  return patterns.flatMap((pattern): Diagnostic[] => {
    if (globPattern(pattern) === undefined) {
      return [
        {
          severity: "error",
          code: "TPK3205",
          summary: "Invalid pattern",
          detail: `The pattern ${JSON.stringify(pattern)} of -${option} cannot be read: a bracket or brace is not closed.`,
        },
      ];
    }
    if ([...names, ...others].some((name) => matchesGlob(pattern, name))) return [];
    return [
      {
        severity: "warning",
        code: "TPK3205",
        summary: "Pattern matches nothing",
        detail: `-${option}=${pattern} matches no build.`,
        hint: possibleNames(names),
      },
    ];
  });
}

function postProcessorNames(program: Program): string[] {
  const chains = program.builds.flatMap((build) => build.sources.flatMap((source) => source.postProcessors.flat()));
  return [...new Set(chains.flatMap(({ name, type }) => (name === undefined ? [type] : [name, type])))];
}

function excludedParent(child: string, parent: string): Diagnostic {
  return {
    severity: "error",
    code: "TPK3205",
    summary: "Excluded build is needed",
    detail: `-except leaves out ${JSON.stringify(parent)}, but ${JSON.stringify(child)} is built from its artifact.`,
    hint: `Leave out ${JSON.stringify(child)} as well, or neither.`,
  };
}

function nothingSelected(names: readonly string[]): Diagnostic {
  return {
    severity: "error",
    code: "TPK3204",
    summary: "No builds to run",
    detail: names.length === 0 ? "The program has no builds." : "The filters of -only and -except leave no build to run.",
    hint: names.length === 0 ? undefined : possibleNames(names),
  };
}

function possibleNames(names: readonly string[]): string {
  const shown = names.slice(0, 20);
  const more = names.length - shown.length;
  return `The builds are: ${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}.`;
}
