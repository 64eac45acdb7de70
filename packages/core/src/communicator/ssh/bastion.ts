import type { Duplex } from "node:stream";
import type { Algorithms, Client } from "ssh2";
import { CommunicatorError } from "../../diagnostics/error.ts";
import { orAborted } from "../abort.ts";
import { addressText, dial } from "../dial.ts";
import type { Credentials } from "./auth.ts";
import { handshake } from "./handshake.ts";
import type { ConnectPace } from "./settings.ts";

/** A way to the machine through a jump host (rows COM-22..29). */
export interface BastionRequest {
  readonly bastion: {
    readonly host: string;
    readonly port: number;
    readonly credentials: Credentials;
    readonly fingerprints: readonly string[] | undefined;
  };
  readonly target: { readonly host: string; readonly port: number };
  readonly pace: ConnectPace;
  readonly algorithms: Algorithms;
  readonly keepAliveMs: number;
  readonly readTimeoutMs: number;
  readonly signal: AbortSignal;
}

/** Logs in to the bastion host and opens a stream to the machine through it. The caller ends the client. */
export async function connectBastion(request: BastionRequest): Promise<{ readonly client: Client; readonly stream: Duplex }> {
  const { bastion, target, pace, algorithms, keepAliveMs, readTimeoutMs, signal } = request;
  const peer = `the bastion host at ${addressText(bastion.host, bastion.port)}`;
  const client = await handshake({
    socket: await dial({ host: bastion.host, port: bastion.port, limitMs: pace.dialMs, signal }),
    credentials: bastion.credentials,
    peer,
    fingerprints: bastion.fingerprints,
    fingerprintOption: "ssh_bastion_host_key_fingerprints",
    algorithms,
    keepAliveMs,
    readTimeoutMs,
    // Somebody who types an answer may need longer than a machine.
    limitMs: bastion.credentials.answerer === undefined ? pace.handshakeMs : 0,
    signal,
  });
  try {
    const stream = await orAborted(
      new Promise<Duplex>((resolve, reject) => {
        client.forwardOut("127.0.0.1", 0, target.host, target.port, (error, channel) =>
          error === undefined ? resolve(channel) : reject(error),
        );
      }),
      signal,
    );
    // What goes wrong with it is heard of through the client that runs over it.
    stream.on("error", () => {});
    return { client, stream };
  } catch (error) {
    client.end();
    client.destroy();
    if (!(error instanceof Error) || error.name === "CancelledError") throw error;
    const reason = error.message.replace(/^\(SSH\) Channel open failure: /, "");
    throw new CommunicatorError(`${peer} cannot connect to ${addressText(target.host, target.port)}: ${reason}`, {
      code: "TPK5001",
      cause: error,
    });
  }
}
