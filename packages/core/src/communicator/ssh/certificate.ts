// SSH user certificates (PROTOCOL.certkeys of OpenSSH). ssh2 has none (mscdex/ssh2#551), so this file teaches it: it offers the
// certificate in place of the public key and corrects one packet on its way out. Remove it when ssh2 has certificates.
import type { Client, ParsedKey } from "ssh2";
import { InternalError } from "../../diagnostics/error.ts";
import { sshString } from "./openssh-key.ts";
import { packetWriterOf } from "./ssh2-internals.ts";

/** A user certificate as it stands in a `-cert.pub` file. */
export interface Certificate {
  /** `ssh-ed25519-cert-v01@openssh.com` and the like. */
  readonly type: string;
  readonly blob: Buffer;
}

/** Reads a `-cert.pub` file. Undefined when it is something else, or a certificate of a kind that OpenSSH does not accept. */
export function parseCertificate(text: string): Certificate | undefined {
  const [type = "", base64 = ""] = text.trim().split(/\s+/);
  if (!Object.hasOwn(signatureAlgorithms, type)) return undefined;
  const blob = Buffer.from(base64, "base64");
  const prefix = sshString(type);
  if (!blob.subarray(0, prefix.length).equals(prefix)) return undefined;
  return { type, blob };
}

/** The private key with the certificate in place of its public half: hand it to ssh2 as the `key` of a `publickey` method. */
export function certifiedKey(key: ParsedKey, certificate: Certificate): ParsedKey {
  const algorithm = signatureAlgorithms[certificate.type];
  if (algorithm === undefined) throw new InternalError(`no certificate: ${certificate.type}`);
  const identity: ParsedKey = Object.create(key);
  const sign = (data: Buffer | string): Buffer => {
    const signature = key.sign(data, algorithm.hash);
    return algorithm.isEcdsa ? ecdsaSignature(signature) : signature;
  };
  Object.defineProperties(identity, {
    type: { value: algorithm.offered },
    getPublicSSH: { value: () => certificate.blob },
    sign: { value: sign },
  });
  return identity;
}

/**
 * Makes a client that logs in with a certificate write its signatures as OpenSSH wants them: under the plain algorithm's
 * name, where ssh2 writes the certificate's. Call it right after `connect`.
 */
export function correctCertificateSignatures(client: Client): void {
  client.once("handshake", () => {
    const writer = packetWriterOf(client);
    const finalize = writer.finalize;
    writer.finalize = function correct(this: unknown, packet: Buffer, ...rest: unknown[]): Buffer {
      const corrected = correctedRequest(packet.subarray(writer.allocStart));
      if (corrected === undefined) return finalize.call(this, packet, ...rest);
      const larger = writer.alloc(corrected.length);
      corrected.copy(larger, writer.allocStart);
      return finalize.call(this, larger, ...rest);
    };
    // Once logged in there is nothing to correct, and every packet of every upload passes here.
    client.once("ready", () => {
      writer.finalize = finalize;
    });
  });
}

// --- internal ---

interface SignatureAlgorithm {
  /** Name under which the certificate is offered. */
  readonly offered: string;
  /** Name inside the signature. */
  readonly plain: string;
  readonly hash: string | undefined;
  readonly isEcdsa: boolean;
}

const signatureAlgorithms: { readonly [certificateType: string]: SignatureAlgorithm } = {
  "ssh-ed25519-cert-v01@openssh.com": {
    offered: "ssh-ed25519-cert-v01@openssh.com",
    plain: "ssh-ed25519",
    hash: undefined,
    isEcdsa: false,
  },
  // SHA-1, the key type's own hash, is refused by OpenSSH since 8.2.
  "ssh-rsa-cert-v01@openssh.com": {
    offered: "rsa-sha2-512-cert-v01@openssh.com",
    plain: "rsa-sha2-512",
    hash: "sha512",
    isEcdsa: false,
  },
  ...Object.fromEntries(
    (
      [
        ["nistp256", "sha256"],
        ["nistp384", "sha384"],
        ["nistp521", "sha512"],
      ] as const
    ).map(([curve, hash]) => {
      const offered = `ecdsa-sha2-${curve}-cert-v01@openssh.com`;
      return [offered, { offered, plain: `ecdsa-sha2-${curve}`, hash, isEcdsa: true }];
    }),
  ),
};

/** From DER (`SEQUENCE { r, s }`) to two SSH integers (RFC 5656 §3.1.2). ssh2 does so only for key types it knows. */
function ecdsaSignature(der: Buffer): Buffer {
  let position = (der[1] ?? 0) > 0x80 ? 3 : 2;
  const integers: Buffer[] = [];
  for (let index = 0; index < 2; index++) {
    const length = der[position + 1] ?? 0;
    integers.push(sshString(der.subarray(position + 2, position + 2 + length)));
    position += 2 + length;
  }
  return Buffer.concat(integers);
}

const USERAUTH_REQUEST = 50;

/** A signed USERAUTH_REQUEST (RFC 4252 §7) with the plain algorithm's name inside its signature; undefined for other packets. */
function correctedRequest(payload: Buffer): Buffer | undefined {
  if (payload[0] !== USERAUTH_REQUEST) return undefined;
  const reader = stringReader(payload, 1);
  reader.next(); // user
  reader.next(); // service
  if (reader.next().toString() !== "publickey") return undefined;
  const isSigned = payload[reader.position] === 1;
  if (!isSigned) return undefined;
  reader.position += 1;
  const offered = reader.next().toString();
  reader.next(); // certificate
  const algorithm = Object.values(signatureAlgorithms).find((known) => known.offered === offered);
  if (algorithm === undefined) return undefined;
  const head = payload.subarray(0, reader.position);
  const signature = stringReader(reader.next(), 0);
  signature.next(); // the certificate's name, where the plain one belongs
  return Buffer.concat([head, sshString(Buffer.concat([sshString(algorithm.plain), sshString(signature.next())]))]);
}

function stringReader(bytes: Buffer, start: number) {
  return {
    position: start,
    next(): Buffer {
      const length = bytes.readUInt32BE(this.position);
      const begin = this.position + 4;
      this.position = begin + length;
      return bytes.subarray(begin, begin + length);
    },
  };
}
