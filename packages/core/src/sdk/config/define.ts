import type * as z from "zod";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { hasErrors } from "../../diagnostics/diagnostic.ts";
import { ConfigError, InternalError } from "../../diagnostics/error.ts";
import type { TemplateContext } from "../../template/context.ts";
import type { Artifact } from "../artifact.ts";
import type { Builder, BuilderContext } from "../builder.ts";
import type {
  BuildOutput,
  ComponentFactory,
  ComponentKind,
  PackerVariables,
  PrepareRequest,
  PrepareResult,
  RunInfo,
} from "../component.ts";
import type { Datasource } from "../datasource.ts";
import type { GeneratedData } from "../hook.ts";
import type { PostProcessContext, PostProcessor, PostProcessResult } from "../post-processor.ts";
import type { ProvisionContext, Provisioner } from "../provisioner.ts";
import { hasTemplates, parseOptions, prepareContext } from "./parse-options.ts";
import type { ConfigSpec } from "./spec.ts";
import { specFromSchema } from "./spec-from-schema.ts";

/** What a prepared component knows when it checks or runs. */
export interface Prepared<Options> {
  readonly config: Options;
  readonly packer: PackerVariables;
  readonly run: RunInfo;
  /** For options the component renders itself: add `data` and render. */
  readonly template: TemplateContext;
}

/** What `check` gets besides: which options are placeholders, to be skipped. */
export interface Check<Options> extends Prepared<Options> {
  readonly signal: AbortSignal;
  /** True if the option (or something inside it) is not known yet. */
  isUnknown(option: keyof Options & string): boolean;
}

interface Definition<S extends z.ZodObject> {
  readonly type: string;
  /** One sentence: what it does. */
  readonly description: string;
  /** Builds the schema when it is first needed. Every option has a description. */
  readonly options: () => S;
  /** Options whose template strings the component renders itself, with data of its own (`execute_command`). */
  readonly renderLater?: readonly string[];
  /** Refusals that concern several options, or the outside world (a script that does not exist). */
  check?(check: Check<z.output<S>>): readonly Diagnostic[] | Promise<readonly Diagnostic[]>;
}

export interface BuilderDefinition<S extends z.ZodObject> extends Definition<S> {
  /** Names of generated data beside the common ones. */
  readonly generatedVariables?: readonly string[];
  /**
   * What a build has to itself in its run. tspack refuses a second build that names the same before any build starts; an output whose
   * `option` is not known yet is left out. Under Packer nothing is known of other builds.
   */
  outputs?(check: Check<z.output<S>>): readonly BuildOutput[];
  run(context: BuilderContext & Prepared<z.output<S>>): Promise<Artifact | undefined>;
}

export interface ProvisionerDefinition<S extends z.ZodObject> extends Definition<S> {
  /** `config` is rendered with the generated data, but for `renderLater`. */
  provision(context: ProvisionContext & Prepared<z.output<S>>): Promise<void>;
}

export interface PostProcessorDefinition<S extends z.ZodObject> extends Definition<S> {
  postProcess(context: PostProcessContext & Prepared<z.output<S>>): Promise<PostProcessResult>;
}

export interface DatasourceDefinition<S extends z.ZodObject> extends Definition<S> {
  readonly output: () => z.ZodObject;
  execute(context: Parameters<Datasource["execute"]>[0] & Prepared<z.output<S>>): Promise<{ readonly [name: string]: unknown }>;
}

/** A component made from a definition; the generator of option types reads its schema. */
export interface DefinedFactory<C extends Builder | Provisioner | PostProcessor | Datasource> extends ComponentFactory<C> {
  readonly options: () => z.ZodObject;
  readonly output?: (() => z.ZodObject) | undefined;
}

/** Makes a builder from its option schema and what it does. */
export function defineBuilder<S extends z.ZodObject>(definition: BuilderDefinition<S>): DefinedFactory<Builder> {
  return factory("builder", definition, (state) => ({
    prepare: async (request) => ({ ...(await state.prepare(request)), generatedVariables: definition.generatedVariables ?? [] }),
    run: (context) => definition.run({ ...context, ...state.current() }),
  }));
}

