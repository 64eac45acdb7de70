// What a component in a plugin does whatever its kind: it is prepared, and run in a process that knows its configuration.
import { isDeepStrictEqual } from "node:util";
import { type Diagnostic, hasErrors } from "../diagnostics/diagnostic.ts";
import { ConfigError, InternalError } from "../diagnostics/error.ts";
import { typeConfig } from "../protocol/cty/typed-config.ts";
import { RemoteError } from "../protocol/rpc/remote-error.ts";
import { callBuilderPrepare } from "../protocol/services/builder.ts";
import { callDatasourceConfigure } from "../protocol/services/datasource.ts";
import { callPostProcessorConfigure } from "../protocol/services/post-processor.ts";
import { callProvisionerPrepare } from "../protocol/services/provisioner.ts";
import type { PrepareRequest, PrepareResult } from "../sdk/component.ts";
import type { ConfigSpec } from "../sdk/config/spec.ts";
import { plainConfigs, typedConfigs, withUnknown } from "./configurations.ts";
import { explainFailure } from "./failure.ts";
import type { ProcessPool } from "./pool.ts";
import { problemsIn, warningOf } from "./problems.ts";
import type { PluginProcess } from "./process.ts";

/** What a remote component needs. */
export interface RemoteSettings {
  readonly pool: ProcessPool;
  readonly style: "typed" | "plain";
  /** The specification of the options. */
  spec(signal: AbortSignal): Promise<ConfigSpec>;
  /** How long it may take to clean up after it was cancelled, before its process is killed. */
  readonly graceMs: number;
  /** What the user should know about the plugin, whatever uses it. */
  notices(): readonly Diagnostic[];
}

/** How a remote component does its work. */
export interface RemoteWork<T> {
  readonly signal: AbortSignal;
  /** For reports: `while it provisioned`. */
  readonly phase: string;
  run(used: PluginProcess): Promise<T>;
  /** True when the process is needed for as long as the result is; it is stopped at the end of the run then. */
  readonly keeps?: ((result: T) => boolean) | undefined;
}

/** A component in a plugin. */
export class RemoteComponent {
  readonly #settings: RemoteSettings;
  #prepared: readonly unknown[] | undefined;
  /**
   * The process that has the configuration, where it must not serve another use in between. With the types of a specification each
   * Prepare replaces everything of the one before; plain maps are laid over what was there.
   */
  #own: PluginProcess | undefined;
  /** What that process has answered, where every value was known. */
  #ownAnswer: PrepareResult | undefined;

  constructor(settings: RemoteSettings) {
    this.#settings = settings;
  }

  /** As the contract of `Component` says. */
  async prepare(request: PrepareRequest): Promise<PrepareResult> {
    const { pool, style, notices } = this.#settings;
    const { kind } = pool.component;
    const { config, packer, unknown = [], signal } = request;
    const plain = style === "plain" ? plainConfigs(kind, config, packer) : undefined;
    const answered = plain === undefined ? undefined : this.#answerTo(plain, unknown);
    if (answered !== undefined) return answered;
    this.#prepared = undefined;
    await this.#letGo();
    // It starts while the options are looked at.
    pool.warm();
    const spec = await this.#settings.spec(signal);
    if (plain !== undefined) return this.#check(plain, spec, request);
    const { value, diagnostics } = typeConfig(config, spec, { unknown });
    if (value === undefined) return { diagnostics: [...notices(), ...diagnostics] };
    return this.#check(typedConfigs(kind, value, packer), spec, request);
  }

