// The test kit: components of a plugin behind the protocol that hosts speak with them, in one process.
import { ConfigError } from "../../diagnostics/error.ts";
import type { Config } from "../../program/program.ts";
import { decodeDatasourceValue } from "../../protocol/cty/answer.ts";
import { callBuilderRun } from "../../protocol/services/builder.ts";
import { callExecute } from "../../protocol/services/datasource.ts";
import { callPostProcess } from "../../protocol/services/post-processor.ts";
import { callProvision } from "../../protocol/services/provisioner.ts";
import type { WireForm } from "../../protocol/spec/codec.ts";
import { coreVersion } from "../../version.ts";
import type { Artifact } from "../artifact.ts";
import type { Communicator } from "../communicator.ts";
import type { ComponentKind, PackerVariables } from "../component.ts";
import type { ConfigSpec } from "../config/spec.ts";
import { type GeneratedData, HOOK_CLEANUP_PROVISION, HOOK_PROVISION, type HookContext } from "../hook.ts";
import type { Plugin } from "../plugin/define-plugin.ts";
import type { PostProcessResult } from "../post-processor.ts";
import { RecordingUi } from "./recording-ui.ts";
import type { TestSession } from "./test-session.ts";
import { askForSpec, failureOf, openPrepared, prepareTested, type TestedPrepare, type TestedUse } from "./tested-component.ts";

/** How a plugin is tested. All has defaults. */
export interface PluginTestOptions {
  /** `typed`: options arrive with the types of the specification, as from programs and HCL; `plain`: as they are, as from JSON templates. */
  readonly style?: "typed" | "plain" | undefined;
  /** How specifications travel: `protobuf`, as newer hosts ask for them, or `gob`. */
  readonly form?: WireForm | undefined;
  /** What the host says about the run: `packer_debug`, `packer_force`, … */
  readonly packer?: Partial<PackerVariables> | undefined;
  /** What components see as their environment, and where they run; those of this process unless given. */
  readonly environment?: { readonly [name: string]: string | undefined } | undefined;
  readonly workingDirectory?: string | undefined;
}

/** What every run may be given. */
export interface TestedRunOptions {
  /** Cancels the component when it is aborted, as a user does with Ctrl-C. */
  readonly signal?: AbortSignal | undefined;
  /** Takes what the component says; one of the run's own unless given. Give one with answers for a component that asks. */
  readonly ui?: RecordingUi | undefined;
}

/** Something that is done at a hook of a builder: a provisioner of the kit, or a function. */
export type TestedHook = TestedProvisioner | ((context: HookContext) => void | Promise<void>);

/** What a builder under test is run with. */
export interface BuilderRunOptions extends TestedRunOptions {
  /** What runs when the builder's machine is ready, one after another. */
  readonly provisioners?: readonly TestedHook[] | undefined;
  /** What runs when something failed afterwards. */
  readonly errorCleanup?: TestedHook | undefined;
}

/** What came of a builder that ran. */
export interface BuilderRun {
  /** Undefined where the builder made none. It can be asked and destroyed until the kit is closed. */
  readonly artifact: Artifact | undefined;
  /** The hooks that the builder called, in order, with the data that it announced. */
  readonly hooks: readonly { readonly name: string; readonly data: GeneratedData }[];
  readonly ui: RecordingUi;
}

/** What a provisioner under test is run with. */
export interface ProvisionerRunOptions extends TestedRunOptions {
  /** The way into the machine: `localCommunicator(folder)`, or one of your own. None unless given. */
  readonly communicator?: Communicator | undefined;
  /** What the builder announced. */
  readonly data?: GeneratedData | undefined;
}

/** What a post-processor under test is run with. */
export interface PostProcessorRunOptions extends TestedRunOptions {
  /** What the builder, or the post-processor before, made. */
  readonly artifact: Artifact;
}

