import { connect, type Socket } from "node:net";
import { CancelledError, CommunicatorError, errorText } from "../diagnostics/error.ts";
import { onAbort } from "./abort.ts";

/** A host and port, as messages show it: IPv6 hosts in brackets. */
export function addressText(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Nobody has answered: what is to be expected of a machine that has not booted yet. */
export class NobodyThere extends CommunicatorError {
  constructor(message: string, cause?: unknown) {
    super(message, { code: "TPK5001", cause });
  }
}

/**
 * Opens a TCP connection with a time limit and TCP keep-alive every 5 s (row CON-03). The caller destroys the socket.
 * Throws `CommunicatorError` TPK5001 with the reason in words, `NobodyThere` where there is just nobody yet.
 */
export async function dial(target: {
  readonly host: string;
  readonly port: number;
  readonly limitMs: number;
  readonly signal: AbortSignal;
}): Promise<Socket> {
  const { host, port, limitMs, signal } = target;
  const socket = connect({ host, port, keepAlive: true, keepAliveInitialDelay: 5_000, noDelay: true });
  let forget = (): void => {};
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      forget = onAbort(signal, () => reject(new CancelledError()));
      timer = setTimeout(
        () => reject(new NobodyThere(`cannot connect to ${addressText(host, port)}: no answer within ${limitMs / 1000} s`)),
        limitMs,
      );
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    return socket;
  } catch (error) {
    // From here on nobody listens, and a late error must not end the process.
    socket.on("error", () => {});
    socket.destroy();
    if (error instanceof CancelledError || error instanceof NobodyThere) throw error;
    const where = addressText(host, port);
    const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
    // Node's own words for these repeat what is said here, in jargon.
    const absent = absences[code];
    if (absent !== undefined) throw new NobodyThere(`cannot connect to ${where}: ${absent}`);
    const known = reasons[code];
    if (known !== undefined) throw new CommunicatorError(`cannot connect to ${where}: ${known}`, { code: "TPK5001" });
    throw new CommunicatorError(`cannot connect to ${where}: ${errorText(error)}`, { code: "TPK5001", cause: error });
  } finally {
    forget();
    clearTimeout(timer);
    socket.removeAllListeners("connect");
  }
}

const absences: { readonly [code: string]: string } = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  EHOSTUNREACH: "no route to the host",
  ETIMEDOUT: "no answer",
};

const reasons: { readonly [code: string]: string } = {
  ENETUNREACH: "the network is unreachable",
  ENOTFOUND: "the host name cannot be resolved",
  EAI_AGAIN: "the host name cannot be resolved at the moment",
};
