import type { CommunicatorConfig } from "../options.ts";
import { parseTunnel, type TunnelAddress } from "./tunnel-address.ts";

/** How long and how often to try to connect. */
export interface ConnectLimits {
  /** Undefined: no limit. */
  readonly timeoutMs: number | undefined;
  /** How many refusals of the credentials end the attempt; undefined: no limit. */
  readonly handshakeAttempts: number | undefined;
}

/**
 * Times that have no option (row CON-03). Packer's, but for the pause after a round without an answer: it waits 5 s there,
 * and a machine that boots is found up to that much later. Tests pass shorter ones.
 */
export interface ConnectPace {
  /** For one TCP connection. */
  readonly dialMs: number;
  /** For key exchange and authentication, once the TCP connection stands. */
  readonly handshakeMs: number;
  /** Pause after a round in which there was no SSH server to talk to. */
  readonly unreachableMs: number;
  /**
   * How long a connection may stand without a word from the server before another one is opened beside it, at least. It grows with the
   * time that was waited: a machine that boots slowly answers slowly, and every connection is work for it.
   */
  readonly silentMs: number;
  /** How long it is no news that nobody answers where the builder says that its machine is, which boots. */
  readonly quietMs: number;
  /** Pause after a round in which the credentials were refused: the user may not be there yet. */
  readonly refusedMs: number;
}

/** The times that builds use. */
export const defaultPace: ConnectPace = {
  dialMs: 15_000,
  handshakeMs: 60_000,
  unreachableMs: 500,
  silentMs: 1_000,
  quietMs: 60_000,
  refusedMs: 7_000,
};

/** Timeout and attempts; setting one of the two removes the default of the other (rows COM-19..21, MISS-23). */
export function connectLimits(config: CommunicatorConfig): ConnectLimits {
  const timeoutMs = config.ssh_wait_timeout || config.ssh_timeout || undefined;
  const handshakeAttempts = config.ssh_handshake_attempts || undefined;
  if (timeoutMs === undefined && handshakeAttempts === undefined) return { timeoutMs: 5 * 60_000, handshakeAttempts: 10 };
  return { timeoutMs, handshakeAttempts };
}

/** The tunnels of a list that has been checked. */
export function tunnelsOf(list: readonly string[] | undefined): readonly TunnelAddress[] {
  return (list ?? []).map(parseTunnel).filter((tunnel) => tunnel !== undefined);
}
