// Logging in: who may send what over which connection.
import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { NtlmLogin, type NtlmSession } from "./ntlm/server.ts";

/** Ways to log in. NTLM comes with sealed messages. */
export type AuthScheme = "basic" | "ntlm";

/** Who may log in, and over what. */
export interface AuthOptions {
  readonly schemes: readonly AuthScheme[];
  /** Whether connections are TLS. */
  readonly secure: boolean;
  readonly allowUnencrypted: boolean;
  readonly user: string;
  readonly password: string;
  /** What a login over TLS may be bound to. */
  readonly channelBinding: Buffer | undefined;
}

/** What comes of a request: it may go on, or the client is told how to log in, or what to answer next. */
export type AuthResult =
  | { readonly kind: "accepted"; readonly session?: NtlmSession }
  | { readonly kind: "refused" }
  | { readonly kind: "challenge"; readonly header: string };

/** Judges requests; remembers which connections have logged in, since NTLM does so once for each. */
export class Authenticator {
  readonly #options: AuthOptions;
  readonly #connections = new WeakMap<Socket, NtlmLogin | NtlmSession>();

  constructor(options: AuthOptions) {
    this.#options = options;
  }

  /**
   * The values of WWW-Authenticate: one for each scheme that may be used. Windows says "Negotiate" where NTLM is meant, and never
   * "NTLM"; a client may answer with either.
   */
  challenges(): readonly string[] {
    return [...(this.#options.schemes.includes("ntlm") ? ["Negotiate"] : []), ...(this.#isBasicAllowed() ? ['Basic realm="WSMAN"'] : [])];
  }

  judge(request: IncomingMessage): AuthResult {
    const [scheme = "", credentials = ""] = (request.headers.authorization ?? "").split(/\s+/, 2);
    const token = Buffer.from(credentials, "base64");
    if (/^basic$/i.test(scheme)) return this.#basic(token.toString());
    if (/^(?:negotiate|ntlm)$/i.test(scheme) && this.#options.schemes.includes("ntlm")) return this.#ntlm(request.socket, scheme, token);
    const known = this.#connections.get(request.socket);
    if (scheme === "" && known !== undefined && "fromClient" in known) return { kind: "accepted", session: known };
    return { kind: "refused" };
  }

  #basic(credentials: string): AuthResult {
    if (!this.#isBasicAllowed()) return { kind: "refused" };
    const colon = credentials.indexOf(":");
    const user = credentials.slice(0, colon);
    // Local accounts: `user`, `.\user` or `MACHINE\user`, in any case.
    const isUser = user.slice(user.indexOf("\\") + 1).toLowerCase() === this.#options.user.toLowerCase();
    return { kind: isUser && isSame(credentials.slice(colon + 1), this.#options.password) ? "accepted" : "refused" };
  }

  #ntlm(socket: Socket, scheme: string, token: Buffer): AuthResult {
    const login = this.#connections.get(socket);
    this.#connections.delete(socket);
    try {
      if (login instanceof NtlmLogin && token.readUInt32LE(8) === 3) {
        const session = login.finish(token);
        this.#connections.set(socket, session);
        return { kind: "accepted", session };
      }
      const next = new NtlmLogin(token, this.#options);
      this.#connections.set(socket, next);
      return { kind: "challenge", header: `${scheme} ${next.challenge.toString("base64")}` };
    } catch {
      // The client is told no more than Windows tells it.
      return { kind: "refused" };
    }
  }

  /** Windows takes Basic off the list where it would be readable and that is not allowed. */
  #isBasicAllowed(): boolean {
    return this.#options.schemes.includes("basic") && (this.#options.secure || this.#options.allowUnencrypted);
  }
}

// --- internal ---

function isSame(given: string, expected: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
}
