// A component of a plugin behind the real protocol, both ends of it in this process: what a plugin's own process does, over a pair of
// streams in memory in place of a socket.
import { duplexPair } from "node:stream";
import { createBroker } from "../../protocol/broker/broker.ts";
import { createRpcClient } from "../../protocol/rpc/client.ts";
import type { WireForm } from "../../protocol/spec/codec.ts";
import type { Broker, RpcClient } from "../../protocol/transport.ts";
import { startSession } from "../../protocol/yamux/session.ts";
import type { NamedComponent } from "../plugin/definition.ts";
import { pluginRun } from "../plugin/run-info.ts";
import { serveConnection } from "../plugin/serve-plugin.ts";
import { type PluginLogging, serviceOf } from "../plugin/served.ts";

/** How the host at the other end behaves. */
export interface TestSessionOptions {
  readonly form: WireForm;
  readonly environment: { readonly [name: string]: string | undefined };
  readonly workingDirectory: string;
  /** Takes what the component logs. */
  readonly log: PluginLogging;
}

/** A component that is served, as its host has it. Whoever opened it closes it. */
export interface TestSession {
  readonly broker: Broker;
  readonly rpc: RpcClient;
  /** Goes away as a host does. Resolves when the component has cleaned up. */
  close(): Promise<void>;
}

/** Serves a fresh component, and connects to it. */
export async function openTestSession(component: NamedComponent, options: TestSessionOptions): Promise<TestSession> {
  const { form, environment, workingDirectory, log } = options;
  const run = pluginRun(environment, workingDirectory);
  const [ours, theirs] = duplexPair();
  const serving = serveConnection(theirs, (broker) => serviceOf(component, { broker, form, run, log }));
  const session = startSession(ours, { role: "client", peer: `the plugin's ${component.kind} ${component.factory.type}` });
  const close = async (): Promise<void> => {
    session.close();
    await serving.finally(() => run.removeTemporary());
  };
  // A component that cannot be made: its failure is told when the session is closed.
  serving.catch(() => session.close());
  try {
    const broker = createBroker(session);
    const rpc = createRpcClient(await broker.dial(0));
    return { broker, rpc, close };
  } catch (error) {
    await close();
    throw error;
  }
}
