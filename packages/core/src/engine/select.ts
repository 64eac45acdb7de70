// Which builds run (rows SEL-01..06).
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
  const candidates = program.builds.flatMap((build) =>
    build.sources.map((source): Candidate => {
      const name = buildName(build, source);
      return { name, selectedBy: program.configStyle === "plain" ? [source.name, name] : [name] };
    }),
  );
  const names = candidates.map(({ name }) => name);
  const matches: Matches = program.configStyle === "plain" ? (pattern, name) => pattern === name : matchesGlob;
  const { only = [], except = [] } = options;
  const given = { candidates, matches, isPlain: program.configStyle === "plain" };
  const diagnostics = [...checkPatterns("only", only, given, []), ...checkPatterns("except", except, given, postProcessorNames(program))];
  const isMeant = (patterns: readonly string[], { selectedBy }: Candidate) =>
    patterns.some((pattern) => selectedBy.some((name) => matches(pattern, name)));
  const excluded = new Set(candidates.filter((candidate) => isMeant(except, candidate)).map(({ name }) => name));
  const chosen = candidates
    .filter((candidate) => (only.length === 0 || isMeant(only, candidate)) && !excluded.has(candidate.name))
    .map(({ name }) => name);
  const all = withParents(nodes, chosen);
  for (const name of chosen) {
    const missing = [...withParents(nodes, [name])].find((parent) => excluded.has(parent));
    if (missing !== undefined) diagnostics.push(excludedParent(name, missing));
  }
  if (chosen.length === 0 && !diagnostics.some((diagnostic) => diagnostic.severity === "error")) {
    diagnostics.push(nothingSelected(shownNames(candidates)));
  }
  return {
    builds: names.filter((name) => all.has(name)),
    broughtAlong: names.filter((name) => all.has(name) && !chosen.includes(name)),
    diagnostics,
  };
}

// --- internal ---

/** A build that can be selected. Legacy JSON selects by the bare name, exactly (row SEL-04); the displayed one is taken as well. */
interface Candidate {
  readonly name: string;
  readonly selectedBy: readonly string[];
}

type Matches = (pattern: string, name: string | undefined) => boolean;

interface Given {
  readonly candidates: readonly Candidate[];
  readonly matches: Matches;
  readonly isPlain: boolean;
}

/** The names to select by. */
function shownNames(candidates: readonly Candidate[]): string[] {
  return candidates.map(({ name, selectedBy: [first] }) => first ?? name);
}

function checkPatterns(
  option: "only" | "except",
  patterns: readonly string[],
  { candidates, matches, isPlain }: Given,
  others: readonly string[],
): Diagnostic[] {
  return patterns.flatMap((pattern): Diagnostic[] => {
    if (!isPlain && globPattern(pattern) === undefined) {
      return [
        {
          severity: "error",
          code: "TPK3205",
          summary: "Invalid pattern",
          detail: `The pattern ${JSON.stringify(pattern)} of -${option} cannot be read: a bracket or brace is not closed.`,
        },
      ];
    }
    if ([...candidates.flatMap(({ selectedBy }) => selectedBy), ...others].some((name) => matches(pattern, name))) return [];
    return [
      {
        severity: "warning",
        code: "TPK3205",
        summary: "Pattern matches nothing",
        detail: `-${option}=${pattern} matches no build.`,
        hint: possibleNames(shownNames(candidates)),
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
