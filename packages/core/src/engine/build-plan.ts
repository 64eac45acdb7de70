// From one source of one build to the components it uses: `only`, `except` and `override` applied, chains cut, steps labelled.
import { asBuilder, asPostProcessor, asProvisioner } from "../components/lookup.ts";
import { applicableChains, applicableErrorCleanup, applicableProvisioners, configFor } from "../program/applies.ts";
import {
  type BuildDeclaration,
  buildName,
  type PostProcessorDeclaration,
  type ProvisionerDeclaration,
  type SourceDeclaration,
} from "../program/program.ts";
import type { Builder } from "../sdk/builder.ts";
import { ComponentUse } from "./component-use.ts";
import { matchesGlob } from "./glob.ts";
import type { PostProcessorUse } from "./post-process.ts";
import type { ProvisionerUse } from "./provision.ts";
import { packerVariables, type RunContext } from "./run-context.ts";

type Chain = readonly PostProcessorDeclaration[];

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
    where: `in ${source.origin?.title ?? `source(${JSON.stringify(source.type)}, ${JSON.stringify(source.name)})`}`,
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
      where: `in ${titleOf(declaration, call)} of build ${JSON.stringify(name)}`,
      step: label(declaration.name || declaration.type),
      name: declaration.name,
      index: ++index,
      as: asProvisioner,
    }),
  });
  const provisioners = applicableProvisioners(source).map((one) => provisioner(one, "provision"));
  const cleanup = applicableErrorCleanup(source);
  const errorCleanup = cleanup === undefined ? undefined : provisioner(cleanup, "provision");
  index = 0;
  const chains = cutChains(applicableChains(source), except).map((chain) =>
    chain.map((declaration) => ({
      declaration,
      use: new ComponentUse(context, {
        kind: "post-processor",
        type: declaration.type,
        config: declaration.config,
        packer,
        origin: declaration.origin ?? build.origin,
        where: `in ${titleOf(declaration, "postProcess")} of build ${JSON.stringify(name)}`,
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

// --- internal ---

function titleOf({ type, origin }: ProvisionerDeclaration | PostProcessorDeclaration, call: string): string {
  return origin?.title ?? `${call}(${JSON.stringify(type)})`;
}

/** Cuts chains at post-processors that `-except` names by name or type (row SEL-02). */
function cutChains(chains: readonly Chain[], except: readonly string[]): readonly Chain[] {
  const isExcluded = ({ name, type }: PostProcessorDeclaration): boolean =>
    except.some((pattern) => matchesGlob(pattern, name) || matchesGlob(pattern, type));
  const cut = chains.map((chain) => {
    const first = chain.findIndex(isExcluded);
    return first === -1 ? chain : chain.slice(0, first);
  });
  return cut.filter((chain) => chain.length > 0);
}

/** Makes labels unique: `shell`, `shell #2`. */
function stepLabels(): (text: string) => string {
  const counts = new Map<string, number>();
  return (text) => {
    const count = (counts.get(text) ?? 0) + 1;
    counts.set(text, count);
    return count === 1 ? text : `${text} #${count}`;
  };
}
