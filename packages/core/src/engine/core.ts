import { type Diagnostic, hasErrors } from "../diagnostics/diagnostic.ts";
import type { BuildDeclaration, SourceDeclaration } from "../program/program.ts";
import { buildName } from "../program/program.ts";
import { type BuildOutcome, CoreBuild, summarize } from "./core-build.ts";
import { DatasourceRun } from "./datasources.ts";
import { datasourceName, type ProgramGraph, programGraph, withParents } from "./graph.ts";
import { artifactHandle } from "./known-values.ts";
import { OutputClashes } from "./output-clashes.ts";
import type { RunContext } from "./run-context.ts";
import type { BuildResult } from "./run-options.ts";
import { runTasks, type Task } from "./scheduler.ts";
import { type Selection, type SelectionOptions, selectBuilds } from "./select.ts";

/** Builds prepared at the same time: components may wait for files or for another process. */
const PREPARED_AT_ONCE = 16;

/** Hears of the problems of one data source or build. */
export type Found = (name: string, diagnostics: readonly Diagnostic[]) => void;

/** What a Core found out about the whole program before it looks at any component. */
export interface CorePlan {
  readonly selection: Selection;
  readonly diagnostics: readonly Diagnostic[];
}

/** A program made runnable: its graph, the selected builds, the data sources they need. */
export class Core {
  readonly builds: readonly CoreBuild[];
  readonly plan: CorePlan;
  readonly #context: RunContext;
  readonly #graph: ProgramGraph;
  readonly #datasources: readonly DatasourceRun[];
  /** Data sources and builds whose configuration is wrong. */
  readonly #broken = new Map<string, readonly Diagnostic[]>();

  constructor(context: RunContext, options: SelectionOptions) {
    this.#context = context;
    const { program } = context;
    this.#graph = programGraph(program);
    const selection = selectBuilds(program, this.#graph.nodes, options);
    const diagnostics = [...this.#graph.diagnostics, ...selection.diagnostics];
    this.plan = { selection, diagnostics };
    const runnable = !hasErrors(diagnostics);
    const selected = new Set(runnable ? selection.builds : []);
    const needed = withParents(this.#graph.nodes, selected);
    const sources = program.builds.flatMap((build) =>
      build.sources.map((source): [BuildDeclaration, SourceDeclaration] => [build, source]),
    );
    this.builds = sources
      .filter(([build, source]) => selected.has(buildName(build, source)))
      .map(([build, source]) => new CoreBuild(context, build, source, options.except));
    this.#datasources = program.datasources
      .filter((declaration) => declaration.answer === undefined && needed.has(datasourceName(declaration)))
      .map((declaration) => new DatasourceRun(context, declaration));
  }

  /** Names of the builds that a build waits for. */
  parentsOf(name: string): readonly string[] {
    const waitsFor = this.#graph.nodes.get(name)?.waitsFor ?? [];
    return waitsFor.filter((parent) => this.#graph.nodes.get(parent)?.kind === "build");
  }

  /** Prepares everything and starts nothing. `found` hears of the problems of each data source and build, in declaration order. */
  async prepare(found: Found): Promise<void> {
    await this.#prepareAll([...this.#datasources, ...this.builds], found);
  }

  /** Prepares the data sources alone. */
  async prepareDatasources(found: Found): Promise<void> {
    await this.#prepareAll(this.#datasources, found);
  }

  /** Prepares the builds alone, after `runDatasources` with what those answered. */
  async prepareBuilds(found: Found): Promise<void> {
    await this.#prepareAll(this.builds, found);
  }

  async #prepareAll(all: readonly (DatasourceRun | CoreBuild)[], found: Found): Promise<void> {
    const clashes = new OutputClashes(this.#context.run.workingDirectory);
    for (let start = 0; start < all.length; start += PREPARED_AT_ONCE) {
      const group = all.slice(start, start + PREPARED_AT_ONCE);
      const prepared = await Promise.all(group.map(async (one) => ({ one, problems: await one.prepare() })));
      for (const { one, problems } of prepared) {
        const { name } = one;
        const diagnostics = one instanceof CoreBuild ? [...problems, ...one.claimOutputs(clashes)] : problems;
        if (hasErrors(diagnostics)) this.#broken.set(name, diagnostics);
        found(name, diagnostics);
      }
      if (this.#context.signal.aborted) return;
    }
  }

  /** Executes the data sources alone, as `validate -evaluate-datasources` does. */
  async runDatasources(): Promise<void> {
    await runTasks(this.#datasourceTasks(), { limit: 0, signal: this.#context.signal });
  }

  /** Whether any data source failed, or was not asked since another one did. */
  get hasFailedDatasources(): boolean {
    return this.#datasources.some(({ failure }) => failure !== undefined);
  }

  /** Why data sources failed, in declaration order. */
  get datasourceProblems(): readonly Diagnostic[] {
    return this.#datasources.flatMap(({ problems }) => problems);
  }

  /** Runs everything that was prepared without errors. Resolves to one result per selected build, in declaration order. */
  async run(limit: number, ended: (outcome: BuildOutcome) => void): Promise<readonly BuildResult[]> {
    const results = new Map<string, BuildResult>();
    const tasks = [...this.#datasourceTasks(), ...this.builds.map((build) => this.#buildTask(build, results, ended))];
    await runTasks(tasks, { limit, signal: this.#context.signal });
    return this.builds.map((build) => results.get(build.name)).filter((result) => result !== undefined);
  }

  // --- internal ---

  #datasourceTasks(): Task[] {
    return this.#datasources.map((datasource) => ({
      name: datasource.name,
      waitsFor: this.#graph.nodes.get(datasource.name)?.waitsFor ?? [],
      limited: false,
      run: async () => !this.#broken.has(datasource.name) && datasource.run(),
      skip: (cause) => datasource.skip(cause),
      cancel: () => {},
    }));
  }

  #buildTask(build: CoreBuild, results: Map<string, BuildResult>, ended: (outcome: BuildOutcome) => void): Task {
    const { bus } = this.#context;
    const endEarly = (outcome: "failed" | "cancelled" | "skipped", errors: readonly string[]): void => {
      results.set(build.name, { name: build.name, outcome, artifacts: [], errors, durationMs: 0 });
      bus.emit({ kind: "build-finished", outcome, durationMs: 0, artifacts: [], errors }, { build: build.name });
    };
    return {
      name: build.name,
      waitsFor: this.#graph.nodes.get(build.name)?.waitsFor ?? [],
      limited: true,
      run: async () => {
        if (this.#broken.has(build.name)) {
          endEarly("failed", ["its configuration has errors"]);
          return false;
        }
        const outcome = await build.run();
        const succeeded = outcome.outcome === "succeeded";
        if (succeeded) await this.#publish(build, outcome);
        const { artifacts, errors, durationMs } = outcome;
        results.set(build.name, { name: build.name, outcome: outcome.outcome, artifacts: artifacts.map(summarize), errors, durationMs });
        ended(outcome);
        return succeeded;
      },
      skip: (cause) => {
        const failure = this.#datasources.find(({ name }) => name === cause)?.failure;
        endEarly("skipped", [failure ?? `${cause}, which it waits for, did not succeed`]);
      },
      cancel: () => endEarly("cancelled", []),
    };
  }

  /** Makes a build's artifacts known to those that wait for them. */
  async #publish(build: CoreBuild, outcome: BuildOutcome): Promise<void> {
    const states = this.#graph.states.get(build.name) ?? [];
    const handle = await artifactHandle(outcome.artifacts, states);
    this.#context.values.setArtifact(build.name, handle);
  }
}
