// Connecting by WinRM (rows CON-11, WIN-01..09, COM-02).
import { CommunicatorError, TspackError } from "../../diagnostics/error.ts";
import { formatDuration } from "../../sdk/config/duration.ts";
import { orAborted, pause } from "../abort.ts";
import type { Connection, ConnectRequest } from "../connect.ts";
import { addressText, NobodyThere } from "../dial.ts";
import { hasText } from "../has-text.ts";
import { isRefusal, keepTrying } from "../keep-trying.ts";
import { type AttemptNews, overlap, silenceSince } from "../overlap.ts";
import { WinrmClient } from "./client.ts";
import { winrmCommunicator } from "./communicator.ts";
import type { Endpoint } from "./endpoint.ts";
import { ConnectionLost } from "./fault.ts";
import { winrmPort } from "./port.ts";
import { RemoteShells } from "./shells.ts";

/** Times that have no option. Tests pass shorter ones. */
export interface WinrmPace {
  /** For one TCP connection, and for TLS over it. */
  readonly dialMs: number;
  /** How long the machine waits for output of a command before it says that there is none. */
  readonly receiveMs: number;
  /** How long it may take for anything else, such as the profile of a user who logs in for the first time. */
  readonly operationMs: number;
  /** How much longer an answer may take before the connection counts as lost: machines that start up are slow. */
  readonly slackMs: number;
  /** Pause after an attempt that reached nobody; Packer waits 5 s. */
  readonly unreachableMs: number;
  /** Pause after refused credentials, as Packer's: Windows locks an account that is tried too often. */
  readonly refusedMs: number;
  /** How long it is no news that nobody answers where the builder says that its machine is, which boots. */
  readonly quietMs: number;
  /** How long a connection may stand without a word before another one is opened beside it, at least. */
  readonly silentMs: number;
}

const defaultPace: WinrmPace = {
  dialMs: 15_000,
  receiveMs: 20_000,
  operationMs: 120_000,
  slackMs: 40_000,
  unreachableMs: 1_000,
  refusedMs: 5_000,
  quietMs: 60_000,
  silentMs: 1_000,
};

/**
 * Connects to a Windows machine, trying again until it runs a command or `winrm_timeout` is over. Throws `CommunicatorError`: TPK5001 when
 * it could not be reached in time, TPK5002 when it let nobody in until then, TPK5003 at once for a certificate that is not trusted; a
 * cancellation on abort. Nothing is left open then.
 */
export async function connectWinrm(request: ConnectRequest, pace: Partial<WinrmPace> = {}): Promise<Connection> {
  const { config, ui } = request;
  const times = { ...defaultPace, ...pace };
  let machine = await untilConnected(request, times);
  const pauseMs = config.pause_before_connecting;
  if (pauseMs > 0) {
    await machine.close();
    ui.say(`Connected by WinRM; pausing ${formatDuration(pauseMs)} before connecting for good`);
    await pause(pauseMs, request.signal);
    machine = await untilConnected(request, times);
  }
  const { host, port, shells } = machine;
  ui.say(`Connected by WinRM to ${addressText(host, port)}`);
  const password = config.winrm_password ?? "";
  return {
    communicator: winrmCommunicator(shells, request.run),
    data: {
      Host: host,
      Port: port,
      User: config.winrm_username ?? "",
      Password: password,
      ConnType: "winrm",
      SSHPublicKey: "",
      SSHPrivateKey: "",
      SSHPrivateKeyFile: "",
      SSHAgentAuth: false,
      WinRMPassword: password,
    },
    close: () => machine.close(),
  };
}

// --- internal ---

interface Machine {
  readonly host: string;
  readonly port: number;
  readonly shells: RemoteShells;
  close(): Promise<void>;
}

function untilConnected(request: ConnectRequest, pace: WinrmPace): Promise<Machine> {
  const { config, ui, signal } = request;
  const timeoutMs = config.winrm_timeout || DEFAULT_TIMEOUT_MS;
  const since = performance.now();
  return keepTrying({
    protocol: "WinRM",
    where: whereText(request),
    timeoutMs,
    ui,
    signal,
    attempt: (trySignal) =>
      overlap({
        attempt: (attemptSignal, news) => attempt(request, pace, { signal: attemptSignal, news }),
        againMs: silenceSince(since, pace.silentMs),
        discard: (machine) => machine.close(),
        signal: trySignal,
      }),
    isExpected: (error) => request.address !== undefined && (error instanceof NobodyThere || hasHungUp(error)),
    quietMs: pace.quietMs,
    afterFailure(error) {
      // A certificate that is not trusted does not get better by trying again.
      if (TspackError.is(error) && error.code === "TPK5003") return undefined;
      const prospect = `trying again for up to ${formatDuration(timeoutMs)}`;
      // Windows lets nobody in until it has been set up, so this goes on. Whoever watches need not wait until the end to hear what may be wrong.
      return isRefusal(error) ? { pauseMs: pace.refusedMs, prospect, advice: error.hint } : { pauseMs: pace.unreachableMs, prospect };
    },
    hint: (lastReason) =>
      (TspackError.is(lastReason) ? lastReason.hint : undefined) ??
      portHint(config, lastReason) ??
      "Is the machine up, does WinRM listen there (winrm quickconfig), and does no firewall stand between? A slow machine needs a longer winrm_timeout.",
  });
}