/** What all four kinds can do. */
export interface TestedComponent {
  /** The options, as the component tells them to its host. */
  spec(): Promise<ConfigSpec>;
  /** Has the options checked. Those named in `unknown` are not known yet, as values of a build are while a template is read. */
  prepare(options?: { readonly unknown?: readonly string[] }): Promise<TestedPrepare>;
}

/**
 * `run` prepares the component and runs it to its end. It rejects with a ConfigError that has the diagnostics when the options are
 * refused, with a BuildError in the component's words when it fails, and with a cancellation when `signal` was aborted.
 */
export interface TestedBuilder extends TestedComponent {
  run(options?: BuilderRunOptions): Promise<BuilderRun>;
}

/** See `TestedBuilder`. */
export interface TestedProvisioner extends TestedComponent {
  run(options?: ProvisionerRunOptions): Promise<{ readonly ui: RecordingUi }>;
}

/** See `TestedBuilder`. The artifact can be used until the kit is closed. */
export interface TestedPostProcessor extends TestedComponent {
  run(options: PostProcessorRunOptions): Promise<PostProcessResult & { readonly ui: RecordingUi }>;
}

/** See `TestedBuilder`. What a data source says goes to the log: the protocol has no more for it. */
export interface TestedDatasource extends TestedComponent {
  run(options?: TestedRunOptions): Promise<{ readonly value: { readonly [name: string]: unknown }; readonly ui: RecordingUi }>;
}

/** The components of a plugin, by the names that users give them. Each call is a use of its own, with these options. */
export interface PluginTest {
  builder(type: string, config: Config): TestedBuilder;
  provisioner(type: string, config: Config): TestedProvisioner;
  postProcessor(type: string, config: Config): TestedPostProcessor;
  datasource(type: string, config: Config): TestedDatasource;
  /** Ends all that is still there. Artifacts cannot be asked any more. Call it at the end of the test, in `finally`. */
  close(): Promise<void>;
}

/**
 * Tests a plugin as tspack and Packer use it: every call goes through their protocol, with both ends in this process, so what cannot
 * be sent fails here too. Nothing is started before a component is used.
 *
 * @example
 * const kit = testPlugin(plugin);
 * try {
 *   const { artifact, ui } = await kit.builder("hello", { target: "note.txt" }).run();
 *   console.log(artifact?.files, ui.said);
 * } finally {
 *   await kit.close();
 * }
 */
export function testPlugin(plugin: Plugin, options: PluginTestOptions = {}): PluginTest {
  const open = new Set<TestSession>();
  const use = (kind: ComponentKind, type: string, config: Config): TestedUse => {
    const ofKind = plugin.components.filter((component) => component.kind === kind);
    const component = ofKind.find(({ factory }) => factory.type === type);
    if (component === undefined) {
      const known = ofKind.map(({ factory }) => JSON.stringify(factory.type)).join(", ") || "none";
      throw new ConfigError(`the plugin ${plugin.name} has no ${kind} called ${JSON.stringify(type)}; it has ${known}`, {
        code: "TPK3101",
      });
    }
    const builderType = kind === "builder" ? type : "null";
    return {
      component,
      config,
      packer: { ...packerVariables(builderType), ...options.packer },
      style: options.style ?? "typed",
      form: options.form ?? "protobuf",
      environment: options.environment ?? process.env,
      workingDirectory: options.workingDirectory ?? process.cwd(),
      opened: (session) => open.add(session),
    };
  };
  const about = (one: TestedUse): TestedComponent => ({
    spec: () => askForSpec(one),
    prepare: ({ unknown = [] } = {}) => prepareTested(one, unknown),
  });
  return {
    builder(type, config) {
      const one = use("builder", type, config);
      return { ...about(one), run: (run = {}) => runBuilder(one, run) };
    },
    provisioner(type, config) {
      const one = use("provisioner", type, config);
      return {
        ...about(one),
        run: ({ communicator, data = {}, ...run } = {}) =>
          working(one, run, async ({ rpc, broker }, context) => {
            await callProvision(rpc, broker, { ...context, communicator, data });
            return {};
          }),
      };
    },
    postProcessor(type, config) {
      const one = use("post-processor", type, config);
      return {
        ...about(one),
        run: ({ artifact, ...run }) =>
          working(one, run, ({ rpc, broker }, context) => callPostProcess(rpc, broker, { ...context, artifact }), keepsPostProcessor),
      };
    },
    datasource(type, config) {
      const one = use("datasource", type, config);
      return {
        ...about(one),
        run: (run = {}) =>
          working(one, run, async ({ rpc }, { signal }) => ({ value: decodeDatasourceValue(await callExecute(rpc, signal), one.form) })),
      };
    },
    async close() {
      await Promise.all([...open].map((session) => session.close()));
      open.clear();
    },
  };
}

