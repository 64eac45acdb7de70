import { CommunicatorError, errorText, isCancellation, TspackError } from "../../diagnostics/error.ts";
import { formatDuration } from "../../sdk/config/duration.ts";
import { pause, throwIfAborted } from "../abort.ts";
import type { Connection, ConnectRequest } from "../connect.ts";
import { addressText } from "../dial.ts";
import { hasText } from "../has-text.ts";
import { overlap } from "../overlap.ts";
import { sshCommunicator } from "./communicator.ts";
import { type AllCredentials, readCredentials } from "./credentials.ts";
import { connectMachine, type Machine, type MachineRequest } from "./machine.ts";
import { parsePrivateKey, publicKeyLine } from "./private-key.ts";
import { SshSession } from "./session.ts";
import { type ConnectLimits, type ConnectPace, connectLimits, defaultPace, tunnelsOf } from "./settings.ts";
import { Tunnels } from "./tunnels.ts";

/**
 * Connects to a machine by SSH, trying again until it is there or a limit is reached (rows CON-03, COM-19..21). Throws
 * `CommunicatorError`: TPK5001 when it could not be reached in time, TPK5002 when it refused the credentials as often as is allowed,
 * TPK5003 at once for a wrong host key; a cancellation on abort. Nothing is left open then.
 */
export async function connectSsh(request: ConnectRequest, pace: ConnectPace = defaultPace): Promise<Connection> {
  const { config, ui } = request;
  const credentials = await readCredentials(request);
  let machine = await untilConnected(request, credentials, pace);
  const pauseMs = config.pause_before_connecting;
  if (pauseMs > 0) {
    await machine.close();
    ui.say(`Connected by SSH; pausing ${formatDuration(pauseMs)} before connecting for good`);
    await pause(pauseMs, request.signal);
    machine = await untilConnected(request, credentials, pace);
  }
  const tunnels = new Tunnels({ local: tunnelsOf(config.ssh_local_tunnels), remote: tunnelsOf(config.ssh_remote_tunnels), ui });
  const session = new SshSession(machine, {
    forwardsAgent: credentials.forwardAgent !== undefined,
    async reconnect(signal) {
      ui.say("The SSH connection was lost; connecting again");
      const again = await connectAnswered({ request, credentials, pace, isReconnection: true, signal }, performance.now());
      await openTunnels(tunnels, again, signal);
      return again;
    },
  });
  const close = async (): Promise<void> => {
    await tunnels.close();
    await session.close();
  };
  try {
    await openTunnels(tunnels, machine, request.signal);
    ui.say(`Connected by SSH to ${addressText(machine.host, machine.port)}`);
    const data = await generatedData(request, credentials, machine);
    const options = { pty: config.ssh_pty, method: config.ssh_file_transfer_method, run: request.run };
    return { communicator: sshCommunicator(session, options), data, close };
  } catch (error) {
    await close();
    throw error;
  }
}

// --- internal ---

/** A machine that took a minute to come up may take a sixth of that for its first word. */
const SILENT_PART = 1 / 6;

/** Connects once, by whichever of several connections the machine answers first. `since` is when it began to be waited for. */
function connectAnswered(base: MachineRequest, since: number): Promise<Machine> {
  const { request, credentials, pace, signal } = base;
  return overlap({
    attempt: (attemptSignal, news) => connectMachine({ ...base, news, signal: attemptSignal }),
    againMs: isDirect(request, credentials) ? () => Math.max(pace.silentMs, (performance.now() - since) * SILENT_PART) : undefined,
    discard: (machine) => machine.close(),
    signal,
  });
}

/** Whether nobody between us and the machine is to be logged in to. */
function isDirect({ config }: ConnectRequest, { bastion }: AllCredentials): boolean {
  return bastion === undefined && !hasText(config.ssh_proxy_host);
}

async function openTunnels(tunnels: Tunnels, machine: Machine, signal: AbortSignal): Promise<void> {
  try {
    await tunnels.use(machine.client, signal);
  } catch (error) {
    await machine.close();
    throw error;
  }
}