  /** Does the work in a process that was prepared for it. */
  async work<T>({ signal, phase, run, keeps }: RemoteWork<T>): Promise<T> {
    const { pool, graceMs } = this.#settings;
    if (this.#prepared === undefined) throw new InternalError(`${pool.component.type} was run without having been prepared`);
    signal.throwIfAborted();
    const used = await this.#processFor(this.#prepared, signal);
    let timer: NodeJS.Timeout | undefined;
    const onAbort = (): void => {
      timer = setTimeout(() => void used.kill(), graceMs);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    // It may have been cancelled while its process was prepared.
    if (signal.aborted) onAbort();
    let isKept = false;
    try {
      const result = await run(used);
      isKept = keeps?.(result) ?? false;
      return result;
    } catch (error) {
      throw await explainFailure(error, pool.component, used, phase);
    } finally {
      signal.removeEventListener("abort", onAbort);
      clearTimeout(timer);
      // Nobody has to wait for its end but the end of the run.
      if (!isKept) void pool.discard(used);
    }
  }

  // --- internal ---

  /**
   * What our process has answered to this very configuration, in which everything was known. Components are prepared early and once more
   * right before they run: asking a process twice is not possible, and a new one takes longer than all the rest.
   */
  #answerTo(configs: readonly unknown[], unknown: PrepareRequest["unknown"] = []): PrepareResult | undefined {
    if (this.#own?.isAlive !== true || unknown.length > 0) return undefined;
    return isDeepStrictEqual(configs, this.#prepared) ? this.#ownAnswer : undefined;
  }

  async #check(configs: readonly unknown[], spec: ConfigSpec, { unknown = [], signal }: PrepareRequest): Promise<PrepareResult> {
    const { pool, style, notices } = this.#settings;
    const asked: Asked = { configs, spec, unknown };
    let found: PrepareResult;
    if (style === "typed") found = await pool.ask(signal, (used) => this.#prepareIn(used, asked, signal));
    else found = await this.#prepareOwn(asked, signal);
    // What a plugin says of a placeholder says nothing.
    const placeholders = new Set(unknown.map(([option]) => option));
    const known = found.diagnostics.filter(({ path: [option] = [] }) => option === undefined || !placeholders.has(option));
    if (!hasErrors(known)) this.#prepared = configs;
    else await this.#letGo();
    const answer = { ...found, diagnostics: [...notices(), ...known] };
    this.#ownAnswer = unknown.length === 0 ? answer : undefined;
    return answer;
  }

  async #prepareOwn(asked: Asked, signal: AbortSignal): Promise<PrepareResult> {
    const { pool } = this.#settings;
    const used = await pool.acquire(signal);
    try {
      // One that was asked about these very options last has them.
      const found = lastPrepared.get(used) === asked.configs ? { diagnostics: [] } : await this.#prepareIn(used, asked, signal);
      this.#own = used;
      return found;
    } catch (error) {
      await pool.discard(used);
      throw error;
    }
  }

  async #processFor(configs: readonly unknown[], signal: AbortSignal): Promise<PluginProcess> {
    if (this.#own?.isAlive !== true) {
      await this.#letGo();
      const { diagnostics } = await this.#prepareOwn({ configs }, signal);
      const problem = diagnostics.find(({ severity }) => severity === "error");
      if (problem !== undefined) {
        await this.#letGo();
        throw new ConfigError(problem.detail ?? problem.summary, { diagnostics });
      }
    }
    const own = this.#own;
    this.#own = undefined;
    if (own === undefined) throw new InternalError("a process was prepared and is gone");
    return own;
  }

  async #prepareIn(used: PluginProcess, { configs, spec, unknown = [] }: Asked, signal: AbortSignal): Promise<PrepareResult> {
    const { pool } = this.#settings;
    lastPrepared.delete(used);
    const sent = used.isExtended ? withUnknown(configs, unknown) : configs;
    try {
      const { error, warnings, generatedVariables, diagnostics, outputs } = await callPrepare(pool.component.kind, used, sent, signal);
      if (error === undefined && !hasErrors(diagnostics ?? [])) lastPrepared.set(used, configs);
      if (diagnostics !== undefined && error === undefined) return { diagnostics, generatedVariables, outputs };
      const problems = error === undefined ? [] : problemsIn(error, spec);
      return { diagnostics: [...warnings.map((text) => warningOf(text, spec)), ...problems], generatedVariables };
    } catch (error) {
      throw await explainFailure(error, pool.component, used, "while it checked its configuration");
    }
  }

  async #letGo(): Promise<void> {
    const own = this.#own;
    this.#own = undefined;
    if (own !== undefined) await this.#settings.pool.discard(own);
  }
}

// --- internal ---

/** What each process was prepared with last, where it had nothing against it. */
const lastPrepared = new WeakMap<PluginProcess, readonly unknown[]>();

/** What a process is asked about. */
interface Asked {
  readonly configs: readonly unknown[];
  readonly spec?: ConfigSpec | undefined;
  readonly unknown?: PrepareRequest["unknown"];
}

interface Prepared {
  readonly error: string | undefined;
  readonly warnings: readonly string[];
  readonly generatedVariables?: readonly string[] | undefined;
  readonly diagnostics?: readonly Diagnostic[] | undefined;
  readonly outputs?: PrepareResult["outputs"];
}

async function callPrepare(
  kind: ProcessPool["component"]["kind"],
  { rpc }: PluginProcess,
  configs: readonly unknown[],
  signal: AbortSignal,
): Promise<Prepared> {
  if (kind === "builder") return callBuilderPrepare(rpc, configs, signal);
  const call = { provisioner: callProvisionerPrepare, "post-processor": callPostProcessorConfigure, datasource: callDatasourceConfigure }[
    kind
  ];
  try {
    return { error: undefined, warnings: [], diagnostics: await call(rpc, configs, signal) };
  } catch (error) {
    if (error instanceof RemoteError || error instanceof ConfigError) return { error: error.message, warnings: [] };
    throw error;
  }
}
