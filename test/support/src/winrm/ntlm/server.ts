// The server's side of an NTLMv2 login: MS-NLMP 2.2.1, 3.2.5 and 3.3.2. NTLMv1 and sessions without extended security are refused.
import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { md4 } from "./md4.ts";
import { Rc4 } from "./rc4.ts";
import { SealingDirection } from "./sealing.ts";

/** Who may log in, and the certificate that a client on TLS may bind its login to. */
export interface NtlmAccount {
  readonly user: string;
  readonly password: string;
  /** The value of the channel binding that is right for this connection. */
  readonly channelBinding?: Buffer | undefined;
}

/** What is otherwise different each time. */
export interface FixedLogin {
  readonly serverChallenge: Buffer;
  /** FILETIME: units of 100 ns since 1601. */
  readonly time: bigint;
}

/** What a login leaves: both directions of sealed messages. */
export interface NtlmSession {
  readonly fromClient: SealingDirection;
  readonly fromServer: SealingDirection;
}

/** Flags of MS-NLMP 2.2.2.5. */
export const flags = {
  unicode: 0x1,
  oem: 0x2,
  requestTarget: 0x4,
  sign: 0x10,
  seal: 0x20,
  ntlm: 0x200,
  alwaysSign: 0x8000,
  targetTypeServer: 0x20000,
  extendedSecurity: 0x80000,
  targetInfo: 0x800000,
  version: 0x2000000,
  key128: 0x20000000,
  keyExchange: 0x40000000,
  key56: 0x80000000,
} as const;

/** One login: a challenge, then its answer. */
export class NtlmLogin {
  readonly #account: NtlmAccount;
  readonly #negotiate: Buffer;
  readonly #serverChallenge: Buffer;
  /** CHALLENGE_MESSAGE, to be sent. */
  readonly challenge: Buffer;

  readonly #time: () => bigint;

