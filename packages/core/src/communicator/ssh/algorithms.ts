// Names of ciphers and key exchange algorithms (rows COM-16, COM-17) and the order in which we offer them.
import { getCiphers } from "node:crypto";
import type { CipherAlgorithm, KexAlgorithm } from "ssh2";

/** Ciphers the SSH library has, with OpenSSL's name of each. Those beyond Packer's list are here because the library offers them. */
const ciphers: { readonly [name in CipherAlgorithm]?: string } = {
  "aes128-gcm@openssh.com": "aes-128-gcm",
  "aes256-gcm@openssh.com": "aes-256-gcm",
  "chacha20-poly1305@openssh.com": "chacha20",
  "aes128-ctr": "aes-128-ctr",
  "aes192-ctr": "aes-192-ctr",
  "aes256-ctr": "aes-256-ctr",
  "aes128-cbc": "aes-128-cbc",
  "aes192-cbc": "aes-192-cbc",
  "aes256-cbc": "aes-256-cbc",
  "3des-cbc": "des-ede3-cbc",
  arcfour256: "rc4",
  arcfour128: "rc4",
  arcfour: "rc4",
};

const keyExchanges: { readonly [name in KexAlgorithm]: true } = {
  "curve25519-sha256": true,
  "curve25519-sha256@libssh.org": true,
  "ecdh-sha2-nistp256": true,
  "ecdh-sha2-nistp384": true,
  "ecdh-sha2-nistp521": true,
  "diffie-hellman-group-exchange-sha256": true,
  "diffie-hellman-group14-sha256": true,
  "diffie-hellman-group15-sha512": true,
  "diffie-hellman-group16-sha512": true,
  "diffie-hellman-group17-sha512": true,
  "diffie-hellman-group18-sha512": true,
  "diffie-hellman-group-exchange-sha1": true,
  "diffie-hellman-group14-sha1": true,
  "diffie-hellman-group1-sha1": true,
};

/** Names for `ssh_ciphers`, those that this Node cannot do included. */
export const knownCiphers: readonly string[] = Object.keys(ciphers);
/** Names for `ssh_key_exchange_algorithms`. */
export const knownKeyExchanges: readonly string[] = Object.keys(keyExchanges);

/** True for a name that the SSH library knows; `isUsableCipher` says whether it works here. */
export function isKnownCipher(name: string): name is CipherAlgorithm {
  return Object.hasOwn(ciphers, name);
}

/** True for a name that the SSH library knows. */
export function isKnownKeyExchange(name: string): name is KexAlgorithm {
  return Object.hasOwn(keyExchanges, name);
}

/** False for ciphers that the OpenSSL of this Node does not have (RC4 went with version 3). */
export function isUsableCipher(name: CipherAlgorithm): boolean {
  return getCiphers().includes(ciphers[name] ?? "");
}

/**
 * Ciphers in the order we offer them. The same as Packer's list and AES-256-GCM, best first: whether AES-GCM or AES-CTR
 * is faster depends on the SSH library's native part, which not every installation has.
 */
export function preferredCiphers(): CipherAlgorithm[] {
  const preferred: readonly CipherAlgorithm[] = [
    "aes128-gcm@openssh.com",
    "aes256-gcm@openssh.com",
    "aes128-ctr",
    "aes192-ctr",
    "aes256-ctr",
    "chacha20-poly1305@openssh.com",
  ];
  return preferred.filter(isUsableCipher);
}
