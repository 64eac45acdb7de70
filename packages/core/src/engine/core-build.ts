import { type Diagnostic, hasErrors } from "../diagnostics/diagnostic.ts";
import { BuildError, errorText, isCancellation, TspackError } from "../diagnostics/error.ts";
import type { EventSource } from "../events/bus.ts";
import type { ArtifactSummary, Outcome, Phase, Timing } from "../events/event.ts";
import { EventUi } from "../events/ui.ts";
import type { Dependency } from "../program/deferred.ts";
import { type BuildDeclaration, buildName, type Config, type SourceDeclaration } from "../program/program.ts";
import { dependenciesOf, waitsForAnything } from "../program/resolve.ts";
import type { Artifact } from "../sdk/artifact.ts";
import type { BuildOutput, Component } from "../sdk/component.ts";
import {
  type GeneratedData,
  HOOK_CLEANUP_PROVISION,
  HOOK_POST_BUILD,
  HOOK_PRE_BUILD,
  HOOK_PROVISION,
  type HookContext,
} from "../sdk/hook.ts";
import { type BuildPlan, planBuild } from "./build-plan.ts";
import { type ReadArguments, readPostProcessorArguments, readProvisionerArguments } from "./common-arguments.ts";
import type { ComponentUse } from "./component-use.ts";
import { failureDiagnostics, ToldFailures } from "./failure-diagnostic.ts";
import { checkFilters } from "./filters.ts";
import { completeGeneratedData } from "./generated-data.ts";
import { BuildHook } from "./hooks.ts";
import type { OutputClashes } from "./output-clashes.ts";
import { type PostProcessorUse, runPostProcessors } from "./post-process.ts";
import { type ProvisionerUse, runProvisioner } from "./provision.ts";
import { checkReferences } from "./references.ts";
import type { RunContext } from "./run-context.ts";

/** How a build ended, with the artifacts themselves. */
export interface BuildOutcome {
  readonly outcome: Outcome;
  readonly artifacts: readonly Artifact[];
  readonly errors: readonly string[];
  readonly durationMs: number;
  readonly timings: readonly Timing[];
}

/** One source in one build: prepares its components, runs them, reports what happens. Used once. */
export class CoreBuild {
  /** `[build.name.]type.name`. */
  readonly name: string;
  readonly source: SourceDeclaration;
  readonly build: BuildDeclaration;
  readonly plan: BuildPlan;
  readonly hook = new BuildHook();
  readonly #context: RunContext;
  readonly #timings: Timing[] = [];
  /** What the builder announced when its machine was ready. */
  #data: GeneratedData | undefined;
  #provisionMs = 0;
  #failed = false;
  /** What the builder says that it must have to itself. */
  #outputs: readonly BuildOutput[] = [];
  /** Errors that were shown as diagnostics. */
  readonly #told = new ToldFailures();

