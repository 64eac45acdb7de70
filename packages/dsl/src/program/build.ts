import { type BuildDeclaration, buildName } from "@tspack/core";
import { type ArtifactRef, artifactRef } from "./artifact.ts";
import type { BuildRefs } from "./build-refs.ts";
import { describe } from "./config.ts";
import { declare, declaredAs } from "./declaration.ts";
import { expandBuild } from "./expand-build.ts";
import type { PostProcessor } from "./post-process.ts";
import type { Provisioner } from "./provision.ts";
import type { Registry } from "./registry.ts";
import { captureOrigin, failure } from "./report.ts";
import { requireConfig } from "./require.ts";
import type { Source } from "./source.ts";

/** What a function given to `build` is called with, once per source. */
export interface Runtime<S extends Source = Source> {
  /** The source value itself, so that ordinary conditions work: `source.name === "web" && provision(…)`. */
  readonly source: S;
  /** Values of the running build, as Refs: `build.Host`. */
  readonly build: BuildRefs<S["type"]>;
}

/** A list entry that is skipped when there is nothing: `flag && provision(…)`. */
export type Maybe<T> = T | false | null | undefined;

/** Post-processors; an inner list is a chain, in which each starts from the artifact of the one before. */
export type Chains = readonly (Maybe<PostProcessor> | readonly Maybe<PostProcessor>[])[];

/** What `build` takes. */
export interface BuildOptions<S extends Source> {
  /** Stands before the source's name in the name of each build: `base.qemu.debian`. */
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  /** Each becomes a build of its own; they run at the same time. */
  readonly sources: readonly S[];
  /** Steps in order: a list, or a function that gives the list for one source. */
  readonly provisioners?: readonly Maybe<Provisioner>[] | ((run: Runtime<S>) => readonly Maybe<Provisioner>[]) | undefined;
  /** Runs when a provisioner failed, before the machine is removed. */
  readonly errorCleanup?: Provisioner | ((run: Runtime<S>) => Provisioner) | undefined;
  /** What is made of the artifact: a list, or a function that gives the list for one source. */
  readonly postProcessors?: Chains | ((run: Runtime<S>) => Chains) | undefined;
  /** Where the images are recorded. */
  readonly registry?: Registry | undefined;
}

/** Sources with the steps that make images of them. A program exports its builds. */
export interface Build<out S extends Source = Source> {
  readonly kind: "build";
  readonly name: string | undefined;
  /** The artifact that this build makes of one of its sources, for use in the options of another build's source. */
  artifact<T extends string>(source: Source<T, S["name"]>): ArtifactRef<T>;
}

/**
 * Declares a build: sources, provisioners and post-processors. Functions among the options are called once per source, at once.
 *
 * @example
 * export default build({
 *   sources: [debian],
 *   provisioners: ({ build }) => [provision("shell", { inline: [t`echo ${build.Host}`] })],
 * });
 */
export function build<const S extends Source>(options: BuildOptions<S>): Build<S> {
  const given = requireConfig("build()", options);
  const declaration = expandBuild(given, captureOrigin());
  return declare("build", declaration, {
    kind: "build",
    name: declaration.name,
    artifact(source) {
      const own = declaration.sources.some(({ type, name }) => type === source.type && name === source.name);
      if (!own) throw foreignSource(source, declaration);
      return artifactRef(declaration, source.type, source.name);
    },
  });
}

/** What a build declares; undefined for anything that is not a build. */
export function declarationOf(value: unknown): BuildDeclaration | undefined {
  return declaredAs("build", value);
}

function foreignSource(source: unknown, declaration: BuildDeclaration): Error {
  const asked = declaredAs("source", source);
  const own = declaration.sources.map((each) => buildName({}, each)).join(", ");
  return failure({
    code: "TPK3203",
    summary: "No such source",
    detail: `artifact() was given ${asked === undefined ? describe(source) : buildName({}, asked)}, which is not a source of this build.`,
    hint: own === "" ? undefined : `Its sources are: ${own}.`,
    origin: captureOrigin(),
  });
}
