// One component of a plugin, served to a host until the host goes away (plugin-protocol sections 2 and 12).
import type { Duplex } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { errorText } from "../../diagnostics/error.ts";
import { Redactor } from "../../events/redact.ts";
import { EXTENDED, HOST_VARIABLE } from "../../plugins/handshake.ts";
import { createBroker } from "../../protocol/broker/broker.ts";
import { type RpcServerOptions, serveRpc } from "../../protocol/rpc/server.ts";
import type { WireForm } from "../../protocol/spec/codec.ts";
import type { Broker } from "../../protocol/transport.ts";
import { startSession } from "../../protocol/yamux/session.ts";
import type { NamedComponent } from "./definition.ts";
import { listen } from "./listen.ts";
import { pluginRun } from "./run-info.ts";
import { type RunningService, serviceOf } from "./served.ts";
import { leaveOutputToLog, logToStderr } from "./stderr-log.ts";

export interface ServePluginOptions {
  readonly form: WireForm;
  /** The handshake of Packer 1.6, which has no minor version. */
  readonly isLegacy: boolean;
}

/** How long a component may clean up after its host is gone. */
const ORPHAN_MS = 60_000;

/** Serves a component in this process, and ends the process afterwards. */
export async function servePlugin(component: NamedComponent, { form, isLegacy }: ServePluginOptions): Promise<void> {
  keepDebugger();
  const run = pluginRun(process.env);
  try {
    const { network, address, connection } = await listen(process.env);
    const isExtended = process.env[HOST_VARIABLE] === String(process.ppid);
    const fields = [...(isLegacy && !isExtended ? [] : ["0"]), network, address, ...(isExtended ? [EXTENDED] : [])];
    process.stdout.write(`${["5", ...fields].join("|")}\n`);
    const secrets = new Redactor();
    leaveOutputToLog(secrets);
    const socket = await connection;
    // A key pressed in the terminal reaches us too; cancellation comes by a call.
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => undefined);
    await serveConnection(socket, (broker) => serviceOf(component, { broker, form, run, secrets, isExtended }), { isExtended });
    run.removeTemporary();
    process.exit(0);
  } catch (error) {
    logToStderr("error", errorText(error));
    run.removeTemporary();
    process.exit(1);
  }
}

/** A debugger that was asked for by the environment is for this process, not for those that it starts: they would want the same port. */
function keepDebugger(): void {
  const { NODE_OPTIONS: options } = process.env;
  if (options !== undefined) process.env.NODE_OPTIONS = options.replaceAll(/(^| )--inspect(-brk|-wait)?=\S+/g, "").trim();
}

/** Serves a connection until the host closes the main stream or goes away. What runs then is cancelled, and may clean up. */
export async function serveConnection(
  connection: Duplex,
  make: (broker: Broker) => Promise<RunningService>,
  options: RpcServerOptions = {},
): Promise<void> {
  const session = startSession(connection, { role: "server", peer: "the host" });
  const broker = createBroker(session);
  const [{ name, service, idle }, main] = await Promise.all([make(broker), broker.accept(0)]);
  const server = serveRpc(main, new Map([[name, service]]), options);
  await Promise.race([server.closed, session.closed]);
  service.Cancel?.(undefined, { method: `${name}.Cancel`, signal: new AbortController().signal });
  const limit = new AbortController();
  await Promise.race([idle(), wait(ORPHAN_MS, undefined, { signal: limit.signal }).catch(() => undefined)]);
  limit.abort();
  session.close();
}
