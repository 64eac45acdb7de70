// Factories of components that live in plugins. The engine cannot tell them from our own.
import { PluginError } from "../diagnostics/error.ts";
import { decodeDatasourceValue } from "../protocol/cty/answer.ts";
import { callBuilderRun } from "../protocol/services/builder.ts";
import { callConfigSpec, serviceNames } from "../protocol/services/component.ts";
import { callExecute, callOutputSpec } from "../protocol/services/datasource.ts";
import { callPostProcess } from "../protocol/services/post-processor.ts";
import { callProvision } from "../protocol/services/provisioner.ts";
import type { Builder } from "../sdk/builder.ts";
import type { Component, ComponentFactory, ComponentKind } from "../sdk/component.ts";
import type { ConfigSpec } from "../sdk/config/spec.ts";
import type { Datasource } from "../sdk/datasource.ts";
import type { PostProcessor } from "../sdk/post-processor.ts";
import type { Provisioner } from "../sdk/provisioner.ts";
import { explainFailure } from "./failure.ts";
import type { KnownSpecs } from "./known-specs.ts";
import type { ProcessPool } from "./pool.ts";
import type { PluginProcess } from "./process.ts";
import { RemoteComponent, type RemoteSettings } from "./remote-component.ts";

/** What a plugin may take to clean up after it was cancelled. Removing a machine in a cloud takes its time. */
const BUILDER_GRACE_MS = 10 * 60_000;
const GRACE_MS = 30_000;
/** Nothing tells a data source in Go that it is cancelled (plugin-protocol section 7.5), and there is nothing to clean up. */
const DATASOURCE_GRACE_MS = 2_000;
/** Telling its options takes a plugin no work. */
const SPEC_TIMEOUT_MS = 60_000;

/** What a factory works with. */
export interface RemoteFactoryOptions extends Pick<RemoteSettings, "pool" | "style" | "notices"> {
  readonly specs: KnownSpecs;
  /** How long a cancelled component may clean up; a time for its kind unless given. */
  readonly graceMs?: number | undefined;
}

/** Makes components of one type, each use in processes of the pool. */
export function remoteFactory({ pool, style, notices, specs, ...options }: RemoteFactoryOptions): ComponentFactory {
  const { kind, type, title, form } = pool.component;
  const never = new AbortController().signal;
  const ask = (signal: AbortSignal, call: (used: PluginProcess, limit: AbortSignal) => Promise<Buffer>): Promise<Buffer> =>
    pool.ask(signal, async (used) => {
      const limit = AbortSignal.timeout(SPEC_TIMEOUT_MS);
      try {
        const answer = await call(used, AbortSignal.any([signal, limit]));
        const { decodeSpec } = await import("../protocol/spec/codec.ts");
        // Options that cannot be read are the plugin's failure as well.
        decodeSpec(answer, form);
        return answer;
      } catch (error) {
        const late =
          limit.aborted && !signal.aborted ? new PluginError(`no answer for ${SPEC_TIMEOUT_MS / 1000} s`, { code: "TPK4004" }) : error;
        throw await explainFailure(late, pool.component, used, "while it told its options");
      }
    });
  const specOf = (signal: AbortSignal): Promise<ConfigSpec> =>
    specs.get(pool.component, "options", () => ask(signal, ({ rpc }, limit) => callConfigSpec(rpc, serviceNames[kind], limit)));
  const graceMs = options.graceMs ?? graceOf[kind];
  const settings: RemoteSettings = { pool, style, notices, graceMs, spec: specOf };
  const factory: ComponentFactory = {
    kind,
    type,
    description: `Served by ${title}.`,
    configSpec: (signal = never) => specOf(signal),
    create: async () => makers[kind](settings, form),
  };
  if (kind !== "datasource") return factory;
  const outputSpec = (): Promise<ConfigSpec> =>
    specs.get(pool.component, "output", () => ask(never, ({ rpc }, limit) => callOutputSpec(rpc, limit)));
  return { ...factory, outputSpec };
}

// --- internal ---

const graceOf: { readonly [kind in ComponentKind]: number } = {
  builder: BUILDER_GRACE_MS,
  provisioner: GRACE_MS,
  "post-processor": GRACE_MS,
  datasource: DATASOURCE_GRACE_MS,
};

const makers: { readonly [kind in ComponentKind]: (settings: RemoteSettings, form: ProcessPool["component"]["form"]) => Component } = {
  builder: remoteBuilder,
  provisioner: remoteProvisioner,
  "post-processor": remotePostProcessor,
  datasource: remoteDatasource,
};

function remoteBuilder(settings: RemoteSettings): Builder {
  const remote = new RemoteComponent(settings);
  return {
    prepare: (request) => remote.prepare(request),
    run: (context) =>
      remote.work({
        signal: context.signal,
        phase: "while it built",
        run: ({ rpc, broker, isExtended }) => callBuilderRun(rpc, broker, { ...context, isExtended }),
        keeps: (artifact) => artifact !== undefined,
      }),
  };
}

function remoteProvisioner(settings: RemoteSettings): Provisioner {
  const remote = new RemoteComponent(settings);
  return {
    prepare: (request) => remote.prepare(request),
    provision: (context) =>
      remote.work({
        signal: context.signal,
        phase: "while it provisioned",
        run: ({ rpc, broker, isExtended }) => callProvision(rpc, broker, { ...context, isExtended }),
      }),
  };
}

function remotePostProcessor(settings: RemoteSettings): PostProcessor {
  const remote = new RemoteComponent(settings);
  return {
    prepare: (request) => remote.prepare(request),
    postProcess: (context) =>
      remote.work({
        signal: context.signal,
        phase: "while it processed the artifact",
        run: ({ rpc, broker, isExtended }) => callPostProcess(rpc, broker, { ...context, isExtended }),
        keeps: ({ artifact }) => artifact !== undefined,
      }),
  };
}

function remoteDatasource(settings: RemoteSettings, form: ProcessPool["component"]["form"]): Datasource {
  const remote = new RemoteComponent(settings);
  return {
    prepare: (request) => remote.prepare(request),
    execute: ({ ui, signal }) =>
      remote.work({
        signal,
        phase: "while it fetched its values",
        run: async ({ rpc }) => decodeDatasourceValue(await callExecute(rpc, signal, (text) => ui.secret(text)), form),
      }),
  };
}
