// Logging in: who may send what over which connection.
import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

export type AuthScheme = "basic" | "ntlm";

export interface AuthOptions {
  readonly schemes: readonly AuthScheme[];
  /** Whether connections are TLS. */
  readonly secure: boolean;
  readonly allowUnencrypted: boolean;
  readonly user: string;
  readonly password: string;
}

/** What the login of a request comes to: it may go on, or the client is told what to answer next. */
export type AuthResult =
  | { readonly kind: "accepted" }
  | { readonly kind: "refused" }
  | { readonly kind: "challenge"; readonly header: string };

/** The values of WWW-Authenticate: one for each scheme that may be used. */
export function challenges(options: AuthOptions): readonly string[] {
  return isBasicAllowed(options) ? ['Basic realm="WSMAN"'] : [];
}

/** Judges the Authorization header of a request. */
export function authenticate(request: IncomingMessage, options: AuthOptions): AuthResult {
  const [scheme = "", credentials = ""] = (request.headers.authorization ?? "").split(/\s+/, 2);
  if (scheme.toLowerCase() === "basic" && isBasicAllowed(options)) {
    const text = Buffer.from(credentials, "base64").toString();
    const colon = text.indexOf(":");
    if (isSameUser(text.slice(0, colon), options.user) && isSame(text.slice(colon + 1), options.password)) return { kind: "accepted" };
  }
  return { kind: "refused" };
}

// --- internal ---

/** Windows takes Basic off the list where it would be readable and that is not allowed. */
function isBasicAllowed(options: AuthOptions): boolean {
  return options.schemes.includes("basic") && (options.secure || options.allowUnencrypted);
}

/** Local accounts: `user`, `.\user` or `MACHINE\user`, in any case. */
function isSameUser(given: string, user: string): boolean {
  return given.slice(given.indexOf("\\") + 1).toLowerCase() === user.toLowerCase();
}

function isSame(given: string, expected: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
}
