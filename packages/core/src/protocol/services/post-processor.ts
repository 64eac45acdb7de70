// The PostProcessor service (plugin-protocol section 7.4).
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { BuildError } from "../../diagnostics/error.ts";
import type { PostProcessContext, PostProcessor, PostProcessResult } from "../../sdk/post-processor.ts";
import { createRpcClient } from "../rpc/client.ts";
import { failureText, readFailure, sentFailure } from "../rpc/failure.ts";
import type { Broker, RpcClient, RpcService } from "../transport.ts";
import { artifactClient, artifactService, dialArtifact, offerArtifact } from "./artifact.ts";
import { callUntilCancelled, cancellation } from "./cancel.ts";
import { prepareServed, replyOf, type ServedComponent } from "./component.ts";
import { readDiagnostics } from "./diagnostics.ts";
import { readGeneratedData } from "./generated-data.ts";
import { offer } from "./offer.ts";
import { addUiService, type UiClientOptions, uiClient } from "./ui.ts";
import { readBasicError, readBoolean, readFields, readStreamId } from "./wire.ts";

/**
 * Has the post-processor at the other end check and keep its configuration. One of ours answers diagnostics; any other rejects with a
 * RemoteError that says what is wrong.
 */
export async function callPostProcessorConfigure(
  rpc: RpcClient,
  configs: readonly unknown[],
  signal: AbortSignal,
): Promise<readonly Diagnostic[] | undefined> {
  const what = "the reply of PostProcessor.Configure";
  return readDiagnostics(await rpc.call("PostProcessor.Configure", { Configs: configs }, signal), what);
}

/**
 * Runs the post-processor at the other end. The input artifact is served until the session ends: one that hands its input on calls
 * it through for as long as the result is used (plugin-protocol section 6).
 */
export async function callPostProcess(
  rpc: RpcClient,
  broker: Broker,
  { ui, artifact, signal, isExtended }: Omit<PostProcessContext, "data"> & Pick<UiClientOptions, "isExtended">,
): Promise<PostProcessResult> {
  const offered = offer(broker, (services) => {
    const end = addUiService(services, { ui, signal });
    services.set("Artifact", artifactService(artifact, isExtended));
    return end;
  });
  const call = { rpc, method: "PostProcessor.PostProcess", argument: offered.id, offered, signal };
  const what = "the reply of PostProcessor.PostProcess";
  const reply = readFields(await callUntilCancelled(call), what);
  const { Err, Keep, ForceOverride, StreamId } = reply;
  const result = await dialArtifact(broker, readStreamId(StreamId, "StreamId"));
  const failure = readBasicError(Err, what);
  if (failure !== undefined) {
    const { code = "TPK6003", option } = readFailure(reply);
    const error = new BuildError(failure, { code, option });
    throw signal.aborted ? cancellation(signal, error) : error;
  }
  // Without a result Go drops what was said about keeping the input.
  if (result === undefined) return { artifact: undefined, keep: false, forceKeep: false };
  return { artifact: result, keep: readBoolean(Keep, "Keep"), forceKeep: readBoolean(ForceOverride, "ForceOverride") };
}

/** Serves a post-processor. */
export function postProcessorService(served: ServedComponent<PostProcessor>, broker: Broker, options: UiClientOptions = {}): RpcService {
  const abort = new AbortController();
  return {
    ConfigSpec: async () => ({ ConfigSpec: await served.configSpec() }),
    Configure: async (argument) => replyOf(await prepareServed(served, argument)),
    async PostProcess(argument) {
      const rpc = createRpcClient(await broker.dial(readStreamId(argument, "the argument of PostProcessor.PostProcess")));
      const ui = uiClient(rpc, options);
      try {
        const input = await artifactClient(rpc);
        const data = readGeneratedData(await input.state("generated_data"));
        const { artifact, keep, forceKeep } = await served.component.postProcess({ ui, artifact: input, data, signal: abort.signal });
        await ui.settled();
        const StreamId = artifact === undefined ? 0 : offerArtifact(broker, artifact, options.isExtended).id;
        // An input that is handed on is reached through this stream.
        if (artifact !== input) rpc.close();
        return { Err: undefined, Keep: keep, ForceOverride: forceKeep, StreamId };
      } catch (error) {
        await ui.settled();
        rpc.close();
        return {
          Err: { Message: abort.signal.aborted ? "context canceled" : failureText(error) },
          Keep: false,
          ForceOverride: false,
          StreamId: 0,
          ...(options.isExtended === true ? sentFailure(error) : {}),
        };
      }
    },
    Cancel: () => abort.abort(),
  };
}
