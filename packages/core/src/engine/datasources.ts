import { asDatasource } from "../components/lookup.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { BuildError, errorText } from "../diagnostics/error.ts";
import type { EventSource } from "../events/bus.ts";
import { EventUi } from "../events/ui.ts";
import type { DatasourceDeclaration } from "../program/program.ts";
import type { Datasource } from "../sdk/datasource.ts";
import { ComponentUse } from "./component-use.ts";
import { failureDiagnostics, ToldFailures } from "./failure-diagnostic.ts";
import { datasourceName } from "./graph.ts";
import { packerVariables, type RunContext } from "./run-context.ts";

/** One data source of the program: prepared with the builds, executed at most once. */
export class DatasourceRun {
  /** `data.type.name`. */
  readonly name: string;
  readonly #context: RunContext;
  readonly #declaration: DatasourceDeclaration;
  readonly #use: ComponentUse<Datasource>;
  /** Why it failed, when it did. */
  failure: string | undefined;
  /** The same as diagnostics. */
  problems: readonly Diagnostic[] = [];

  constructor(context: RunContext, declaration: DatasourceDeclaration) {
    this.#context = context;
    this.#declaration = declaration;
    this.name = datasourceName(declaration);
    this.#use = new ComponentUse(context, {
      kind: "datasource",
      type: declaration.type,
      config: declaration.config,
      packer: packerVariables(context, declaration.name, declaration.type),
      origin: declaration.origin,
      where: `in ${declaration.origin?.title ?? `data(${JSON.stringify(declaration.type)}, ${JSON.stringify(declaration.name)})`}`,
      step: this.name,
      name: declaration.name,
      as: asDatasource,
    });
  }

  async prepare(): Promise<readonly Diagnostic[]> {
    return (await this.#use.prepareEarly(this.#context.values.scope())).diagnostics;
  }

  /** Executes it and makes its output known. Resolves to whether that succeeded. */
  async run(): Promise<boolean> {
    const { bus, values, questions, signal } = this.#context;
    const source: EventSource = { component: this.#use.component, phase: "datasource" };
    const start = performance.now();
    bus.emit({ kind: "step-started", step: this.name }, source);
    try {
      const component = await this.#use.prepareToRun(values.scope());
      const ui = new EventUi(bus, source, (question, from, options) => questions.ask(question, from, options));
      values.setData(this.#declaration.type, this.#declaration.name, await component.execute({ ui, signal }));
      bus.emit({ kind: "step-finished", step: this.name, outcome: "succeeded", durationMs: performance.now() - start }, source);
      return true;
    } catch (error) {
      const failure = errorText(new BuildError(`the data source ${this.name} failed`, { code: "TPK6004", cause: error }));
      this.failure = failure;
      const outcome = signal.aborted ? "cancelled" : "failed";
      bus.emit({ kind: "step-finished", step: this.name, outcome, durationMs: performance.now() - start, error: failure }, source);
      if (!signal.aborted) this.problems = failureDiagnostics(this.#use, error, new ToldFailures());
      for (const diagnostic of this.problems) bus.emit({ kind: "diagnostic", diagnostic }, source);
      return false;
    }
  }

  /** It was not run, since something that it waits for failed. */
  skip(cause: string): void {
    this.failure = `${this.name} waits for ${cause}, which failed`;
    const detail = `It waits for ${cause}, which failed.`;
    this.problems = [this.#use.locate({ severity: "error", code: "TPK6004", summary: "Data source not asked", detail })];
  }
}