/** Whether the other side has gone without a word, and not said something that is no HTTP. */
function hasHungUp(error: unknown): boolean {
  return error instanceof ConnectionLost && error.cause === undefined;
}

/** For the slip that looks like a machine that hangs up. */
function portHint({ winrm_port, winrm_use_ssl }: ConnectRequest["config"], reason: unknown): string | undefined {
  if (winrm_use_ssl) return undefined;
  if (winrm_port === 5986) return "Port 5986 is WinRM over HTTPS: set winrm_use_ssl.";
  // Before a virtual machine is up, its network may hang up as well.
  return reason instanceof ConnectionLost
    ? "Is the machine up, and does WinRM listen there (winrm quickconfig)? A port that wants HTTPS (winrm_use_ssl) hangs up, too."
    : undefined;
}

const DEFAULT_TIMEOUT_MS = 30 * 60_000;

/** Connects once, and has a command run: a machine that is still being set up answers before it can do that (row CON-11). */
async function attempt(
  request: ConnectRequest,
  pace: WinrmPace,
  { signal, news }: { readonly signal: AbortSignal; readonly news: AttemptNews },
): Promise<Machine> {
  const { config } = request;
  const timeoutMs = config.winrm_timeout || DEFAULT_TIMEOUT_MS;
  const { host, port, ...rest } = await findMachine(request, signal);
  news.begun();
  let first: Endpoint | undefined = { host, port, ...rest };
  const client = new WinrmClient({
    async endpoint(dialSignal) {
      const known = first;
      first = undefined;
      return known ?? findMachine(request, dialSignal);
    },
    login: { user: config.winrm_username ?? "", password: config.winrm_password ?? "", usesNtlm: config.winrm_use_ntlm },
    dialMs: pace.dialMs,
    receiveMs: Math.min(pace.receiveMs, timeoutMs),
    operationMs: Math.min(pace.operationMs, timeoutMs),
    slackMs: pace.slackMs,
  });
  const shells = new RemoteShells(client);
  const close = async (): Promise<void> => {
    await shells.close();
    client.close();
  };
  try {
    await checkCommands(shells, { signal, answered: news.answered });
    return { host, port, shells, close };
  } catch (error) {
    // A machine that answers again is not to run out of shells by attempts that were given up.
    await close();
    throw error;
  }
}

const ECHO = "WinRM is there";

async function checkCommands(
  shells: RemoteShells,
  options: { readonly signal: AbortSignal; readonly answered: () => void },
): Promise<void> {
  let output = "";
  const exitCode = await shells.run({
    command: `echo ${ECHO}`,
    onOutput: async ({ bytes }) => {
      if (output.length < 1_000) output += bytes.toString("latin1");
    },
    ...options,
  });
  if (!output.includes(ECHO)) {
    const outcome = exitCode === undefined ? "the connection was lost" : `it ended with exit code ${exitCode}`;
    throw new CommunicatorError(`the machine does not run commands yet: ${outcome}`, { code: "TPK5001" });
  }
}

async function findMachine({ config, address, run }: ConnectRequest, signal: AbortSignal): Promise<Endpoint> {
  const found = address === undefined ? undefined : await orAborted(address(signal), signal);
  const host = found?.host || config.winrm_host;
  if (!hasText(host)) {
    throw new CommunicatorError("it is not known where the machine is", { code: "TPK5001", hint: "Set winrm_host." });
  }
  return {
    host,
    port: found?.port || winrmPort(config),
    usesTls: config.winrm_use_ssl,
    checksCertificate: !config.winrm_insecure,
    usesProxy: !config.winrm_no_proxy,
    environment: run.environment,
  };
}

/** ` on host:port`, where it is known before the machine is. */
function whereText({ config, address }: ConnectRequest): string {
  return address === undefined && hasText(config.winrm_host) ? ` on ${addressText(config.winrm_host, winrmPort(config))}` : "";
}
