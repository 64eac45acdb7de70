// The Builder service (plugin-protocol section 7.2).
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { errorText } from "../../diagnostics/error.ts";
import type { Artifact } from "../../sdk/artifact.ts";
import type { Builder, BuilderContext } from "../../sdk/builder.ts";
import type { BuildOutput } from "../../sdk/component.ts";
import { createRpcClient } from "../rpc/client.ts";
import type { Broker, RpcClient, RpcService } from "../transport.ts";
import { dialArtifact, offerArtifact } from "./artifact.ts";
import { callUntilCancelled } from "./cancel.ts";
import { prepareServed, type ServedComponent } from "./component.ts";
import { readDiagnostics } from "./diagnostics.ts";
import { hookClient, hookService } from "./hook.ts";
import { offer } from "./offer.ts";
import { readOutputs } from "./outputs.ts";
import { addUiService, type UiClientOptions, uiClient } from "./ui.ts";
import { readBasicError, readFields, readStreamId, readTexts } from "./wire.ts";

/** What a builder said about its configuration. */
export interface BuilderPrepared {
  readonly generatedVariables: readonly string[];
  readonly warnings: readonly string[];
  /** Everything that is wrong, in the plugin's words. */
  readonly error: string | undefined;
  /** All of it as diagnostics, from a plugin of ours; in place of warnings and error. */
  readonly diagnostics?: readonly Diagnostic[] | undefined;
  /** What the build has to itself; told by plugins of ours. */
  readonly outputs?: readonly BuildOutput[] | undefined;
}

/** Has the builder at the other end check and keep its configuration. */
export async function callBuilderPrepare(rpc: RpcClient, configs: readonly unknown[], signal: AbortSignal): Promise<BuilderPrepared> {
  const what = "the reply of Builder.Prepare";
  const reply = readFields(await rpc.call("Builder.Prepare", { Configs: configs }, signal), what);
  const diagnostics = readDiagnostics(reply, what);
  return {
    generatedVariables: readTexts(reply.GeneratedVars, "GeneratedVars"),
    warnings: readTexts(reply.Warnings, "Warnings"),
    error: readBasicError(reply.Error, what),
    ...(diagnostics === undefined ? {} : { diagnostics, outputs: readOutputs(reply, what) }),
  };
}

/** Runs the builder at the other end, which was prepared. `isExtended`: it is one of ours. */
export async function callBuilderRun(
  rpc: RpcClient,
  broker: Broker,
  { ui, hook, signal, isExtended }: BuilderContext & Pick<UiClientOptions, "isExtended">,
): Promise<Artifact | undefined> {
  const served = offer(broker, (services) => {
    const end = addUiService(services, { ui, signal });
    services.set("Hook", hookService({ hook, broker, signal, isExtended }));
    return end;
  });
  try {
    const call = { rpc, method: "Builder.Run", argument: served.id, offered: served, signal };
    return await dialArtifact(broker, readStreamId(await callUntilCancelled(call), "the reply of Builder.Run"));
  } finally {
    served.release();
  }
}

/** Serves a builder. */
export function builderService(served: ServedComponent<Builder>, broker: Broker, options: UiClientOptions = {}): RpcService {
  // Go's builders cannot run again after they were cancelled either (plugin-protocol section 7.10).
  const abort = new AbortController();
  return {
    ConfigSpec: async () => ({ ConfigSpec: await served.configSpec() }),
    async Prepare(argument) {
      try {
        const { warnings, generatedVariables, extension } = await prepareServed(served, argument);
        return { GeneratedVars: generatedVariables, Warnings: warnings, Error: undefined, ...extension };
      } catch (error) {
        return { GeneratedVars: undefined, Warnings: undefined, Error: { Message: errorText(error) } };
      }
    },
    async Run(argument) {
      const rpc = createRpcClient(await broker.dial(readStreamId(argument, "the argument of Builder.Run")));
      const ui = uiClient(rpc, options);
      try {
        const hook = hookClient(rpc, broker, { ...options, settled: () => ui.settled() });
        const artifact = await served.component.run({ ui, hook, signal: abort.signal });
        if (artifact === undefined) return 0;
        return offerArtifact(broker, artifact, options.isExtended).id;
      } finally {
        await ui.settled();
        rpc.close();
      }
    },
    Cancel: () => abort.abort(),
  };
}