// --- internal ---

function packerVariables(builderType: string): PackerVariables {
  return {
    packer_build_name: "test",
    packer_builder_type: builderType,
    packer_core_version: coreVersion,
    packer_debug: false,
    packer_force: false,
    packer_on_error: "cleanup",
  };
}

async function runBuilder(one: TestedUse, options: BuilderRunOptions): Promise<BuilderRun> {
  const { provisioners = [], errorCleanup, ...run } = options;
  const hooks: { readonly name: string; readonly data: GeneratedData }[] = [];
  const attached = (name: string): readonly TestedHook[] => {
    if (name === HOOK_PROVISION) return provisioners;
    return name === HOOK_CLEANUP_PROVISION && errorCleanup !== undefined ? [errorCleanup] : [];
  };
  const hook = {
    async run(name: string, context: HookContext): Promise<void> {
      hooks.push({ name, data: context.data });
      for (const one of attached(name)) await (typeof one === "function" ? one(context) : provisionWith(one, context));
    },
  };
  const made = await working(
    one,
    run,
    async ({ rpc, broker }, context) => ({ artifact: await callBuilderRun(rpc, broker, { ...context, hook }) }),
    ({ artifact }) => artifact !== undefined,
  );
  return { ...made, hooks };
}

/** A provisioner of the kit inside of a build: what it says is said by the builder. */
async function provisionWith(provisioner: TestedProvisioner, { ui, communicator, data, signal }: HookContext): Promise<void> {
  await provisioner.run({ communicator, data, signal, ui: new RelayingUi(ui) });
}

/** Records, and passes on to the Ui of the build. */
class RelayingUi extends RecordingUi {
  readonly #ui: HookContext["ui"];

  constructor(ui: HookContext["ui"]) {
    super();
    this.#ui = ui;
  }
  override say(text: string): void {
    this.#ui.say(text);
  }
  override error(text: string): void {
    this.#ui.error(text);
  }
  override output(stream: "stdout" | "stderr", text: string): void {
    this.#ui.output(stream, text);
  }
  override machine(type: string, ...data: readonly string[]): void {
    this.#ui.machine(type, ...data);
  }
  override ask(question: string): Promise<string> {
    return this.#ui.ask(question, { signal: new AbortController().signal });
  }
  override progress(label: string, totalBytes?: number): ReturnType<RecordingUi["progress"]> {
    return this.#ui.progress(label, totalBytes);
  }
}

type Work<T> = (session: TestSession, context: { readonly ui: RecordingUi; readonly signal: AbortSignal }) => Promise<T>;

/** Prepares the component in a session of its own and has it work. The session stays open where the result needs it. */
async function working<T extends object>(
  one: TestedUse,
  { ui = new RecordingUi(), signal = new AbortController().signal }: TestedRunOptions,
  work: Work<T>,
  keeps: (result: T) => boolean = () => false,
): Promise<T & { readonly ui: RecordingUi }> {
  const session = await openPrepared(one, ui);
  let isKept = false;
  try {
    const result = await work(session, { ui, signal });
    isKept = keeps(result);
    return { ...result, ui };
  } catch (error) {
    throw failureOf(error, one.component.kind);
  } finally {
    if (!isKept) await session.close();
  }
}

function keepsPostProcessor({ artifact }: PostProcessResult): boolean {
  return artifact !== undefined;
}
