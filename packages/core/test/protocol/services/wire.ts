// A host and a plugin in one process, connected by a real socket.
import { createBroker } from "../../../src/protocol/broker/broker.ts";
import { createRpcClient } from "../../../src/protocol/rpc/client.ts";
import { serveRpc } from "../../../src/protocol/rpc/server.ts";
import { communicatorClient } from "../../../src/protocol/services/communicator-client.ts";
import { communicatorService } from "../../../src/protocol/services/communicator-service.ts";
import type { Broker, RpcClient, RpcService } from "../../../src/protocol/transport.ts";
import type { Communicator } from "../../../src/sdk/index.ts";
import { sessionPair } from "../pair.ts";

export interface Wire {
  readonly host: Broker;
  readonly plugin: Broker;
  /** Serves at the plugin's end under a number that the host dials; returns the host's client. */
  serve(add: (services: Map<string, RpcService>) => unknown): Promise<RpcClient>;
  close(): void;
}

const open = new Set<{ close(): void }>();

/** Closes what the tests of a file have left open. */
export function closeWires(): void {
  for (const pair of open) pair.close();
  open.clear();
}

/** A connection. Close it, or all of them in the end with `closeWires`. */
export async function wire(): Promise<Wire> {
  const pair = await sessionPair();
  open.add(pair);
  const host = createBroker(pair.host);
  const plugin = createBroker(pair.plugin);
  return {
    host,
    plugin,
    async serve(add) {
      const services = new Map<string, RpcService>();
      add(services);
      const id = plugin.nextId();
      const [far, near] = await Promise.all([plugin.accept(id), host.dial(id)]);
      serveRpc(far, services);
      return createRpcClient(near);
    },
    close: () => {
      open.delete(pair);
      pair.close();
    },
  };
}

/** The communicator as a provisioner's plugin gets it from a host that has it from a builder's plugin. */
export async function relayed(owner: Communicator, [first, second]: readonly [Wire, Wire]): Promise<Communicator> {
  const never = new AbortController().signal;
  const toOwner = await first.serve((services) =>
    services.set("Communicator", communicatorService({ communicator: owner, broker: first.plugin, signal: never })),
  );
  const relay = communicatorClient(toOwner, first.host);
  const id = second.host.nextId();
  const [near, far] = await Promise.all([second.host.accept(id), second.plugin.dial(id)]);
  serveRpc(near, new Map([["Communicator", communicatorService({ communicator: relay, broker: second.host, signal: never })]]));
  return communicatorClient(createRpcClient(far), second.plugin);
}
