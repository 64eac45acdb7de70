// From one source of one build to the components it uses: `only`, `except` and `override` applied, chains cut, steps labelled.
import { asBuilder, asPostProcessor, asProvisioner } from "../components/lookup.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { didYouMean } from "../diagnostics/suggest.ts";
import {
  type BuildDeclaration,
  buildName,
  type Config,
  type PostProcessorDeclaration,
  type Program,
  type ProvisionerDeclaration,
  type SourceDeclaration,
} from "../program/program.ts";
import type { Builder } from "../sdk/builder.ts";
import { ComponentUse } from "./component-use.ts";
import { matchesGlob } from "./glob.ts";
import type { PostProcessorUse } from "./post-process.ts";
import type { ProvisionerUse } from "./provision.ts";
import { packerVariables, type RunContext } from "./run-context.ts";

/** The components of one source in one build. */
export interface BuildPlan {
  readonly builder: ComponentUse<Builder>;
  readonly provisioners: readonly ProvisionerUse[];
  readonly errorCleanup: ProvisionerUse | undefined;
  readonly chains: readonly (readonly PostProcessorUse[])[];
  /** Labels of all steps in order, each unique. */
  readonly steps: readonly string[];
}

/** The components of one source in one build. `except` are the patterns of `-except`, which cut chains too (row SEL-02). */
export function planBuild(context: RunContext, build: BuildDeclaration, source: SourceDeclaration, except: readonly string[]): BuildPlan {
  const name = buildName(build, source);
  const packer = packerVariables(context, source.sourceName ?? source.name, source.type);
  const label = stepLabels();
  const builder = new ComponentUse(context, {
    kind: "builder",
    type: source.type,
    config: source.config,
    packer,
    origin: source.origin ?? build.origin,
    where: `in source(${JSON.stringify(source.type)}, ${JSON.stringify(source.name)})`,
    step: label(source.type),
    as: asBuilder,
  });
  let index = 0;
  const provisioner = (declaration: ProvisionerDeclaration, call: string): ProvisionerUse => ({
    declaration,
    use: new ComponentUse(context, {
      kind: "provisioner",
      type: declaration.type,
      config: configFor(declaration, source),
      packer,
      origin: declaration.origin ?? build.origin,
      where: `in ${call}(${JSON.stringify(declaration.type)}) of build ${JSON.stringify(name)}`,
      step: label(declaration.name || declaration.type),
      name: declaration.name,
      index: ++index,
      as: asProvisioner,
    }),
  });
  const provisioners = source.provisioners.filter((one) => concerns(one, source)).map((one) => provisioner(one, "provision"));
  const errorCleanup =
    source.errorCleanup !== undefined && concerns(source.errorCleanup, source) ? provisioner(source.errorCleanup, "provision") : undefined;
  index = 0;
  const chains = applicableChains(source, except).map((chain) =>
    chain.map((declaration) => ({
      declaration,
      use: new ComponentUse(context, {
        kind: "post-processor",
        type: declaration.type,
        config: declaration.config,
        packer,
        origin: declaration.origin ?? build.origin,
        where: `in postProcess(${JSON.stringify(declaration.type)}) of build ${JSON.stringify(name)}`,
        step: label(declaration.name || declaration.type),
        name: declaration.name,
        index: ++index,
        as: asPostProcessor,
      }),
    })),
  );
  const uses = [builder, ...provisioners.map(({ use }) => use), ...chains.flat().map(({ use }) => use)];
  return { builder, provisioners, errorCleanup, chains, steps: uses.map((use) => use.step) };
}

/** The chains of a source, without post-processors meant for others, cut at those that `-except` names (row SEL-02). */
export function applicableChains(source: SourceDeclaration, except: readonly string[]): (readonly PostProcessorDeclaration[])[] {
  const chains = source.postProcessors.map((chain) => {
    const concerned = chain.filter((one) => concerns(one, source));
    const cut = concerned.findIndex((one) => except.some((pattern) => [one.name, one.type].some((name) => matchesGlob(pattern, name))));
    return cut === -1 ? concerned : concerned.slice(0, cut);
  });
  return chains.filter((chain) => chain.length > 0);
}

/** True if `only` and `except` let it run for this source (rows META-06, MISS-06: exact names, no build name in front). */
export function concerns(declaration: ProvisionerDeclaration | PostProcessorDeclaration, source: SourceDeclaration): boolean {
  const names = [`${source.type}.${source.name}`, source.name];
  if (declaration.only !== undefined && declaration.only.length > 0) return declaration.only.some((name) => names.includes(name));
  return declaration.except === undefined || !declaration.except.some((name) => names.includes(name));
}

/** A provisioner's options for one source: `override` applied last (row META-07). */
export function configFor(declaration: ProvisionerDeclaration, source: SourceDeclaration): Config {
  const override = declaration.override;
  if (override === undefined) return declaration.config;
  return { ...declaration.config, ...override[source.name], ...override[`${source.type}.${source.name}`] };
}

/**
 * What is wrong with `only`, `except` and `override` of a source's components. Names of sources that are nowhere in the program
 * are an error in legacy JSON and a warning elsewhere, where Packer ignores them.
 */
export function checkFilters(program: Program, source: SourceDeclaration): Diagnostic[] {
  const known = new Set<string>();
  for (const build of program.builds)
    for (const { type, name } of build.sources) for (const text of [`${type}.${name}`, name]) known.add(text);
  const diagnostics: Diagnostic[] = [];
  const check = (declaration: ProvisionerDeclaration | PostProcessorDeclaration, override: readonly string[]): void => {
    const { only = [], except = [], origin } = declaration;
    if (only.length > 0 && except.length > 0) {
      diagnostics.push({
        severity: "error",
        code: "TPK3106",
        summary: "Conflicting arguments",
        detail: `${JSON.stringify(declaration.type)} has both "only" and "except".`,
        hint: "Keep one of them.",
        subject: origin?.locate(["except"]) ?? origin?.locate([]),
      });
    }
    for (const [argument, names] of Object.entries({ only, except, override })) {
      for (const name of names) {
        if (known.has(name)) continue;
        diagnostics.push({
          severity: program.configStyle === "plain" ? "error" : "warning",
          code: "TPK3109",
          summary: "Unknown source",
          detail: `${JSON.stringify(argument)} of ${JSON.stringify(declaration.type)} names ${JSON.stringify(name)}, and no source is called that.`,
          hint: didYouMean(name, known),
          subject: origin?.locate([argument]) ?? origin?.locate([]),
        });
      }
    }
  };
  for (const one of [...source.provisioners, ...(source.errorCleanup === undefined ? [] : [source.errorCleanup])]) {
    check(one, Object.keys(one.override ?? {}));
  }
  for (const one of source.postProcessors.flat()) check(one, []);
  return diagnostics;
}

// --- internal ---

/** Makes labels unique: `shell`, `shell #2`. */
function stepLabels(): (text: string) => string {
  const counts = new Map<string, number>();
  return (text) => {
    const count = (counts.get(text) ?? 0) + 1;
    counts.set(text, count);
    return count === 1 ? text : `${text} #${count}`;
  };
}
