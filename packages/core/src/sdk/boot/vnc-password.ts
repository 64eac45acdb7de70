// VNC authentication (RFC 6143 §7.2.2): a challenge of 16 bytes is encrypted with DES, the password being the key.
import { createCipheriv } from "node:crypto";

/** Longest password that has an effect; the rest is not looked at. */
export const VNC_PASSWORD_LENGTH = 8;

/** The answer to a server's challenge of 16 bytes. */
export function answerChallenge(challenge: Buffer, password: string): Buffer {
  const key = Buffer.alloc(VNC_PASSWORD_LENGTH);
  Buffer.from(password, "utf8").copy(key);
  // VNC takes the bits of each byte from the other end.
  const mirrored = key.map(mirrorBits);
  // OpenSSL 3 no longer offers DES by itself. Triple DES with one key three times is the same: two of the three cancel out.
  const cipher = createCipheriv("des-ede3", Buffer.concat([mirrored, mirrored, mirrored]), null);
  cipher.setAutoPadding(false);
  return Buffer.concat([cipher.update(challenge), cipher.final()]);
}

// --- internal ---

function mirrorBits(byte: number): number {
  let mirrored = 0;
  for (let bit = 0; bit < 8; bit++) mirrored |= ((byte >> bit) & 1) << (7 - bit);
  return mirrored;
}