  constructor(context: RunContext, build: BuildDeclaration, source: SourceDeclaration, except: readonly string[] = []) {
    this.#context = context;
    this.build = build;
    this.source = source;
    this.name = buildName(build, source);
    this.plan = planBuild(context, build, source, except);
    this.hook.attach(HOOK_PROVISION, (hookContext) => this.#provision(hookContext));
    this.hook.attach(HOOK_CLEANUP_PROVISION, (hookContext) => this.#cleanUpAfterError(hookContext));
  }

  /** Other builds and data sources that anything in this build waits for. */
  get dependencies(): readonly Dependency[] {
    return dependenciesOf(...this.#uses().map((use) => use.options.config), ...this.#commonArguments()).filter(
      (dependency) => dependency.kind !== "build",
    );
  }

  /** True when prepare found errors: the build must not run. */
  get failedToPrepare(): boolean {
    return this.#failed;
  }

  /** Prepares every component with placeholders for what is not known yet. Starts nothing; returns everything that is wrong. */
  async prepare(): Promise<readonly Diagnostic[]> {
    const { problems = [] } = this.source;
    if (hasErrors(problems)) {
      // What a component would say of options that are missing for this reason helps nobody.
      this.#failed = true;
      return problems;
    }
    const scope = this.#context.values.scope();
    const diagnostics: Diagnostic[] = [...problems, ...checkFilters(this.#context.program, this.source)];
    const { builder } = this.plan;
    const prepared = await builder.prepareEarly(scope);
    this.#outputs = prepared.outputs ?? [];
    diagnostics.push(...prepared.diagnostics);
    for (const { use, declaration } of this.#provisioners()) {
      diagnostics.push(...(await use.prepareEarly(scope)).diagnostics);
      diagnostics.push(...problemsOf(use, () => readProvisionerArguments(declaration, scope)));
    }
    for (const { use, declaration } of this.plan.chains.flat()) {
      diagnostics.push(...(await use.prepareEarly(scope)).diagnostics);
      diagnostics.push(...problemsOf(use, () => readPostProcessorArguments(declaration, scope)));
    }
    diagnostics.push(...(await checkReferences(this.#context, this.#uses(), prepared.generatedVariables)));
    this.#failed = diagnostics.some((diagnostic) => diagnostic.severity === "error");
    return diagnostics;
  }

  /** After `prepare`: which of its outputs are those of builds that claimed theirs before. Such a build must not run. */
  claimOutputs(clashes: OutputClashes): readonly Diagnostic[] {
    const found = clashes.claim(this.name, this.#outputs).map((one) => this.plan.builder.locate(one));
    if (found.length > 0) this.#failed = true;
    return found;
  }

  /** Runs the build to its end. Never rejects: failing is an outcome. */
  async run(): Promise<BuildOutcome> {
    const { bus, signal } = this.#context;
    const start = performance.now();
    bus.emit({ kind: "build-started" }, { build: this.name });
    let artifacts: readonly Artifact[] = [];
    const errors: unknown[] = [];
    try {
      const artifact = await this.#runBuilder();
      if (artifact !== undefined && !signal.aborted) {
        const processed = await this.#postProcess(artifact);
        artifacts = processed.artifacts;
        errors.push(...processed.errors);
      }
    } catch (error) {
      errors.push(error);
    }
    for (const error of errors) this.#logFault(error);
    const outcome: Outcome = signal.aborted ? "cancelled" : errors.length > 0 ? "failed" : "succeeded";
    // That a cancelled build was cancelled needs no error text, unless something else went wrong besides.
    const texts = errors.filter((error) => !signal.aborted || !isPureCancellation(error)).map(errorText);
    const durationMs = performance.now() - start;
    bus.emit({ kind: "build-finished", outcome, durationMs, artifacts: artifacts.map(summarize), errors: texts }, { build: this.name });
    return { outcome, artifacts, errors: texts, durationMs, timings: this.#timings };
  }

  // --- internal ---

  async #runBuilder(): Promise<Artifact | undefined> {
    const { builder } = this.plan;
    const { signal, values } = this.#context;
    const source: EventSource = { build: this.name, component: builder.component, phase: "builder" };
    return this.#step(builder, source, async () => {
      const component = waitsForAnything(builder.options.config) ? await builder.prepareToRun(values.scope()) : builder.ready();
      const ui = this.#ui(source);
      const hookContext: HookContext = { ui, data: completeGeneratedData({}, this.#context.run.runUuid), signal };
      await this.hook.run(HOOK_PRE_BUILD, hookContext);
      const artifact = await component.run({ ui, hook: this.hook, signal });
      if (!signal.aborted) await this.hook.run(HOOK_POST_BUILD, { ...hookContext, data: this.#data ?? hookContext.data });
      return artifact;
    });
  }

  async #provision(hookContext: HookContext): Promise<void> {
    const data = completeGeneratedData(hookContext.data, this.#context.run.runUuid);
    this.#data = data;
    const start = performance.now();
    try {
      for (const provisioner of this.plan.provisioners) await this.#runProvisioner(provisioner, { ...hookContext, data }, "provision");
    } finally {
      this.#provisionMs += performance.now() - start;
    }
  }

  async #cleanUpAfterError(hookContext: HookContext): Promise<void> {
    const { errorCleanup } = this.plan;
    if (errorCleanup === undefined) return;
    hookContext.ui.error("The build has failed: running the error-cleanup provisioner...");
    const data = completeGeneratedData(hookContext.data, this.#context.run.runUuid);
    await this.#runProvisioner(errorCleanup, { ...hookContext, data }, "error-cleanup");
  }

  async #runProvisioner(provisioner: ProvisionerUse, hookContext: HookContext, phase: Phase): Promise<void> {
    const { use } = provisioner;
    const source: EventSource = { build: this.name, component: use.component, phase };
    const { bus, values, debug } = this.#context;
    const started = { current: false };
    await this.#step(
      use,
      source,
      () =>
        runProvisioner(provisioner, {
          ...hookContext,
          ui: this.#ui(source),
          scope: values.scope(hookContext.data),
          debug: debug && phase === "provision",
          onAttempt: (attempt) => {
            // The first one is announced by the step itself.
            if (started.current) bus.emit({ kind: "step-started", step: use.step, attempt }, source);
            started.current = true;
          },
        }),
      (outcome) => outcome,
    );
  }

  async #postProcess(artifact: Artifact): Promise<{ artifacts: readonly Artifact[]; errors: readonly unknown[] }> {
    const { bus, values, signal, run } = this.#context;
    const carried = await artifact.state("generated_data");
    const data = isGeneratedData(carried)
      ? completeGeneratedData(carried, run.runUuid)
      : (this.#data ?? completeGeneratedData({}, run.runUuid));
    const sourceOf = (use: PostProcessorUse): EventSource => ({ build: this.name, component: use.use.component, phase: "post-process" });
    return runPostProcessors({
      artifact,
      chains: this.plan.chains,
      data,
      scope: values.scope(data),
      signal,
      uiOf: (use) => this.#ui(sourceOf(use)),
      step: (use, work) => {
        const { name = use.declaration.type, type } = use.declaration;
        const text = name === type ? type : `${name} (type ${type})`;
        bus.emit({ kind: "say", text: `Running post-processor: ${text}` }, { build: this.name, phase: "post-process" });
        return this.#step(use.use, sourceOf(use), work);
      },
      log: (text) => bus.emit({ kind: "log", level: "info", source: "core", text }, { build: this.name, phase: "post-process" }),
    });
  }

  /** Reports and measures one step. `outcomeOf` tells when something that did not throw failed all the same. */
  async #step<C extends Component, T>(
    use: ComponentUse<C>,
    source: EventSource,
    work: () => Promise<T>,
    outcomeOf: (result: T) => Outcome = () => "succeeded",
  ): Promise<T> {
    const { bus, signal } = this.#context;
    const { step } = use;
    const start = performance.now();
    const provisionedBefore = this.#provisionMs;
    const finish = (outcome: Outcome, error?: string): void => {
      const durationMs = performance.now() - start;
      // A builder's own time is what it does not spend in its provisioners.
      const ownMs = source.phase === "builder" ? durationMs - (this.#provisionMs - provisionedBefore) : durationMs;
      this.#timings.push({ build: this.name, step, durationMs: ownMs });
      bus.emit({ kind: "step-finished", step, outcome, durationMs, error }, source);
    };
    bus.emit({ kind: "step-started", step }, source);
    try {
      const result = await work();
      finish(outcomeOf(result));
      return result;
    } catch (error) {
      // A provisioner that was stopped by its builder, whose machine is gone for example: the builder says why.
      const isStopped = signal.aborted || (source.phase === "provision" && isPureCancellation(error));
      finish(isStopped ? "cancelled" : "failed", errorText(error));
      if (!isStopped) {
        for (const diagnostic of failureDiagnostics(use, error, this.#told)) bus.emit({ kind: "diagnostic", diagnostic }, source);
      }
      if (source.phase !== "post-process" || isCancellation(error)) throw error;
      throw new BuildError(`the post-processor ${step} failed`, { code: "TPK6003", cause: error });
    }
  }

  #ui(source: EventSource): EventUi {
    const { bus, questions } = this.#context;
    return new EventUi(bus, source, (question, from, options) => questions.ask(question, from, options));
  }

  /** A mistake in somebody's code (not a failure that was reported): its stack helps whoever wrote it. */
  #logFault(error: unknown): void {
    const isReported = (TspackError.is(error) && error.code !== "TPK9001") || isCancellation(error);
    if (isReported || !(error instanceof Error) || error.stack === undefined) return;
    this.#context.bus.emit({ kind: "log", level: "error", source: "core", text: error.stack }, { build: this.name });
  }

  #provisioners(): readonly ProvisionerUse[] {
    const { provisioners, errorCleanup } = this.plan;
    return errorCleanup === undefined ? provisioners : [...provisioners, errorCleanup];
  }

  #uses(): readonly ComponentUse<Component>[] {
    const { builder, chains } = this.plan;
    return [builder, ...this.#provisioners().map(({ use }) => use), ...chains.flat().map(({ use }) => use)];
  }

  #commonArguments(): Config[] {
    const { chains } = this.plan;
    const ofProvisioners = this.#provisioners().map(({ declaration }) => {
      const { pause_before, timeout, max_retries, continue_on_error } = declaration;
      return { pause_before, timeout, max_retries, continue_on_error };
    });
    return [...ofProvisioners, ...chains.flat().map(({ declaration }) => ({ keep_input_artifact: declaration.keep_input_artifact }))];
  }
}

/** What events and results tell about an artifact. */
export function summarize(artifact: Artifact): ArtifactSummary {
  const { builderId, id, description, files } = artifact;
  return { builderId, id, description, files: [...files] };
}

/** What is wrong with common arguments; reading them may call the user's own functions. */
function problemsOf<C extends Component>(use: ComponentUse<C>, read: () => ReadArguments<unknown>): Diagnostic[] {
  try {
    return read().diagnostics.map((diagnostic) => use.locate(diagnostic));
  } catch (error) {
    return [use.preparationFailed(error)];
  }
}

function isPureCancellation(error: unknown): boolean {
  return isCancellation(error) && !(error instanceof Error && error.cause instanceof AggregateError);
}

function isGeneratedData(value: unknown): value is GeneratedData {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
