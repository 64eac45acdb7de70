// NTLMv2 for the client (MS-NLMP §2.2.1, §3.1.5, §3.3.2): three messages, and the key of the session that they agree on.
import { createHmac, randomBytes } from "node:crypto";
import { CommunicatorError } from "../../diagnostics/error.ts";
import { md4 } from "./md4.ts";
import { Rc4 } from "./rc4.ts";

/** Who logs in. */
export interface NtlmCredentials {
  /** `DOMAIN\user`, `user@domain` or `user`. */
  readonly user: string;
  readonly password: string;
}

/** What is different in every handshake; tests give the values of the specification's examples. */
export interface NtlmRandomness {
  /** 8 bytes. */
  readonly clientChallenge: Uint8Array;
  /** 16 bytes. */
  readonly sessionKey: Uint8Array;
  readonly nowMs: number;
}

/** What a challenge is answered with, and what both sides know then. */
export interface NtlmAnswer {
  /** The AUTHENTICATE_MESSAGE. */
  readonly message: Buffer;
  /** The ExportedSessionKey that signing and sealing start from. */
  readonly sessionKey: Buffer;
}

/** The first message (MS-NLMP §2.2.1.1). `seals`: the messages behind the handshake will be sealed. */
export function negotiateMessage(seals: boolean): Buffer {
  const message = Buffer.alloc(40);
  writeHeader(message, 1);
  message.writeUInt32LE(offeredFlags(seals), 12);
  writeVersion(message, 32);
  return message;
}

/**
 * The third message (MS-NLMP §2.2.1.3), which answers the server's second. Throws `CommunicatorError` (TPK5001) for a challenge that
 * cannot be read or that lacks what is needed.
 */
export function answerChallenge(
  challengeMessage: Uint8Array,
  options: { readonly credentials: NtlmCredentials; readonly seals: boolean; readonly randomness?: NtlmRandomness },
): NtlmAnswer {
  const { credentials, seals, randomness = drawRandomness() } = options;
  const challenge = readChallenge(Buffer.from(challengeMessage));
  const flags = (offeredFlags(seals) & challenge.flags) >>> 0;
  requireFlags(flags, seals);
  const { user, domain } = splitUser(credentials.user);
  const responseKey = ntowfv2({ user, domain, password: credentials.password });
  const serverTime = challenge.targetInfo.find(([id]) => id === AV_TIMESTAMP)?.[1];
  const targetInfo = writeTargetInfo(challenge.targetInfo, serverTime !== undefined);
  const time = serverTime ?? fileTime(randomness.nowMs);
  const response = ntlmv2Response({ responseKey, time, targetInfo, serverChallenge: challenge.serverChallenge, randomness });
  const exchanges = (flags & Flag.KEY_EXCHANGE) !== 0;
  const sessionKey = exchanges ? Buffer.from(randomness.sessionKey) : response.sessionBaseKey;
  const encryptedKey = exchanges ? new Rc4(response.sessionBaseKey).apply(sessionKey) : Buffer.alloc(0);
  // A server that tells its time wants no LMv2 response (MS-NLMP §3.1.5.1.2).
  const lmResponse = serverTime === undefined ? response.lmResponse : Buffer.alloc(24);
  const payload = [lmResponse, response.ntResponse, utf16(domain), utf16(user), Buffer.alloc(0), encryptedKey];
  const message = writeAuthenticate(payload, flags);
  if (serverTime !== undefined) {
    const parts = Buffer.concat([negotiateMessage(seals), challengeMessage, message]);
    hmacMd5(sessionKey, parts).copy(message, MIC_OFFSET);
  }
  return { message, sessionKey };
}

// --- internal ---

/** MS-NLMP §2.2.2.5. */
const Flag = {
  UNICODE: 0x1,
  REQUEST_TARGET: 0x4,
  SIGN: 0x10,
  SEAL: 0x20,
  NTLM: 0x200,
  ALWAYS_SIGN: 0x8000,
  EXTENDED_SECURITY: 0x80000,
  TARGET_INFO: 0x800000,
  VERSION: 0x2000000,
  KEY_128: 0x20000000,
  KEY_EXCHANGE: 0x40000000,
  KEY_56: 0x80000000,
} as const;

