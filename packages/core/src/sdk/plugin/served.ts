// The components of a plugin as services of the protocol (plugin-protocol section 7).

import type { Redactor } from "../../events/redact.ts";
import { encodeDatasourceValue } from "../../protocol/cty/answer.ts";
import { builderService } from "../../protocol/services/builder.ts";
import type { ServedComponent } from "../../protocol/services/component.ts";
import { datasourceService } from "../../protocol/services/datasource.ts";
import { postProcessorService } from "../../protocol/services/post-processor.ts";
import { provisionerService } from "../../protocol/services/provisioner.ts";
import { encodeSpec, type WireForm } from "../../protocol/spec/codec.ts";
import type { Broker, RpcService } from "../../protocol/transport.ts";
import type { Component, ComponentFactory } from "../component.ts";
import type { ConfigSpec } from "../config/spec.ts";
import type { NamedComponent } from "./definition.ts";
import { guardedBuilder, guardedDatasource, guardedPostProcessor, guardedProvisioner } from "./guarded.ts";
import { requestFrom } from "./request.ts";
import type { PluginRun } from "./run-info.ts";
import { logToStderr, logUi } from "./stderr-log.ts";

export interface ServeOptions {
  readonly broker: Broker;
  readonly form: WireForm;
  readonly run: PluginRun;
  /** Takes what the component logs; standard error unless given. */
  readonly log?: PluginLogging | undefined;
  /** Hidden in what the component says; grows by what it wants hidden. */
  readonly secrets?: Redactor | undefined;
  /** The host is tspack. */
  readonly isExtended?: boolean | undefined;
}

/** Takes a line of a component's log. */
export type PluginLogging = (level: "debug" | "info" | "warn" | "error", text: string) => void;

/** A service, and the work that it has been asked for. */
export interface RunningService {
  /** `Builder`, … */
  readonly name: string;
  readonly service: RpcService;
  /** Resolves when nothing runs any more. */
  idle(): Promise<void>;
}

/** Makes the component and the service of its kind. */
export async function serviceOf(component: NamedComponent, options: ServeOptions): Promise<RunningService> {
  const { broker, form, run, secrets, isExtended = false } = options;
  const log = { log: options.log ?? logToStderr, isExtended };
  switch (component.kind) {
    case "builder": {
      const builder = guardedBuilder(await component.factory.create(), secrets);
      return running("Builder", builderService(served(component.factory, builder, options), broker, log), "Run", run);
    }
    case "provisioner": {
      const provisioner = guardedProvisioner(await component.factory.create(), secrets);
      const service = provisionerService(served(component.factory, provisioner, options), broker, log);
      return running("Provisioner", service, "Provision", run);
    }
    case "post-processor": {
      const postProcessor = guardedPostProcessor(await component.factory.create(), secrets);
      const service = postProcessorService(served(component.factory, postProcessor, options), broker, log);
      return running("PostProcessor", service, "PostProcess", run);
    }
    case "datasource": {
      const { factory } = component;
      const datasource = guardedDatasource(await factory.create(), secrets);
      const told: string[] = [];
      const output = async (): Promise<ConfigSpec> => (await factory.outputSpec?.()) ?? NO_OPTIONS;
      const service = datasourceService({
        ...served(factory, datasource, options),
        outputSpec: async () => encodeSpec(await output(), form),
        encodeAnswer: async (answer) => encodeDatasourceValue(answer, await output(), form),
        ui: { ...logUi(log.log), secret: (text) => told.push(text) },
        ...(isExtended ? { secrets: () => told } : {}),
      });
      return running("Datasource", service, "Execute", run);
    }
  }
}

// --- internal ---

const NO_OPTIONS: ConfigSpec = { options: {} };

function served<C extends Component>(
  factory: ComponentFactory<C>,
  component: C,
  { form, run, isExtended }: ServeOptions,
): ServedComponent<C> {
  return {
    component,
    isExtended,
    configSpec: async () => encodeSpec((await factory.configSpec()) ?? NO_OPTIONS, form),
    prepareRequest: (configs) => requestFrom(configs, run.info),
  };
}

/** Knows whether the method that does the work is running. Temporary files are gone before it is answered. */
function running(name: string, service: RpcService, method: string, run: PluginRun): RunningService {
  const work = new Set<Promise<unknown>>();
  const does = service[method];
  const tracked: RpcService = {
    ...service,
    [method]: async (argument, call) => {
      const result = Promise.resolve(does?.(argument, call));
      work.add(result);
      try {
        return await result;
      } finally {
        work.delete(result);
        run.removeTemporary();
      }
    },
  };
  return { name, service: tracked, idle: async () => void (await Promise.allSettled([...work])) };
}
