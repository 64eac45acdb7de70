// The only file that reaches into private parts of ssh2, which is why package.json pins it to ~1.17: what its public face
// does not offer and we need. Every function here is exercised against a real sshd by the tests.
import type { Client, ClientChannel, SFTPWrapper } from "ssh2";
import { InternalError } from "../../diagnostics/error.ts";

/** Where ssh2 allocates packets and finishes them before encryption. */
export interface PacketWriter {
  /** Offset of the payload in an allocated packet. */
  readonly allocStart: number;
  alloc(length: number): Buffer;
  finalize(packet: Buffer, ...rest: unknown[]): Buffer;
}

/** The writer of a client whose keys have been exchanged. */
export function packetWriterOf(client: Client): PacketWriter {
  const writer = (client as unknown as ClientInternals)._protocol?._packetRW?.write;
  if (typeof writer?.finalize !== "function" || typeof writer.alloc !== "function") {
    throw new InternalError("this version of ssh2 keeps its packet writer elsewhere");
  }
  return writer;
}

/** Sends a signal (RFC 4254 §6.9) to a command. ssh2's own `signal` does nothing once our side has sent EOF. */
export function signalCommand(channel: ClientChannel, name: "TERM" | "KILL"): void {
  const { _client: client, outgoing } = channel as unknown as ChannelInternals;
  if (outgoing.state === "open" || outgoing.state === "eof") client._protocol?.signal?.(outgoing.id, name);
}

/**
 * The most that one read and one write request of this SFTP session may carry, in bytes: what the server announced
 * (`limits@openssh.com`), else what ssh2 knows of its kind. ssh2 splits what is larger and then asks for one part after the other.
 */
export function sftpLimits(sftp: SFTPWrapper): { readonly readBytes: number; readonly writeBytes: number } {
  const { _maxReadLen: readBytes, _maxWriteLen: writeBytes } = sftp as unknown as SftpInternals;
  if (readBytes === undefined || writeBytes === undefined) throw new InternalError("this version of ssh2 keeps SFTP's limits elsewhere");
  return { readBytes: Number(readBytes), writeBytes: Number(writeBytes) };
}

// --- internal ---

interface ClientInternals {
  readonly _protocol?: {
    readonly _packetRW?: { readonly write?: PacketWriter };
    signal?(channel: number, name: string): void;
  };
}

interface ChannelInternals {
  readonly _client: ClientInternals;
  readonly outgoing: { readonly id: number; readonly state: string };
}

interface SftpInternals {
  readonly _maxReadLen?: number | bigint;
  readonly _maxWriteLen?: number | bigint;
}
