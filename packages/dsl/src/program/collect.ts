// From the exports of an evaluated program to the Program that core runs.
import { types } from "node:util";
import { type BuildDeclaration, type DatasourceDeclaration, type Diagnostic, deferredOf, type Program } from "@tspack/core";
import { declarationOf } from "./build.ts";
import { describe } from "./config.ts";
import type { LoadContext } from "./context.ts";
import { byOrder, providerOf } from "./declaration.ts";

/** What came of the exports. `diagnostics` are about the exports alone; those of the calls are in the context. */
export interface Collected {
  readonly program: Program;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The Program that a module's exports make: the default export (a build, or lists of builds at any depth), then all other
 * exported builds, also those in exported lists, in the order in which they were made. Other exports are the module's own business. Each build counts
 * once. A build that is not exported but whose artifact is used belongs to the program too, right before its first user; so does
 * every data source that a build uses.
 */
export function programFrom(exports: { readonly [name: string]: unknown }, context: LoadContext, file: string): Collected {
  const diagnostics: Diagnostic[] = [];
  const builds = new Set<BuildDeclaration>();
  const datasources = new Set<DatasourceDeclaration>(context.datasources);
  const add = (build: BuildDeclaration): void => {
    if (builds.has(build)) return;
    for (const provider of providersOf(build)) {
      if ("sources" in provider) add(provider);
      else addDatasource(provider, datasources);
    }
    builds.add(build);
  };
  for (const build of exportedBuilds(exports, diagnostics)) add(build);
  // An empty list says that there is none: a template with variables and sources alone.
  const isEmptyOnPurpose = Array.isArray(exports.default) && exports.default.length === 0;
  if (builds.size === 0 && diagnostics.length === 0 && !isEmptyOnPurpose) diagnostics.push(noBuild(exports));
  return {
    program: {
      root: context.root,
      file,
      configStyle: "typed",
      requirements: context.requirements,
      variables: [...context.variables],
      datasources: [...datasources].map((declaration) => withAnswer(declaration, context)),
      builds: [...builds],
      secrets: [...context.secrets],
    },
    diagnostics,
  };
}

// --- internal ---

function withAnswer(declaration: DatasourceDeclaration, { answers }: LoadContext): DatasourceDeclaration {
  const answer = answers.get(declaration);
  return answer === undefined ? declaration : { ...declaration, answer };
}

function exportedBuilds(exports: { readonly [name: string]: unknown }, diagnostics: Diagnostic[]): readonly BuildDeclaration[] {
  const main = exports.default === undefined ? [] : buildsIn(exports.default, "the default export", diagnostics);
  const named = Object.entries(exports)
    .filter(([name]) => name !== "default")
    .flatMap(([, value]) => (Array.isArray(value) ? value.flat(Number.POSITIVE_INFINITY) : [value]))
    .filter((value) => declarationOf(value) !== undefined)
    .sort(byOrder);
  return [...main, ...named.map(declarationOf).filter((build) => build !== undefined)];
}

/** A build, or lists of builds; entries that conditions left empty are skipped. */
function buildsIn(value: unknown, name: string, diagnostics: Diagnostic[]): readonly BuildDeclaration[] {
  const build = declarationOf(value);
  if (build !== undefined) return [build];
  if (Array.isArray(value)) return value.flatMap((item: unknown, index) => buildsInEntry(item, `${name}[${index}]`, diagnostics));
  diagnostics.push({
    severity: "error",
    code: "TPK1006",
    summary: "Invalid export",
    detail: `${name[0]?.toUpperCase()}${name.slice(1)} is ${describe(value)}, not a build.`,
    hint: types.isPromise(value)
      ? "Await it: export default await …"
      : typeof value === "function"
        ? "Call it: what it returns is exported, not the function."
        : "Export what build({ … }) returns, or a list of builds.",
  });
  return [];
}

function buildsInEntry(item: unknown, name: string, diagnostics: Diagnostic[]): readonly BuildDeclaration[] {
  return item === undefined || item === null || item === false ? [] : buildsIn(item, name, diagnostics);
}

function noBuild(exports: { readonly [name: string]: unknown }): Diagnostic {
  const names = Object.keys(exports);
  return {
    severity: "error",
    code: "TPK1005",
    summary: "No build exported",
    detail: names.length === 0 ? "The program exports nothing." : `The program exports no build, only: ${names.join(", ")}.`,
    hint: "Write `export default build({ … })`, or export a list of builds.",
  };
}

/** The builds and data sources whose values a build's options wait for, each once, in the order of their use. */
function providersOf(build: BuildDeclaration): readonly (BuildDeclaration | DatasourceDeclaration)[] {
  const found = new Set<BuildDeclaration | DatasourceDeclaration>();
  for (const source of build.sources) {
    const configs = [
      source.config,
      ...[...source.provisioners, source.errorCleanup].map((step) => ({ ...step, origin: undefined })),
      ...source.postProcessors.flat().map((step) => ({ ...step, origin: undefined })),
    ];
    for (const config of configs) collectProviders(config, found);
  }
  return [...found];
}

function collectProviders(value: unknown, found: Set<BuildDeclaration | DatasourceDeclaration>): void {
  const deferred = deferredOf(value);
  if (deferred !== undefined) {
    for (const dependency of deferred.waitsFor) {
      const provider = providerOf(dependency);
      if (provider !== undefined) found.add(provider);
    }
    return;
  }
  if (typeof value !== "object" || value === null) return;
  for (const item of Object.values(value)) collectProviders(item, found);
}

/** A data source may be configured with the answer of another. */
function addDatasource(datasource: DatasourceDeclaration, datasources: Set<DatasourceDeclaration>): void {
  if (datasources.has(datasource)) return;
  datasources.add(datasource);
  const found = new Set<BuildDeclaration | DatasourceDeclaration>();
  collectProviders(datasource.config, found);
  for (const provider of found) if (!("sources" in provider)) addDatasource(provider, datasources);
}
