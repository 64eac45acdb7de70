// The least that is a builder plugin for Packer 1.6: transport alone, no services of ours. Run by packer-host.test.ts.
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createBroker } from "../../src/protocol/broker/broker.ts";
import { createRpcClient } from "../../src/protocol/rpc/client.ts";
import { serveRpc } from "../../src/protocol/rpc/server.ts";
import type { Broker, RpcCall, RpcService } from "../../src/protocol/transport.ts";
import { startSession } from "../../src/protocol/yamux/session.ts";

/** A builder that says what it was given, runs the provisioners, and asks the machine side nothing. */
function builder(broker: Broker): RpcService {
  let configs: unknown;
  return {
    Prepare: (argument) => {
      configs = (argument as { Configs: unknown }).Configs;
      return { GeneratedVars: ["Probe"], Warnings: ["this is a probe"], Error: null };
    },
    Run: async (id) => {
      const core = createRpcClient(await broker.dial(Number(id)));
      await core.call("Ui.Say", `configured: ${JSON.stringify((configs as unknown[])[0])}`);
      await core.call("Ui.Message", "é".repeat(200_000));
      // What provisioners say comes here first.
      const pass = (argument: unknown, { method }: RpcCall): Promise<unknown> => core.call(method, argument);
      const relay = { Say: pass, Message: pass, Error: pass, Machine: pass };
      const communicator = broker.nextId();
      const serving = broker.accept(communicator).then((stream) => serveRpc(stream, new Map([["Ui", relay]])).closed);
      await core.call("Hook.Run", { Name: "packer_provision", Data: { Probe: 1 }, StreamId: communicator });
      core.close();
      await serving;
      const artifactId = broker.nextId();
      void broker.accept(artifactId).then((stream) => serveRpc(stream, new Map([["Artifact", artifact]])));
      return artifactId;
    },
    Cancel: () => null,
  };
}

const artifact: RpcService = {
  BuilderId: () => "probe.id",
  Id: () => "the-id",
  Files: () => ["one", "two"],
  State: () => null,
  String: () => "an artifact of the probe",
  Destroy: () => null,
};

const path = join(tmpdir(), `packer-plugin-probe${process.pid}`);
const server = createServer(async (socket) => {
  server.close();
  const session = startSession(socket, { role: "server", peer: "packer" });
  const broker = createBroker(session);
  await serveRpc(await broker.accept(0), new Map([["Builder", builder(broker)]])).closed;
  session.close();
});
server.listen(path, () => console.log(`5|unix|${path}`));
process.on("SIGINT", () => undefined);