  /** `negotiate` is the client's NEGOTIATE_MESSAGE; `fixed` is for examples. Throws when the client offers too little. */
  constructor(negotiate: Buffer, account: NtlmAccount, fixed?: FixedLogin) {
    if (readType(negotiate) !== 1) throw new Error("a NEGOTIATE_MESSAGE was expected");
    const offered = negotiate.readUInt32LE(12);
    if ((offered & (flags.unicode | flags.oem)) === 0) throw new Error("the client offers no character set");
    if ((offered & flags.extendedSecurity) === 0) throw new Error("the client offers no extended session security");
    this.#account = account;
    this.#negotiate = negotiate;
    this.#serverChallenge = fixed?.serverChallenge ?? randomBytes(8);
    this.#time = () => fixed?.time ?? now();
    this.challenge = writeChallenge(offered, this.#serverChallenge, this.#time());
  }

  /** Checks the AUTHENTICATE_MESSAGE. Throws an Error that says what is wrong with it. */
  finish(message: Buffer): NtlmSession {
    if (readType(message) !== 3) throw new Error("an AUTHENTICATE_MESSAGE was expected");
    const agreed = message.readUInt32LE(60);
    const encoding = (agreed & flags.unicode) === 0 ? "latin1" : "utf16le";
    const domain = readField(message, 28).toString(encoding);
    const user = readField(message, 36).toString(encoding);
    if (user.toLowerCase() !== this.#account.user.toLowerCase()) throw new Error("there is no such user");
    const response = readField(message, 20);
    if (response.length <= 24) throw new Error("the response is not NTLMv2");
    const key = ntowfv2(user, this.#account.password, domain);
    const [proof, blob] = [response.subarray(0, 16), response.subarray(16)];
    if (!timingSafeEqual(proof, hmac(key, this.#serverChallenge, blob))) throw new Error("the password is wrong");
    const pairs = readClientChallenge(blob, this.#time());
    const baseKey = hmac(key, proof);
    // MS-NLMP 3.2.5.1.2: without messages to sign or seal there is no key of the client's, whatever it has sent.
    const keyExchange = (agreed & flags.keyExchange) !== 0 && (agreed & (flags.sign | flags.seal)) !== 0;
    const sessionKey = keyExchange ? new Rc4(baseKey).apply(readField(message, 52)) : baseKey;
    if (sessionKey.length !== 16) throw new Error("the session key has the wrong size");
    this.#checkMic(message, sessionKey, pairs);
    this.#checkBinding(pairs);
    return {
      fromClient: new SealingDirection(sessionKey, "client", keyExchange),
      fromServer: new SealingDirection(sessionKey, "server", keyExchange),
    };
  }

  /** The three messages are signed when the client says so (MsvAvFlags, bit 2). */
  #checkMic(message: Buffer, sessionKey: Buffer, pairs: ReadonlyMap<number, Buffer>): void {
    const said = pairs.get(AV_FLAGS);
    if (said === undefined || said.length !== 4 || (said.readUInt32LE() & 2) === 0) return;
    const mic = message.subarray(72, 88);
    const unsigned = Buffer.from(message);
    unsigned.fill(0, 72, 88);
    const expected = hmac(sessionKey, this.#negotiate, this.challenge, unsigned);
    if (mic.length !== 16 || !timingSafeEqual(mic, expected)) throw new Error("the MIC of the messages is wrong");
  }

  /** Windows' default is to refuse a wrong channel binding, and to let a missing one pass. */
  #checkBinding(pairs: ReadonlyMap<number, Buffer>): void {
    const given = pairs.get(AV_CHANNEL_BINDINGS);
    const expected = this.#account.channelBinding;
    if (given === undefined || expected === undefined || given.every((byte) => byte === 0)) return;
    if (!given.equals(expected)) throw new Error("the login is bound to another certificate");
  }
}

/** NTOWFv2 (MS-NLMP 3.3.2): the key that stands for user and password. */
export function ntowfv2(user: string, password: string, domain: string): Buffer {
  return hmac(md4(Buffer.from(password, "utf16le")), Buffer.from(user.toUpperCase() + domain, "utf16le"));
}

/** MsvAvChannelBindings for a TLS server with this certificate (RFC 5929 section 4, with a hash of SHA-256), DER. */
export function channelBinding(certificate: Uint8Array): Buffer {
  const data = Buffer.concat([Buffer.from("tls-server-end-point:"), createHash("sha256").update(certificate).digest()]);
  // gss_channel_bindings_struct: no addresses, then the length of the data.
  const head = Buffer.alloc(20);
  head.writeUInt32LE(data.length, 16);
  return createHash("md5").update(head).update(data).digest();
}

// --- internal ---

const SIGNATURE = Buffer.from("NTLMSSP\0", "latin1");
const AV_FLAGS = 6;
const AV_TIMESTAMP = 7;
const AV_CHANNEL_BINDINGS = 10;
/** FILETIME of 1970, in units of 100 ns. */
const UNIX_EPOCH = 116_444_736_000_000_000n;
const FRESH_FOR = 30n * 60n * 10_000_000n;

function hmac(key: Uint8Array, ...parts: readonly Uint8Array[]): Buffer {
  const mac = createHmac("md5", key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}

function readType(message: Buffer): number {
  if (message.length < 16 || !message.subarray(0, 8).equals(SIGNATURE)) throw new Error("this is no NTLM message");
  const type = message.readUInt32LE(8);
  if (type === 3 && message.length < 64) throw new Error("the NTLM message is too short");
  return type;
}

/** The bytes that a length, a maximum and an offset point at. */
function readField(message: Buffer, at: number): Buffer {
  const [length, offset] = [message.readUInt16LE(at), message.readUInt32LE(at + 4)];
  if (offset + length > message.length) throw new Error("a field of the NTLM message lies outside of it");
  return message.subarray(offset, offset + length);
}

function now(): bigint {
  return BigInt(Date.now()) * 10_000n + UNIX_EPOCH;
}

function writeChallenge(offered: number, serverChallenge: Buffer, at: bigint): Buffer {
  const isUnicode = (offered & flags.unicode) !== 0;
  const always =
    (isUnicode ? flags.unicode : flags.oem) |
    flags.ntlm |
    flags.alwaysSign |
    flags.targetTypeServer |
    flags.targetInfo |
    flags.extendedSecurity;
  const asked = flags.requestTarget | flags.sign | flags.seal | flags.version | flags.key128 | flags.key56 | flags.keyExchange;
  const target = Buffer.from("WINRM-DOUBLE", isUnicode ? "utf16le" : "latin1");
  const name = Buffer.from("WINRM-DOUBLE", "utf16le");
  const time = Buffer.alloc(8);
  time.writeBigUInt64LE(at);
  const info = Buffer.concat([
    avPair(2, name),
    avPair(1, name),
    avPair(4, Buffer.from("winrm-double", "utf16le")),
    avPair(3, Buffer.from("winrm-double", "utf16le")),
    avPair(AV_TIMESTAMP, time),
    avPair(0, Buffer.alloc(0)),
  ]);
  const head = Buffer.alloc(56);
  head.set(SIGNATURE);
  head.writeUInt32LE(2, 8);
  writeField(head, 12, target.length, 56);
  head.writeUInt32LE((always | (offered & asked)) >>> 0, 20);
  head.set(serverChallenge, 24);
  writeField(head, 40, info.length, 56 + target.length);
  // Version 10.0.20348, NTLMSSP revision 15.
  head.set([10, 0, 0x7c, 0x4f, 0, 0, 0, 15], 48);
  return Buffer.concat([head, target, info]);
}

function writeField(target: Buffer, at: number, length: number, offset: number): void {
  target.writeUInt16LE(length, at);
  target.writeUInt16LE(length, at + 2);
  target.writeUInt32LE(offset, at + 4);
}

function avPair(id: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(id, 0);
  head.writeUInt16LE(value.length, 2);
  return Buffer.concat([head, value]);
}

/** NTLMv2_CLIENT_CHALLENGE (2.2.2.7): its shape and time are checked, its pairs returned. */
function readClientChallenge(blob: Buffer, time: bigint): ReadonlyMap<number, Buffer> {
  if (blob.length < 32 || blob[0] !== 1 || blob[1] !== 1) throw new Error("the client challenge is damaged");
  const pairs = new Map<number, Buffer>();
  for (let at = 28; at + 4 <= blob.length; ) {
    const [id, length] = [blob.readUInt16LE(at), blob.readUInt16LE(at + 2)];
    if (id === 0) break;
    if (at + 4 + length > blob.length) throw new Error("the client challenge is damaged");
    pairs.set(id, blob.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  const age = time - blob.readBigUInt64LE(8);
  if (age > FRESH_FOR || -age > FRESH_FOR) throw new Error("the clocks are too far apart");
  return pairs;
}
