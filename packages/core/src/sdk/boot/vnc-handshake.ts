// The opening of a VNC connection (RFC 6143 §7.1 to §7.3), versions 3.3, 3.7 and 3.8, without security or with a password.
import { printable } from "../../communicator/printable.ts";
import { CommunicatorError } from "../../diagnostics/error.ts";
import { answerChallenge } from "./vnc-password.ts";

/** A connection as the handshake sees it. */
export interface VncPeer {
  /** Exactly that many bytes; rejects when the connection ends or the signal is aborted. */
  read(length: number): Promise<Buffer>;
  write(bytes: Uint8Array): void;
}

/** Speaks the opening, after which key events may be sent. Throws `CommunicatorError`: TPK5002 for a wrong or missing password. */
export async function openVnc(peer: VncPeer, password: string | undefined): Promise<void> {
  const version = await agreeOnVersion(peer);
  const security = version === 3 ? await givenSecurity(peer) : await chooseSecurity(peer, password);
  if (security === VNC_AUTHENTICATION) {
    if (password === undefined) throw refused("the VNC server asks for a password, and there is none");
    peer.write(answerChallenge(await peer.read(16), password));
  }
  if (security === VNC_AUTHENTICATION || version === 8) await readSecurityResult(peer, version);
  peer.write(Uint8Array.of(SHARED));
  await skipServerInit(peer);
}

// --- internal ---

const NO_SECURITY = 1;
const VNC_AUTHENTICATION = 2;
/** Others may look on meanwhile: a viewer that the user has open is not thrown out. */
const SHARED = 1;
const LONGEST_REASON = 1024;
const LONGEST_NAME = 65_536;

/** The minor version that both sides speak: 3, 7 or 8. */
async function agreeOnVersion(peer: VncPeer): Promise<3 | 7 | 8> {
  const greeting = (await peer.read(12)).toString("latin1");
  const match = /^RFB (\d{3})\.(\d{3})\n$/.exec(greeting);
  if (match === null) throw noServer("what answers there is no VNC server");
  const [major, minor] = [Number(match[1]), Number(match[2])];
  // Versions between these do not exist; servers that name one mean 3.3 (§7.1.1).
  const version = major > 3 || (major === 3 && minor >= 8) ? 8 : major === 3 && minor === 7 ? 7 : 3;
  peer.write(Buffer.from(`RFB 003.00${version}\n`, "latin1"));
  return version;
}

/** Version 3.3: the server decides. */
async function givenSecurity(peer: VncPeer): Promise<number> {
  const type = (await peer.read(4)).readUInt32BE();
  if (type === 0) throw refused(`the VNC server refuses the connection: ${await readReason(peer)}`);
  if (type !== NO_SECURITY && type !== VNC_AUTHENTICATION) throw unsupported([type]);
  return type;
}

async function chooseSecurity(peer: VncPeer, password: string | undefined): Promise<number> {
  const [count = 0] = await peer.read(1);
  if (count === 0) throw refused(`the VNC server refuses the connection: ${await readReason(peer)}`);
  const offered = [...(await peer.read(count))];
  const wanted = password === undefined ? [NO_SECURITY, VNC_AUTHENTICATION] : [VNC_AUTHENTICATION, NO_SECURITY];
  const chosen = wanted.find((type) => offered.includes(type));
  if (chosen === undefined) throw unsupported(offered);
  peer.write(Uint8Array.of(chosen));
  return chosen;
}

async function readSecurityResult(peer: VncPeer, version: 3 | 7 | 8): Promise<void> {
  const result = (await peer.read(4)).readUInt32BE();
  if (result === 0) return;
  const reason = version === 8 ? `: ${await readReason(peer)}` : "";
  throw refused(`the VNC server refuses the password${reason}`);
}

async function readReason(peer: VncPeer): Promise<string> {
  const length = (await peer.read(4)).readUInt32BE();
  const text = (await peer.read(Math.min(length, LONGEST_REASON))).toString("utf8");
  return printable(text);
}

/** Size, pixel format and name of the screen are of no interest to one who only types. */
async function skipServerInit(peer: VncPeer): Promise<void> {
  const init = await peer.read(24);
  const length = init.readUInt32BE(20);
  if (length > LONGEST_NAME) throw noServer("the VNC server sends a name that is too long");
  await peer.read(length);
}

function noServer(message: string): CommunicatorError {
  return new CommunicatorError(message, { code: "TPK5001" });
}

function refused(message: string): CommunicatorError {
  return new CommunicatorError(message, { code: "TPK5002" });
}

function unsupported(types: readonly number[]): CommunicatorError {
  return new CommunicatorError(
    `the VNC server offers only ways of security that are not supported (types ${types.slice(0, 10).join(", ")}): wanted are none or a password`,
    { code: "TPK5006" },
  );
}
