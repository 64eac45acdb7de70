// Data sources that are asked while a template is loaded, since what it consists of depends on them.
import { type DatasourceDeclaration, type Diagnostic, deferredOf, errorText, type Scope, TspackError, UnknownValue } from "@tspack/core";
import type { DatasourceSettings } from "../../load/execute-datasource.ts";
import { settle } from "../../program/ref.ts";

/** Asks data sources, each once, with what their own options need. */
export class DatasourceAnswers {
  /** By `type.name`. */
  readonly known = new Map<string, { readonly output: unknown }>();
  readonly diagnostics: Diagnostic[] = [];
  readonly #settings: DatasourceSettings;
  readonly #failed = new Set<string>();

  constructor(settings: DatasourceSettings) {
    this.#settings = settings;
  }

  /** Asks the data source of a key. False when that failed, which is in `diagnostics`. */
  async ask(key: string, declarations: ReadonlyMap<string, DatasourceDeclaration>): Promise<boolean> {
    if (this.known.has(key)) return true;
    const declaration = declarations.get(key);
    if (declaration === undefined || this.#failed.has(key)) return false;
    for (const needed of datasourcesIn(declaration.config)) {
      if (needed !== key && !(await this.ask(needed, declarations))) return false;
    }
    const { executeDatasource } = await import("../../load/execute-datasource.ts");
    try {
      const config = settle(declaration.config, this.#scope()) as DatasourceDeclaration["config"];
      this.known.set(key, { output: await executeDatasource({ ...declaration, config }, this.#settings) });
      return true;
    } catch (error) {
      if (this.#settings.signal?.aborted === true) throw error;
      this.#failed.add(key);
      this.diagnostics.push(...problemsOf(error, declaration));
      return false;
    }
  }

  #scope(): Scope {
    return {
      value: (dependency) => {
        const answer = dependency.kind === "data" ? this.known.get(`${dependency.type}.${dependency.name}`) : undefined;
        if (answer === undefined) throw new UnknownValue(dependency);
        return dependency.path.reduce<unknown>((value, segment) => Object(value ?? {})[segment], answer.output);
      },
    };
  }
}

// --- internal ---

function datasourcesIn(value: unknown): readonly string[] {
  const deferred = deferredOf(value);
  if (deferred !== undefined) return deferred.waitsFor.flatMap((one) => (one.kind === "data" ? [`${one.type}.${one.name}`] : []));
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(datasourcesIn) : [];
}

function problemsOf(error: unknown, { type, name, origin }: DatasourceDeclaration): readonly Diagnostic[] {
  const where = `in data ${JSON.stringify(type)} ${JSON.stringify(name)}`;
  if (TspackError.is(error) && error.diagnostics.length > 0) {
    return error.diagnostics.map((one) => ({ ...one, subject: one.subject ?? origin?.locate(one.path ?? []), where: one.where ?? where }));
  }
  const code = TspackError.is(error) ? error.code : "TPK6004";
  const hint = TspackError.is(error) ? error.hint : undefined;
  return [
    { severity: "error", code, summary: "Data source failed", detail: `${errorText(error)}.`, hint, subject: origin?.locate([]), where },
  ];
}
