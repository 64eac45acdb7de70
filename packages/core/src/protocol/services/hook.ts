// The Hook service (plugin-protocol section 7.6): a builder calls back into core to have its machine provisioned. It names a stream
// on which it serves its Ui and its communicator.
import type { Hook } from "../../sdk/hook.ts";
import { createRpcClient } from "../rpc/client.ts";
import type { Broker, RpcClient, RpcService } from "../transport.ts";
import { communicatorClient } from "./communicator-client.ts";
import { readGeneratedData, sendableData } from "./generated-data.ts";
import { offerStream } from "./offer.ts";
import { type UiClientOptions, uiClient } from "./ui.ts";
import { readFields, readStreamId, readText } from "./wire.ts";

/** How a hook behind the wire is used. */
export interface HookClientOptions extends Pick<UiClientOptions, "isExtended"> {
  /** Resolves when what the builder has said so far has arrived, which is to be seen before what the provisioners say. */
  readonly settled?: (() => Promise<void>) | undefined;
}

/** The hook that is served at the other end. On abort the other end is told to cancel, and its answer awaited. */
export function hookClient(rpc: RpcClient, broker: Broker, { isExtended, settled }: HookClientOptions = {}): Hook {
  return {
    async run(name, { ui, communicator, data, signal }) {
      await settled?.();
      signal.throwIfAborted();
      const served = offerStream(broker, { ui, communicator, signal, isExtended });
      const cancel = (): void => void rpc.call("Hook.Cancel").catch(() => undefined);
      signal.addEventListener("abort", cancel, { once: true });
      try {
        await rpc.call("Hook.Run", { Name: name, Data: sendableData(data, isExtended), StreamId: served.id });
      } finally {
        signal.removeEventListener("abort", cancel);
        served.release();
      }
    },
  };
}

/** What a served hook works with. */
export interface HookServiceOptions {
  readonly hook: Hook;
  readonly broker: Broker;
  readonly signal: AbortSignal;
  /** The builder is one of ours: its Ui takes what Packer's does not know. */
  readonly isExtended?: boolean | undefined;
}

/** Serves a hook. */
export function hookService({ hook, broker, signal, isExtended }: HookServiceOptions): RpcService {
  const running = new Set<AbortController>();
  return {
    async Run(argument, call) {
      const { Name, Data, StreamId } = readFields(argument, "the argument of Hook.Run");
      const id = readStreamId(StreamId, "StreamId");
      // The builder may cancel before we have reached it.
      const abort = new AbortController();
      running.add(abort);
      try {
        const either = AbortSignal.any([signal, abort.signal, call.signal]);
        const rpc = createRpcClient(await broker.dial(id, either));
        const ui = uiClient(rpc, { isExtended });
        try {
          await hook.run(readText(Name, "Name"), {
            ui,
            communicator: communicatorClient(rpc, broker),
            data: readGeneratedData(Data),
            signal: either,
          });
        } finally {
          await ui.settled();
          rpc.close();
        }
      } finally {
        running.delete(abort);
      }
    },
    Cancel: () => {
      for (const abort of running) abort.abort();
    },
  };
}
