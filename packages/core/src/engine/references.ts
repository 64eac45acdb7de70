// Checks of references that need to know components: which values a builder announces, what a data source answers.
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { didYouMean } from "../diagnostics/suggest.ts";
import { type Dependency, dependencyName } from "../program/deferred.ts";
import { referencesIn } from "../program/resolve.ts";
import type { Component } from "../sdk/component.ts";
import type { ComponentUse } from "./component-use.ts";
import { commonGeneratedNames } from "./generated-data.ts";
import type { RunContext } from "./run-context.ts";

/**
 * References of a build's components that will have no value. `generated` are the names that the builder announces beside the common
 * ones (row GEN-08); undefined when it could not be asked.
 */
export async function checkReferences(
  context: RunContext,
  uses: readonly ComponentUse<Component>[],
  generated: readonly string[] | undefined,
): Promise<Diagnostic[]> {
  const known = generated === undefined ? undefined : new Set([...commonGeneratedNames, ...generated]);
  const diagnostics: Diagnostic[] = [];
  for (const use of uses) {
    for (const { dependency, path } of referencesIn(use.options.config)) {
      const problem = await checkOne(context, use, dependency, known);
      if (problem !== undefined) diagnostics.push(use.locate({ severity: "error", code: "TPK3203", path, ...problem }));
    }
  }
  return diagnostics;
}

// --- internal ---

type Problem = Pick<Diagnostic, "summary" | "detail" | "hint">;

async function checkOne(
  context: RunContext,
  use: ComponentUse<Component>,
  dependency: Dependency,
  known: ReadonlySet<string> | undefined,
): Promise<Problem | undefined> {
  switch (dependency.kind) {
    case "build":
      return use.options.kind === "builder" ? tooEarly(dependency) : unknownBuildValue(use, dependency, known);
    case "data":
      return unknownField(dependency, await outputNames(context, dependency.type));
    case "artifact":
      return unknownField(dependency, ["id", "files", "builderId", "description", "state"]);
  }
}

function tooEarly(dependency: Dependency): Problem {
  return {
    summary: "Value not known here",
    detail: `${dependencyName(dependency)} is known once the machine runs, so the source that makes the machine cannot use it.`,
    hint: "Use it in provisioners and post-processors.",
  };
}

function unknownBuildValue(
  use: ComponentUse<Component>,
  dependency: Dependency,
  known: ReadonlySet<string> | undefined,
): Problem | undefined {
  const [name] = dependency.path;
  if (known === undefined || typeof name !== "string" || known.has(name)) return undefined;
  return {
    summary: "Unknown build value",
    detail: `The builder ${JSON.stringify(use.options.packer.packer_builder_type)} provides no value named ${JSON.stringify(name)}.`,
    hint: didYouMean(name, known) ?? `There is ${[...known].join(", ")}.`,
  };
}

function unknownField(dependency: Dependency, names: readonly string[] | undefined): Problem | undefined {
  const [name] = dependency.path;
  if (names === undefined || typeof name !== "string" || names.includes(name)) return undefined;
  return {
    summary: "Reference to nothing",
    detail: `There is no ${dependencyName({ ...dependency, path: [name] })}.`,
    hint: didYouMean(name, names) ?? `There is ${names.join(", ")}.`,
  };
}

/** The fields of a data source's answer, where they are stated. */
async function outputNames({ catalog, specs }: RunContext, type: string): Promise<readonly string[] | undefined> {
  const key = `output of ${type}`;
  if (!specs.has(key)) specs.set(key, await (await catalog.find("datasource", type))?.outputSpec?.());
  const spec = specs.get(key);
  return spec === undefined ? undefined : Object.keys(spec.options);
}