/** MS-NLMP §2.2.2.1. */
const AV_END = 0;
const AV_FLAGS = 6;
const AV_TIMESTAMP = 7;
const AV_FLAG_MIC = 2;

const SIGNATURE = Buffer.from("NTLMSSP\0", "latin1");
const MIC_OFFSET = 72;
const PAYLOAD_OFFSET = 88;

type AvPair = readonly [id: number, value: Buffer];

interface Challenge {
  readonly flags: number;
  readonly serverChallenge: Buffer;
  readonly targetInfo: readonly AvPair[];
}

function offeredFlags(seals: boolean): number {
  const always =
    Flag.UNICODE |
    Flag.REQUEST_TARGET |
    Flag.NTLM |
    Flag.ALWAYS_SIGN |
    Flag.EXTENDED_SECURITY |
    Flag.TARGET_INFO |
    Flag.VERSION |
    Flag.KEY_128 |
    Flag.KEY_56;
  // A key of our own is for messages that are signed or sealed. Where none are, servers do not agree whether it counts (MS-NLMP
  // §3.2.5.1.2 says that it does not), and take the checksum of the handshake for wrong.
  return (seals ? always | Flag.SIGN | Flag.SEAL | Flag.KEY_EXCHANGE : always) >>> 0;
}

function requireFlags(flags: number, seals: boolean): void {
  const needed = Flag.UNICODE | Flag.EXTENDED_SECURITY | (seals ? Flag.SIGN | Flag.SEAL | Flag.KEY_128 | Flag.KEY_EXCHANGE : 0);
  if ((flags & needed) !== needed) {
    throw new CommunicatorError("the machine's NTLM lacks the session security of NTLMv2", {
      code: "TPK5001",
      hint: "Talk to it by HTTPS: winrm_use_ssl.",
    });
  }
}

function readChallenge(message: Buffer): Challenge {
  if (message.length < 48 || !message.subarray(0, 8).equals(SIGNATURE) || message.readUInt32LE(8) !== 2) throw malformed();
  const length = message.readUInt16LE(40);
  const offset = message.readUInt32LE(44);
  if (offset + length > message.length) throw malformed();
  const targetInfo: AvPair[] = [];
  for (let rest = message.subarray(offset, offset + length); rest.length >= 4; ) {
    const id = rest.readUInt16LE(0);
    const end = 4 + rest.readUInt16LE(2);
    if (id === AV_END) break;
    if (end > rest.length) throw malformed();
    targetInfo.push([id, rest.subarray(4, end)]);
    rest = rest.subarray(end);
  }
  const time = targetInfo.find(([id]) => id === AV_TIMESTAMP)?.[1];
  if (time !== undefined && time.length !== 8) throw malformed();
  return { flags: message.readUInt32LE(20), serverChallenge: message.subarray(24, 32), targetInfo };
}

function malformed(): CommunicatorError {
  return new CommunicatorError("the machine's NTLM challenge cannot be read", { code: "TPK5001" });
}

/** The server's list, and a flag that says that the third message has a checksum over all three. */
function writeTargetInfo(pairs: readonly AvPair[], withMic: boolean): Buffer {
  const given = pairs.find(([id]) => id === AV_FLAGS)?.[1];
  const flags = Buffer.alloc(4);
  flags.writeUInt32LE(((given?.length === 4 ? given.readUInt32LE(0) : 0) | AV_FLAG_MIC) >>> 0);
  const all: readonly AvPair[] = withMic ? [...pairs.filter(([id]) => id !== AV_FLAGS), [AV_FLAGS, flags]] : pairs;
  const parts = [...all, [AV_END, Buffer.alloc(0)] as const].map(([id, value]) => {
    const head = Buffer.alloc(4);
    head.writeUInt16LE(id, 0);
    head.writeUInt16LE(value.length, 2);
    return Buffer.concat([head, value]);
  });
  return Buffer.concat(parts);
}

