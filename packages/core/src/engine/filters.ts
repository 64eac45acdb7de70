// Checks of `only`, `except` and `override` (rows META-06, META-07).
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { didYouMean } from "../diagnostics/suggest.ts";
import type { PostProcessorDeclaration, Program, ProvisionerDeclaration, SourceDeclaration } from "../program/program.ts";

/**
 * What is wrong with the filters of a source's components: `only` and `except` together, and names that no source of the program
 * has. The latter are an error in legacy JSON and a warning elsewhere, where Packer ignores them.
 */
export function checkFilters(program: Program, source: SourceDeclaration): Diagnostic[] {
  const { provisioners, errorCleanup, postProcessors } = source;
  const ofProvisioners = [...provisioners, ...(errorCleanup === undefined ? [] : [errorCleanup])];
  return [
    ...ofProvisioners.flatMap((one) => checkOne(program, one, Object.keys(one.override ?? {}))),
    ...postProcessors.flat().flatMap((one) => checkOne(program, one, [])),
  ];
}

// --- internal ---

interface SourceNames {
  /** `type.name`. */
  readonly full: ReadonlySet<string>;
  /** Those and local names, by which `override` goes. */
  readonly any: ReadonlySet<string>;
  /** Suggestions that were looked for already. */
  readonly hints: Map<string, string | undefined>;
}

/** A program may have thousands of sources that all ask for the same. */
const namesByProgram = new WeakMap<Program, SourceNames>();

function sourceNames(program: Program): SourceNames {
  let names = namesByProgram.get(program);
  if (names === undefined) {
    const sources = program.builds.flatMap((build) => build.sources);
    const full = new Set(sources.map(({ type, name }) => `${type}.${name}`));
    names = { full, any: new Set([...full, ...sources.map(({ name }) => name)]), hints: new Map() };
    namesByProgram.set(program, names);
  }
  return names;
}

function checkOne(
  program: Program,
  declaration: ProvisionerDeclaration | PostProcessorDeclaration,
  override: readonly string[],
): Diagnostic[] {
  const { type, only = [], except = [], origin } = declaration;
  if (only.length === 0 && except.length === 0 && override.length === 0) return [];
  const { full, any, hints } = sourceNames(program);
  const hintFor = (name: string, known: ReadonlySet<string>): string | undefined => {
    if (!hints.has(name)) hints.set(name, didYouMean(name, known));
    return hints.get(name);
  };
  const unknown = (argument: string, names: readonly string[], known: ReadonlySet<string>): Diagnostic[] =>
    names
      .filter((name) => !known.has(name))
      .map((name) => ({
        severity: program.configStyle === "plain" ? "error" : "warning",
        code: "TPK3109",
        summary: "Unknown source",
        detail: `${JSON.stringify(argument)} of ${JSON.stringify(type)} names ${JSON.stringify(name)}, and no source is called that.`,
        hint: hintFor(name, known),
        subject: origin?.locate([argument]) ?? origin?.locate([]),
      }));
  const both: Diagnostic[] =
    only.length === 0 || except.length === 0
      ? []
      : [
          {
            severity: "error",
            code: "TPK3106",
            summary: "Conflicting arguments",
            detail: `${JSON.stringify(type)} has both "only" and "except".`,
            hint: "Keep one of them.",
            subject: origin?.locate(["except"]) ?? origin?.locate([]),
          },
        ];
  return [...both, ...unknown("only", only, full), ...unknown("except", except, full), ...unknown("override", override, any)];
}
