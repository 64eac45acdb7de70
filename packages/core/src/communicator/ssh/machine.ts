// One attempt to reach the machine: directly, through a SOCKS5 proxy or through a bastion host, then the handshake.
import type { Duplex } from "node:stream";
import type { Algorithms, Client } from "ssh2";
import { CommunicatorError } from "../../diagnostics/error.ts";
import { orAborted } from "../abort.ts";
import type { ConnectRequest } from "../connect.ts";
import { addressText, dial } from "../dial.ts";
import { hasText } from "../has-text.ts";
import type { AttemptNews } from "../overlap.ts";
import { isKnownCipher, isKnownKeyExchange, preferredCiphers } from "./algorithms.ts";
import { connectBastion } from "./bastion.ts";
import type { AllCredentials } from "./credentials.ts";
import { handshake } from "./handshake.ts";
import { dialThroughProxy } from "./proxy.ts";
import type { ConnectPace } from "./settings.ts";

/** A machine we are logged in to. Whoever has it closes it. */
export interface Machine {
  readonly client: Client;
  readonly host: string;
  readonly port: number;
  /** True once the connection is gone, for whatever reason. */
  readonly isClosed: boolean;
  /** Closes the connection and that to the bastion host; resolves when the sockets are closed. */
  close(): Promise<void>;
}

/** What an attempt needs. */
export interface MachineRequest {
  readonly request: ConnectRequest;
  readonly credentials: AllCredentials;
  readonly pace: ConnectPace;
  /** After a lost connection: offers the forwarded agent's keys too (row COM-10). */
  readonly isReconnection: boolean;
  /** Told how far it has come. */
  readonly news?: AttemptNews | undefined;
  readonly signal: AbortSignal;
}

/** Connects once. Throws `CommunicatorError` (TPK5001..5003); a cancellation on abort. Then nothing is left open. */
export async function connectMachine(attempt: MachineRequest): Promise<Machine> {
  const { request, credentials, pace, signal } = attempt;
  const { config } = request;
  const { host, port } = await addressOf(request, signal);
  attempt.news?.begun();
  const algorithms = algorithmsOf(config);
  const common = { algorithms, keepAliveMs: config.ssh_keep_alive_interval, readTimeoutMs: config.ssh_read_write_timeout, signal };
  const target = { host, port, limitMs: pace.dialMs, signal };
  let bastion: Client | undefined;
  let socket: Duplex;
  if (credentials.bastion !== undefined && hasText(config.ssh_bastion_host)) {
    const bastionAddress = { host: config.ssh_bastion_host, port: config.ssh_bastion_port };
    const through = await connectBastion({
      bastion: { ...bastionAddress, credentials: credentials.bastion, fingerprints: config.ssh_bastion_host_key_fingerprints },
      target,
      pace,
      ...common,
    });
    bastion = through.client;
    socket = through.stream;
  } else if (hasText(config.ssh_proxy_host)) {
    const { ssh_proxy_username: username, ssh_proxy_password: password } = config;
    const proxy = {
      host: config.ssh_proxy_host,
      port: config.ssh_proxy_port,
      username: hasText(username) ? username : undefined,
      password,
    };
    socket = await dialThroughProxy(proxy, target);
  } else {
    socket = await dial(target);
  }
  try {
    const lastAgentSocket = attempt.isReconnection ? credentials.forwardAgent : undefined;
    const client = await handshake({
      ...common,
      socket,
      credentials: { ...credentials.machine, lastAgentSocket },
      peer: `the machine at ${addressText(host, port)}`,
      fingerprints: config.ssh_host_key_fingerprints,
      fingerprintOption: "ssh_host_key_fingerprints",
      limitMs: pace.handshakeMs,
      forwardAgent: credentials.forwardAgent,
      answered: attempt.news?.answered,
    });
    return new OpenMachine(client, bastion, host, port, socket);
  } catch (error) {
    if (bastion !== undefined) await closeClient(bastion);
    throw error;
  }
}

// --- internal ---

class OpenMachine implements Machine {
  readonly client: Client;
  readonly host: string;
  readonly port: number;
  readonly #bastion: Client | undefined;
  readonly #socket: Duplex;
  isClosed = false;
  #isBastionClosed = false;

  constructor(client: Client, bastion: Client | undefined, host: string, port: number, socket: Duplex) {
    this.client = client;
    this.host = host;
    this.port = port;
    this.#bastion = bastion;
    this.#socket = socket;
    const lost = (): void => {
      this.isClosed = true;
      // A connection half of which is gone is of no use, and its other half would keep the process alive.
      socket.destroy();
      bastion?.end();
    };
    client.once("end", lost);
    client.once("close", lost);
    bastion?.once("close", () => {
      this.#isBastionClosed = true;
    });
    this.isClosed = socket.destroyed;
  }

  async close(): Promise<void> {
    if (!this.isClosed) await closeClient(this.client);
    this.#socket.destroy();
    if (this.#bastion !== undefined && !this.#isBastionClosed) await closeClient(this.#bastion);
  }
}

/** Says good-bye and waits until the socket is closed; a peer that does not react is cut off after a second. */
async function closeClient(client: Client): Promise<void> {
  await new Promise<void>((resolve) => {
    const cutOff = setTimeout(() => {
      client.destroy();
      resolve();
    }, 1_000);
    client.once("close", () => {
      clearTimeout(cutOff);
      resolve();
    });
    client.end();
  });
}

/** Where the machine is now: asked on every attempt, since it may move while it boots (row CON-03). */
async function addressOf(request: ConnectRequest, signal: AbortSignal): Promise<{ readonly host: string; readonly port: number }> {
  const { config } = request;
  const found = request.address === undefined ? undefined : await orAborted(request.address(signal), signal);
  const host = hasText(config.ssh_host) ? config.ssh_host : found?.host;
  if (!hasText(host)) throw new CommunicatorError("the machine has no address yet", { code: "TPK5001", hint: "Give ssh_host." });
  return { host, port: found?.port ?? config.ssh_port };
}

function algorithmsOf(config: ConnectRequest["config"]): Algorithms {
  const ciphers = (config.ssh_ciphers ?? []).filter(isKnownCipher);
  const keyExchanges = (config.ssh_key_exchange_algorithms ?? []).filter(isKnownKeyExchange);
  return {
    cipher: ciphers.length > 0 ? ciphers : preferredCiphers(),
    ...(keyExchanges.length > 0 ? { kex: keyExchanges } : {}),
  };
}
