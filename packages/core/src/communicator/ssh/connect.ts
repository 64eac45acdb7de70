import { TspackError } from "../../diagnostics/error.ts";
import { formatDuration } from "../../sdk/config/duration.ts";
import { pause } from "../abort.ts";
import type { Connection, ConnectRequest } from "../connect.ts";
import { addressText, NobodyThere } from "../dial.ts";
import { hasText } from "../has-text.ts";
import { isRefusal, keepTrying } from "../keep-trying.ts";
import { overlap, silenceSince } from "../overlap.ts";
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

/** Connects once, by whichever of several connections the machine answers first. `since` is when it began to be waited for. */
function connectAnswered(base: MachineRequest, since: number): Promise<Machine> {
  const { request, credentials, pace, signal } = base;
  return overlap({
    attempt: (attemptSignal, news) => connectMachine({ ...base, news, signal: attemptSignal }),
    againMs: isDirect(request, credentials) ? silenceSince(since, pace.silentMs) : undefined,
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

function untilConnected(request: ConnectRequest, credentials: AllCredentials, pace: ConnectPace): Promise<Machine> {
  const limits = connectLimits(request.config);
  const since = performance.now();
  let refusals = 0;
  return keepTrying({
    protocol: "SSH",
    where: whereText(request),
    timeoutMs: limits.timeoutMs,
    ui: request.ui,
    signal: request.signal,
    attempt: (signal) => connectAnswered({ request, credentials, pace, isReconnection: false, signal }, since),
    // A machine that the user names is to be up, and so is what leads to it.
    isExpected: (error) => error instanceof NobodyThere && request.address !== undefined && isDirect(request, credentials),
    quietMs: pace.quietMs,
    afterFailure(error) {
      // Neither a wrong host key nor a question that nobody answers gets better by trying again.
      if (TspackError.is(error) && (error.code === "TPK5003" || error.code === "TPK6010")) return undefined;
      if (!isRefusal(error)) return { pauseMs: pace.unreachableMs, prospect: prospect(limits, false) };
      refusals += 1;
      if (limits.handshakeAttempts !== undefined && refusals >= limits.handshakeAttempts) return undefined;
      return { pauseMs: pace.refusedMs, prospect: prospect(limits, true) };
    },
    hint: (lastReason) =>
      (isRefusal(lastReason) ? lastReason.hint : undefined) ??
      "Is the machine up, does sshd listen there, and does no firewall stand between? A slow machine needs a longer ssh_timeout.",
  });
}

/** What happens after a failed attempt, for somebody who watches. */
function prospect({ timeoutMs, handshakeAttempts }: ConnectLimits, isRefused: boolean): string {
  const attempts = isRefused && handshakeAttempts !== undefined ? ` up to ${handshakeAttempts} times` : "";
  if (timeoutMs === undefined) return `trying again${attempts}`;
  const time = formatDuration(timeoutMs);
  return attempts === "" ? `trying again for up to ${time}` : `trying again${attempts}, ${time} at most`;
}

/** ` on host:port`, where it is known before the machine is. */
function whereText({ config, address }: ConnectRequest): string {
  return address === undefined && hasText(config.ssh_host) ? ` on ${addressText(config.ssh_host, config.ssh_port)}` : "";
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
