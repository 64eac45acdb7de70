// The Artifact service (plugin-protocol section 7.8).
import { BuildError } from "../../diagnostics/error.ts";
import type { Artifact } from "../../sdk/artifact.ts";
import { createRpcClient } from "../rpc/client.ts";
import type { Broker, RpcClient, RpcService } from "../transport.ts";
import { readGeneratedData, sendableData } from "./generated-data.ts";
import { type OfferedStream, offer } from "./offer.ts";
import { readBasicError, readText, readTexts } from "./wire.ts";

/**
 * The artifact behind a stream that the peer named in a reply; undefined for 0. Dials at once (Go waits 5 s) and keeps the stream
 * open for `state` and `destroy`, until the session ends.
 */
export async function dialArtifact(broker: Broker, streamId: number): Promise<Artifact | undefined> {
  if (streamId === 0) return undefined;
  return artifactClient(createRpcClient(await broker.dial(streamId)));
}

/** The artifact that is served at the other end. Its fields are read now, one after another. */
export async function artifactClient(rpc: RpcClient): Promise<Artifact> {
  const builderId = readText(await rpc.call("Artifact.BuilderId"), "the reply of Artifact.BuilderId");
  const id = readText(await rpc.call("Artifact.Id"), "the reply of Artifact.Id");
  const files = readTexts(await rpc.call("Artifact.Files"), "the reply of Artifact.Files");
  const description = readText(await rpc.call("Artifact.String"), "the reply of Artifact.String");
  return {
    builderId,
    id,
    files,
    description,
    state: async (name) => (await rpc.call("Artifact.State", name)) ?? undefined,
    async destroy() {
      // Go puts the failure into the body of a reply that looks like a success; others report it as any failure.
      const failure = readBasicError(await rpc.call("Artifact.Destroy"), "the reply of Artifact.Destroy");
      if (failure !== undefined) throw new BuildError(failure);
    },
  };
}

/** Offers an artifact under a number, for as long as the session lasts. */
export function offerArtifact(broker: Broker, artifact: Artifact, isExtended?: boolean): OfferedStream {
  return offer(broker, (services) => {
    services.set("Artifact", artifactService(artifact, isExtended));
    return undefined;
  });
}

/**
 * Serves an artifact. A failure of `destroy` is reported in the header of the reply: Go's client cannot read its own form of it
 * (plugin-protocol section 5.3).
 */
export function artifactService(artifact: Artifact, isExtended?: boolean): RpcService {
  return {
    BuilderId: () => artifact.builderId,
    Id: () => artifact.id,
    Files: () => [...artifact.files],
    String: () => artifact.description,
    State: async (argument) => {
      const name = readText(argument, "the argument of Artifact.State");
      const value = await artifact.state(name);
      return name === "generated_data" && value !== undefined ? sendableData(readGeneratedData(value), isExtended) : value;
    },
    Destroy: async () => {
      await artifact.destroy();
      return undefined;
    },
  };
}