/** Makes a provisioner from its option schema and what it does. */
export function defineProvisioner<S extends z.ZodObject>(definition: ProvisionerDefinition<S>): DefinedFactory<Provisioner> {
  return factory("provisioner", definition, (state) => ({
    prepare: state.prepare,
    provision: async (context) => definition.provision({ ...context, ...state.current(context.data) }),
  }));
}

/** Makes a post-processor from its option schema and what it does. */
export function definePostProcessor<S extends z.ZodObject>(definition: PostProcessorDefinition<S>): DefinedFactory<PostProcessor> {
  return factory("post-processor", definition, (state) => ({
    prepare: state.prepare,
    postProcess: async (context) => definition.postProcess({ ...context, ...state.current(context.data) }),
  }));
}

/** Makes a data source from its schemas and what it does. */
export function defineDatasource<S extends z.ZodObject>(definition: DatasourceDefinition<S>): DefinedFactory<Datasource> {
  const made = factory<S, Datasource>("datasource", definition, (state) => ({
    prepare: state.prepare,
    execute: (context) => definition.execute({ ...context, ...state.current() }),
  }));
  return { ...made, output: definition.output, outputSpec: async () => specFromSchema(definition.output()) };
}

// --- internal ---

interface PreparedState<S extends z.ZodObject> {
  prepare(request: PrepareRequest): Promise<PrepareResult>;
  /** The prepared options, rendered with `data` where it is given. Throws if prepare did not succeed. */
  current(data?: GeneratedData): Prepared<z.output<S>>;
}

/** What `prepare` needs of a definition of any kind. */
interface Prepares<S extends z.ZodObject> extends Definition<S> {
  outputs?(check: Check<z.output<S>>): readonly BuildOutput[];
}

function factory<S extends z.ZodObject, C extends Builder | Provisioner | PostProcessor | Datasource>(
  kind: ComponentKind,
  definition: Prepares<S>,
  make: (state: PreparedState<S>) => C,
): DefinedFactory<C> {
  let schema: S | undefined;
  let spec: ConfigSpec | undefined;
  const schemaOf = (): S => (schema ??= definition.options());
  const specOf = (): ConfigSpec => (spec ??= specFromSchema(schemaOf()));
  return {
    kind,
    type: definition.type,
    description: definition.description,
    options: schemaOf,
    configSpec: async () => specOf(),
    create: async () => make(preparedState(definition, schemaOf, specOf)),
  };
}

function preparedState<S extends z.ZodObject>(definition: Prepares<S>, schemaOf: () => S, specOf: () => ConfigSpec): PreparedState<S> {
  const renderLater = definition.renderLater ?? [];
  let prepared: Prepared<z.output<S>> | undefined;
  /** What was prepared, when it holds template strings that may see values of the running build. */
  let template: PrepareRequest | undefined;
  return {
    async prepare(request) {
      prepared = undefined;
      template = hasTemplates(request.config, renderLater) ? request : undefined;
      const { config, diagnostics } = parseOptions(request, schemaOf(), specOf(), renderLater);
      if (config === undefined) return { diagnostics };
      const known: Prepared<z.output<S>> = { config, packer: request.packer, run: request.run, template: prepareContext(request) };
      const unknown = new Set((request.unknown ?? []).map(([option]) => option));
      const check: Check<z.output<S>> = { ...known, signal: request.signal, isUnknown: (option) => unknown.has(option) };
      const checked = await definition.check?.(check);
      const all = [...diagnostics, ...(checked ?? [])];
      if (!hasErrors(all)) prepared = known;
      return { diagnostics: all, outputs: definition.outputs?.(check).filter(({ option }) => !unknown.has(option)) };
    },
    current(data) {
      if (prepared === undefined) throw new InternalError(`${definition.type} was run without having been prepared`);
      if (data === undefined || template === undefined) return prepared;
      const { config, diagnostics } = parseOptions(template, schemaOf(), specOf(), renderLater, data);
      if (config !== undefined) return { ...prepared, config };
      const [problem] = diagnostics.filter((diagnostic) => diagnostic.severity === "error");
      throw new ConfigError(problem?.detail ?? `the options of ${definition.type} are not acceptable any more`, {
        code: problem?.code ?? "TPK3105",
        hint: problem?.hint,
      });
    },
  };
}
