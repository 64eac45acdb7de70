// A running plugin: a child process that serves one component (plugin-protocol sections 2 and 12).
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { basename } from "node:path";
import { setImmediate as turn, setTimeout as wait } from "node:timers/promises";
import { CancelledError, errorText, PluginError } from "../diagnostics/error.ts";
import { withTail } from "../diagnostics/log-tail.ts";
import { createBroker } from "../protocol/broker/broker.ts";
import { createRpcClient } from "../protocol/rpc/client.ts";
import type { Broker, RpcClient, Session } from "../protocol/transport.ts";
import { startSession } from "../protocol/yamux/session.ts";
import { type ProcessGroup, startProcessGroup } from "../sdk/process-group.ts";
import { type Debugging, debuggingOf } from "./debugging.ts";
import { guardGroup } from "./guard.ts";
import { HOST_VARIABLE, MAGIC_COOKIE, type PluginAddress, parseHandshake } from "./handshake.ts";
import { PluginLog, type PluginLogger } from "./plugin-log.ts";

/** How a plugin is started. */
export interface PluginStart {
  /** For messages: `the plugin packer-plugin-amazon`. */
  readonly title: string;
  readonly argv: readonly [string, ...string[]];
  /** The plugin's own file, which names it in the log, where something else runs it. */
  readonly file?: string | undefined;
  readonly environment: { readonly [name: string]: string | undefined };
  readonly workingDirectory: string;
  readonly log: PluginLogger;
  readonly signal: AbortSignal;
  /** How long the plugin may take to say where it listens; 60 s unless given. */
  readonly handshakeTimeoutMs?: number | undefined;
  /** The component that is started, as users name it: it may be one that is debugged. */
  readonly type?: string | undefined;
}

const HANDSHAKE_TIMEOUT_MS = 60_000;
const LONGEST_HANDSHAKE = 4096;
/** 24 days: longer ones Node does not have. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** A plugin whose connection was closed ends by itself; after this it is killed. */
const GRACE_MS = 5_000;
/** How long one whose connection is lost has to end by itself, before its failure is told. */
const LOST_MS = 10_000;
/** How long its last words may take. What it has started may hold its log open. */
const SETTLED_MS = 500;
/** Ports that a plugin may choose from where it cannot use a socket file. */
const PORTS = { PACKER_PLUGIN_MIN_PORT: "10000", PACKER_PLUGIN_MAX_PORT: "25000" };

/**
 * A started plugin, connected. It ends when it is stopped, when we exit, and when we die, since its connection is closed then. Whoever
 * starts one stops it.
 */
export class PluginProcess {
  readonly title: string;
  /** It is one of ours: it may be sent, and sends, what Packer's protocol cannot express. */
  readonly isExtended: boolean;
  readonly broker: Broker;
  /** Calls on the main stream, where the component is served. */
  readonly rpc: RpcClient;
  /** Through what it is connected. */
  readonly network: PluginAddress["network"];
  readonly #group: ProcessGroup;
  readonly #session: Session;
  readonly #log: PluginLog;
  #stopping: Promise<void> | undefined;

  private constructor(
    title: string,
    group: ProcessGroup,
    log: PluginLog,
    connection: { session: Session; broker: Broker; rpc: RpcClient; address: PluginAddress },
  ) {
    this.title = title;
    this.isExtended = connection.address.isExtended === true;
    this.#group = group;
    this.#log = log;
    this.#session = connection.session;
    this.broker = connection.broker;
    this.rpc = connection.rpc;
    this.network = connection.address.network;
  }

  /** Starts a plugin. Throws a PluginError (TPK4001) with the end of its log when it does not come up. */
  static async start(options: PluginStart): Promise<PluginProcess> {
    const { title, argv, file = argv[0], environment, workingDirectory, signal } = options;
    signal.throwIfAborted();
    const debugging = options.type === undefined ? undefined : debuggingOf(options.type, environment);
    const env = {
      ...PORTS,
      ...environment,
      ...debugging?.environment,
      [MAGIC_COOKIE.name]: MAGIC_COOKIE.value,
      [HOST_VARIABLE]: String(process.pid),
    };
    const group = startProcessGroup(argv, { env, cwd: workingDirectory, graceMs: 0 });
    group.child.once("close", guardGroup(group.child.pid));
    const log = new PluginLog(`${basename(file)} plugin`, options.log);
    group.child.stderr?.pipe(log);
    group.child.stderr?.once("end", () => log.flush());
    group.child.once("close", () => debugging?.release());
    if (debugging !== undefined) options.log("warn", "core", `${title} waits for a debugger at 127.0.0.1:${debugging.port}`);
    let session: Session | undefined;
    try {
      const address = await addressOf(group.child, { signal, timeoutMs: handshakeLimit(options, debugging) });
      // One that stands still at a breakpoint answers nothing.
      const pingIntervalMs = debugging === undefined ? undefined : LONGEST_TIMER_MS;
      session = startSession(await connectTo(address, signal), { role: "client", peer: title, pingIntervalMs });
      const broker = createBroker(session);
      // Go waits 5 s for its main stream.
      const rpc = createRpcClient(await broker.dial(0, signal));
      return new PluginProcess(title, group, log, { session, broker, rpc, address });
    } catch (cause) {
      session?.close();
      await group.stop();
      log.flush();
      debugging?.release();
      if (signal.aborted) throw signal.reason instanceof Error ? signal.reason : new CancelledError();
      throw new PluginError(withTail(`${title} could not be started: ${errorText(cause)}`, log.tail), { code: "TPK4001", cause });
    }
  }