/** MS-NLMP §3.3.2. */
function ntowfv2(login: { readonly user: string; readonly domain: string; readonly password: string }): Buffer {
  return hmacMd5(md4(utf16(login.password)), utf16(upperCase(login.user) + login.domain));
}

/** Letter by letter, as Windows does it: `ß` has no upper case of one letter, and stays. */
function upperCase(text: string): string {
  return text.replace(/./gsu, (letter) => (letter.toUpperCase().length === letter.length ? letter.toUpperCase() : letter));
}

function ntlmv2Response(options: {
  readonly responseKey: Buffer;
  readonly time: Buffer;
  readonly targetInfo: Buffer;
  readonly serverChallenge: Buffer;
  readonly randomness: NtlmRandomness;
}): { readonly ntResponse: Buffer; readonly lmResponse: Buffer; readonly sessionBaseKey: Buffer } {
  const { responseKey, time, targetInfo, serverChallenge } = options;
  const { clientChallenge } = options.randomness;
  const versions = Buffer.from([1, 1, 0, 0, 0, 0, 0, 0]);
  const blob = Buffer.concat([versions, time, clientChallenge, Buffer.alloc(4), targetInfo, Buffer.alloc(4)]);
  const proof = hmacMd5(responseKey, Buffer.concat([serverChallenge, blob]));
  const lmProof = hmacMd5(responseKey, Buffer.concat([serverChallenge, clientChallenge]));
  return {
    ntResponse: Buffer.concat([proof, blob]),
    lmResponse: Buffer.concat([lmProof, clientChallenge]),
    sessionBaseKey: hmacMd5(responseKey, proof),
  };
}

/** `parts`: LM response, NT response, domain, user, workstation, session key. */
function writeAuthenticate(parts: readonly Buffer[], flags: number): Buffer {
  const message = Buffer.concat([Buffer.alloc(PAYLOAD_OFFSET), ...parts]);
  writeHeader(message, 3);
  let offset = PAYLOAD_OFFSET;
  for (const [index, part] of parts.entries()) {
    const field = 12 + index * 8;
    message.writeUInt16LE(part.length, field);
    message.writeUInt16LE(part.length, field + 2);
    message.writeUInt32LE(offset, field + 4);
    offset += part.length;
  }
  message.writeUInt32LE(flags, 60);
  writeVersion(message, 64);
  return message;
}

function writeHeader(message: Buffer, type: number): void {
  SIGNATURE.copy(message);
  message.writeUInt32LE(type, 8);
}

/** Windows 10 in its first release, NTLM revision 15 (MS-NLMP §2.2.2.10): servers only log it. */
function writeVersion(message: Buffer, offset: number): void {
  Buffer.from([10, 0, 0x00, 0x28, 0, 0, 0, 15]).copy(message, offset);
}

function splitUser(text: string): { readonly user: string; readonly domain: string } {
  const cut = text.indexOf("\\");
  return cut < 0 ? { user: text, domain: "" } : { user: text.slice(cut + 1), domain: text.slice(0, cut) };
}

/** 100 ns since 1601 (MS-DTYP §2.3.3). */
function fileTime(nowMs: number): Buffer {
  const time = Buffer.alloc(8);
  time.writeBigUInt64LE((BigInt(Math.round(nowMs)) + 11_644_473_600_000n) * 10_000n);
  return time;
}

function drawRandomness(): NtlmRandomness {
  return { clientChallenge: randomBytes(8), sessionKey: randomBytes(16), nowMs: Date.now() };
}

function utf16(text: string): Buffer {
  return Buffer.from(text, "utf16le");
}

function hmacMd5(key: Uint8Array, bytes: Uint8Array): Buffer {
  return createHmac("md5", key).update(bytes).digest();
}
