import { type DatasourceDeclaration, type Dependency, deferredOf, dependencyName, type Scope, TspackError } from "@tspack/core";
import { currentLoad, type LoadContext } from "./context.ts";
import { providerOf } from "./declaration.ts";
import { settle } from "./ref.ts";
import type { RefBase } from "./ref-types.ts";

/** Data sources that are asked, or were, while a program loads: each is asked once. */
const asked = new WeakMap<LoadContext, Map<DatasourceDeclaration, Promise<unknown>>>();

/**
 * The value of a Ref, now: executes the data sources it waits for. For programs whose structure depends on data.
 * Throws TPK1007 where data sources may not be executed (`validate` without `-evaluate-datasources`), and for a Ref that
 * waits for a build.
 *
 * @example
 * const releases = await resolved(data("http", "releases", { url }).body.map((text) => JSON.parse(text)));
 */
export async function resolved<T>(ref: RefBase<T>): Promise<T> {
  const deferred = deferredOf(ref);
  // Not a Ref: a program without type checks, or one that takes both.
  if (deferred === undefined) return ref as unknown as T;
  const known = await answersFor(deferred.waitsFor, currentLoad());
  return settle(ref, scopeOf(known)) as T;
}

async function answersFor(dependencies: readonly Dependency[], load: LoadContext | undefined): Promise<Map<string, unknown>> {
  const known = new Map<string, unknown>();
  for (const dependency of dependencies) {
    if (dependency.kind !== "data") {
      throw new TspackError(
        `${dependencyName(dependency)} is known only while builds run, so it cannot be resolved while the program loads`,
        {
          code: "TPK1007",
        },
      );
    }
    known.set(keyOf(dependency), await execute(declarationFor(dependency, load), load));
  }
  return known;
}

async function execute(declaration: DatasourceDeclaration, load: LoadContext | undefined): Promise<unknown> {
  const run = load?.executeDatasource;
  if (load === undefined || run === undefined) {
    throw new TspackError(`data.${declaration.type}.${declaration.name} is not known: data sources are not executed here`, {
      code: "TPK1007",
      hint: "Pass -evaluate-datasources to execute them.",
    });
  }
  const all = asked.get(load) ?? new Map<DatasourceDeclaration, Promise<unknown>>();
  asked.set(load, all);
  let answer = all.get(declaration);
  if (answer === undefined) {
    answer = configured(declaration, load).then(async (ready) => {
      const output = await run(ready);
      load.answers.set(declaration, { output });
      return output;
    });
    all.set(declaration, answer);
  }
  return answer;
}

/** The declaration with the answers of other data sources in its options. */
async function configured(declaration: DatasourceDeclaration, load: LoadContext): Promise<DatasourceDeclaration> {
  const scope = scopeOf(await answersFor(dependenciesIn(declaration.config), load));
  return { ...declaration, config: settle(declaration.config, scope) as DatasourceDeclaration["config"] };
}

function dependenciesIn(value: unknown): readonly Dependency[] {
  const deferred = deferredOf(value);
  if (deferred !== undefined) return deferred.waitsFor;
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(dependenciesIn) : [];
}

function declarationFor(dependency: Dependency & { readonly kind: "data" }, load: LoadContext | undefined): DatasourceDeclaration {
  const provider = providerOf(dependency);
  if (provider !== undefined && !("sources" in provider)) return provider;
  const found = load?.datasources.find(({ type, name }) => type === dependency.type && name === dependency.name);
  if (found === undefined) throw new TspackError(`there is no data source ${dependencyName(dependency)}`, { code: "TPK3203" });
  return found;
}

function scopeOf(known: ReadonlyMap<string, unknown>): Scope {
  return {
    value(dependency) {
      if (dependency.kind !== "data") throw new TspackError(`${dependencyName(dependency)} is not known yet`, { code: "TPK1007" });
      return dependency.path.reduce<unknown>(
        (value, segment) =>
          value === null || value === undefined ? undefined : (Object(value) as { [key: string | number]: unknown })[segment],
        known.get(keyOf(dependency)),
      );
    },
  };
}

function keyOf(dependency: Dependency & { readonly kind: "data" }): string {
  return JSON.stringify([dependency.type, dependency.name]);
}