async function untilConnected(request: ConnectRequest, credentials: AllCredentials, pace: ConnectPace): Promise<Machine> {
  const limits = connectLimits(request.config);
  const { timeoutMs, handshakeAttempts } = limits;
  const late = new AbortController();
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => late.abort(), timeoutMs);
  const signal = AbortSignal.any([request.signal, late.signal]);
  const since = performance.now();
  let refusals = 0;
  let lastReason: unknown;
  const told = new Set<string>();
  try {
    request.ui.say(`Waiting for SSH${whereText(request)}`);
    for (;;) {
      try {
        return await connectAnswered({ request, credentials, pace, isReconnection: false, signal }, since);
      } catch (error) {
        if (isCancellation(error)) throw error;
        const code = TspackError.is(error) ? error.code : undefined;
        // Neither a wrong host key nor a question that nobody answers gets better by trying again.
        if (code === "TPK5003" || code === "TPK6010") throw error;
        lastReason = error;
        const isRefusal = code === "TPK5002";
        if (isRefusal) refusals += 1;
        if (isRefusal && handshakeAttempts !== undefined && refusals >= handshakeAttempts) throw error;
        const reason = errorText(error);
        request.ui.log("info", `No SSH connection yet: ${reason}`);
        // A booting machine fails in a few ways, over and over: each is news once.
        if (!told.has(reason)) request.ui.say(`Not connected yet: ${reason}; ${prospect(limits, isRefusal)}`);
        told.add(reason);
        await pause(isRefusal ? pace.refusedMs : pace.unreachableMs, signal);
      }
    }
  } catch (error) {
    throwIfAborted(request.signal);
    if (timeoutMs === undefined || !late.signal.aborted) throw error;
    const reason = lastReason === undefined ? "the first attempt was still under way" : errorText(lastReason);
    const refusal = TspackError.is(lastReason) && lastReason.code === "TPK5002" ? lastReason : undefined;
    throw new CommunicatorError(`no SSH connection${whereText(request)} within ${formatDuration(timeoutMs)}: ${reason}`, {
      code: refusal === undefined ? "TPK5001" : "TPK5002",
      hint:
        refusal?.hint ??
        "Is the machine up, does sshd listen there, and does no firewall stand between? A slow machine needs a longer ssh_timeout.",
      cause: lastReason,
    });
  } finally {
    clearTimeout(timer);
  }
}

/** What happens after a failed attempt, for somebody who watches. */
function prospect({ timeoutMs, handshakeAttempts }: ConnectLimits, isRefusal: boolean): string {
  const attempts = isRefusal && handshakeAttempts !== undefined ? ` up to ${handshakeAttempts} times` : "";
  if (timeoutMs === undefined) return `trying again${attempts}`;
  const time = formatDuration(timeoutMs);
  return attempts === "" ? `trying again for up to ${time}` : `trying again${attempts}, ${time} at most`;
}

/** ` on host:port`, where it is known before the machine is. */
function whereText({ config, address }: ConnectRequest): string {
  return address === undefined && hasText(config.ssh_host) ? ` on ${addressText(config.ssh_host, config.ssh_port || 22)}` : "";
}

async function generatedData({ config }: ConnectRequest, credentials: AllCredentials, machine: Machine): Promise<Connection["data"]> {
  return {
    Host: machine.host,
    Port: machine.port,
    User: config.ssh_username ?? "",
    Password: config.ssh_password ?? "",
    ConnType: "ssh",
    SSHPublicKey: await publicKeyOf(config, credentials),
    SSHPrivateKey: credentials.privateKeyText,
    SSHPrivateKeyFile: config.ssh_private_key_file ?? "",
    SSHAgentAuth: config.ssh_agent_auth,
    WinRMPassword: config.winrm_password ?? "",
  };
}

async function publicKeyOf(config: ConnectRequest["config"], credentials: AllCredentials): Promise<string> {
  if (config.ssh_public_key !== undefined) return Buffer.from(config.ssh_public_key).toString();
  if (credentials.privateKeyText === "") return "";
  const passphrase = hasText(config.ssh_private_key_passphrase) ? config.ssh_private_key_passphrase : undefined;
  return publicKeyLine(await parsePrivateKey(credentials.privateKeyText, passphrase));
}
