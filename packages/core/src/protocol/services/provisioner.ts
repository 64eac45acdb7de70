// The Provisioner service (plugin-protocol section 7.3).
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import type { ProvisionContext, Provisioner } from "../../sdk/provisioner.ts";
import { createRpcClient } from "../rpc/client.ts";
import type { Broker, RpcClient, RpcService } from "../transport.ts";
import { callUntilCancelled } from "./cancel.ts";
import { communicatorClient } from "./communicator-client.ts";
import { prepareServed, replyOf, type ServedComponent } from "./component.ts";
import { readDiagnostics } from "./diagnostics.ts";
import { readGeneratedData } from "./generated-data.ts";
import { offerStream } from "./offer.ts";
import { type UiClientOptions, uiClient } from "./ui.ts";
import { readFields, readStreamId } from "./wire.ts";

/**
 * Has the provisioner at the other end check and keep its configuration. One of ours answers diagnostics; any other rejects with a
 * RemoteError that says what is wrong.
 */
export async function callProvisionerPrepare(
  rpc: RpcClient,
  configs: readonly unknown[],
  signal: AbortSignal,
): Promise<readonly Diagnostic[] | undefined> {
  return readDiagnostics(await rpc.call("Provisioner.Prepare", { Configs: configs }, signal), "the reply of Provisioner.Prepare");
}

/** Runs the provisioner at the other end, which was prepared, with a relay to the communicator. */
export async function callProvision(
  rpc: RpcClient,
  broker: Broker,
  context: ProvisionContext & Pick<UiClientOptions, "isExtended">,
): Promise<void> {
  const { data, signal } = context;
  const served = offerStream(broker, context);
  try {
    const argument = { GeneratedData: data, StreamID: served.id };
    await callUntilCancelled({ rpc, method: "Provisioner.Provision", argument, offered: served, signal });
  } finally {
    served.release();
  }
}

/** Serves a provisioner. */
export function provisionerService(served: ServedComponent<Provisioner>, broker: Broker, options: UiClientOptions = {}): RpcService {
  const abort = new AbortController();
  return {
    ConfigSpec: async () => ({ ConfigSpec: await served.configSpec() }),
    Prepare: async (argument) => replyOf(await prepareServed(served, argument)),
    async Provision(argument) {
      const { GeneratedData, StreamID } = readFields(argument, "the argument of Provisioner.Provision");
      const rpc = createRpcClient(await broker.dial(readStreamId(StreamID, "StreamID")));
      const ui = uiClient(rpc, options);
      try {
        const communicator = communicatorClient(rpc, broker);
        await served.component.provision({ ui, communicator, data: readGeneratedData(GeneratedData), signal: abort.signal });
      } finally {
        await ui.settled();
        rpc.close();
      }
    },
    Cancel: () => abort.abort(),
  };
}
