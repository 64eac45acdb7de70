import { createHash } from "node:crypto";

/** The fingerprint of a public key, as `ssh-keygen -l` prints it: `SHA256:` and base64 without padding. */
export function fingerprint(publicKey: Buffer): string {
  return `SHA256:${createHash("sha256").update(publicKey).digest("base64").replace(/=+$/, "")}`;
}

/** Judges the host key of one connection and remembers it. With an empty list every key is accepted (row CON-01). */
export class HostKeyCheck {
  readonly #accepted: ReadonlySet<string>;
  /** Fingerprint of the key that was refused. */
  refused: string | undefined;

  constructor(accepted: readonly string[] | undefined) {
    this.#accepted = new Set((accepted ?? []).map((text) => text.replace(/=+$/, "")));
  }

  /** ssh2's `hostVerifier`. */
  readonly verify = (publicKey: Buffer): boolean => {
    if (this.#accepted.size === 0) return true;
    const seen = fingerprint(publicKey);
    if (this.#accepted.has(seen)) return true;
    this.refused = seen;
    return false;
  };
}