  /** The last lines of its log. */
  get tail(): readonly string[] {
    return this.#log.tail;
  }

  /** True while calls can be answered. */
  get isAlive(): boolean {
    return !this.#session.isClosed && this.#stopping === undefined && this.exit === undefined;
  }

  /** How the process ended, in words; undefined while it runs. */
  get exit(): string | undefined {
    const { exitCode, signalCode } = this.#group.child;
    if (signalCode !== null) return `it was ended by ${signalCode}`;
    return exitCode === null ? undefined : `it ended with exit code ${exitCode}`;
  }

  /** Waits a moment for the end of a process that is lost, so that its last words are in the log. */
  async settle(): Promise<void> {
    if (this.exit !== undefined && this.#group.child.stderr?.readableEnded === true) return;
    const { child } = this.#group;
    // Whose connection is gone ends: a busy machine takes a while to say so. Any other may well go on.
    if (this.#session.isClosed && this.exit === undefined) await happens(child, "exit", LOST_MS);
    await happens(child, "close", SETTLED_MS);
    this.#log.flush();
  }

  /** Closes the connection, upon which a plugin ends; kills what is left of it after a moment. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop(GRACE_MS);
    return this.#stopping;
  }

  /** Ends it at once, with all that it started. Calls that wait fail. */
  kill(): Promise<void> {
    this.#stopping ??= this.#stop(0);
    return this.#stopping;
  }

  async #stop(graceMs: number): Promise<void> {
    this.rpc.close();
    this.#session.close();
    const { child } = this.#group;
    if (graceMs > 0 && this.exit === undefined) await happens(child, "exit", graceMs);
    await this.#group.stop();
  }
}

// --- internal ---

/** Waits for an event of a process, but no longer than a time. */
async function happens(child: ChildProcess, event: "exit" | "close", limitMs: number): Promise<void> {
  const limit = new AbortController();
  await Promise.race([once(child, event), wait(limitMs, undefined, { signal: limit.signal })]).catch(() => undefined);
  limit.abort();
  // When we ourselves stood still, the time is over before that is read which has come meanwhile.
  await turn();
}

/** Whoever debugs takes their time. */
function handshakeLimit({ handshakeTimeoutMs = HANDSHAKE_TIMEOUT_MS }: PluginStart, debugging: Debugging | undefined): number {
  return debugging === undefined ? handshakeTimeoutMs : LONGEST_TIMER_MS;
}

/** Reads the handshake from standard output, and drops what follows: a plugin that is not read would stand still. */
async function addressOf(
  child: ChildProcess,
  limits: { readonly signal: AbortSignal; readonly timeoutMs: number },
): Promise<PluginAddress> {
  const { stdout } = child;
  if (stdout === null) throw new PluginError("its output cannot be read", { code: "TPK4001" });
  return new Promise<PluginAddress>((resolve, reject) => {
    let text = "";
    const timer = setTimeout(() => fail(`it did not say where it listens within ${limits.timeoutMs / 1000} s`), limits.timeoutMs);
    const settle = (): void => {
      clearTimeout(timer);
      limits.signal.removeEventListener("abort", onAbort);
      child.off("error", onError);
      stdout.off("data", onData);
      stdout.off("end", onEnd);
      stdout.resume();
    };
    const fail = (why: string, cause?: unknown): void => {
      settle();
      reject(new PluginError(why, { code: "TPK4001", cause }));
    };
    const onAbort = (): void => fail("cancelled");
    const onError = (error: Error): void => fail(`it cannot be run: ${error.message}`, error);
    // "close" of the process comes after the end of its output and says how it ended.
    const onEnd = (): void => {
      const ended = (): void => {
        const { exitCode, signalCode } = child;
        fail(
          `it ended${exitCode === null ? (signalCode === null ? "" : ` by ${signalCode}`) : ` with exit code ${exitCode}`} before it said where it listens`,
        );
      };
      if (child.exitCode === null && child.signalCode === null) child.once("exit", ended);
      else ended();
    };
    const onData = (chunk: Buffer): void => {
      text += chunk.toString("latin1");
      const end = text.indexOf("\n");
      if (end === -1) {
        if (text.length > LONGEST_HANDSHAKE) fail("what it prints is no address");
        return;
      }
      settle();
      try {
        resolve(parseHandshake(text.slice(0, end)));
      } catch (error) {
        reject(error instanceof Error ? error : new PluginError(String(error)));
      }
    };
    child.once("error", onError);
    limits.signal.addEventListener("abort", onAbort, { once: true });
    stdout.on("data", onData);
    stdout.once("end", onEnd);
  });
}

async function connectTo(address: PluginAddress, signal: AbortSignal): Promise<Socket> {
  const socket =
    address.network === "unix"
      ? connect({ path: address.path })
      : connect({ host: address.host, port: address.port, keepAlive: true, noDelay: true });
  try {
    await once(socket, "connect", { signal });
    return socket;
  } catch (cause) {
    socket.destroy();
    throw new PluginError("its socket cannot be connected to", { code: "TPK4001", cause });
  }
}
