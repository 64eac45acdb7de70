// Bodies sealed by the login: MS-WSMV 2.2.9.1.1. They look like MIME, but their parts do not end with a line break.
import type { NtlmSession } from "./ntlm/server.ts";

/** What sealed answers are sent as. */
export const SEALED_TYPE = 'multipart/encrypted;protocol="application/HTTP-SPNEGO-session-encrypted";boundary="Encrypted Boundary"';

/** Whether a body of this content type is sealed. */
export function isSealed(contentType: string): boolean {
  return /^multipart\/encrypted\b/i.test(contentType);
}

/** The message in a sealed body, with its own content type. Throws an Error that says what is wrong. */
export function openBody(body: Buffer, contentType: string, session: NtlmSession): { type: string; message: Buffer } {
  if (!/protocol="application\/HTTP-SPNEGO-session-encrypted"/i.test(contentType)) throw new Error("the protocol is not SPNEGO");
  const boundary = `--${/boundary="([^"]+)"/i.exec(contentType)?.[1] ?? ""}`;
  const text = body.toString("latin1");
  const head = new RegExp(
    `^${boundary}\\r\\n\\s*Content-Type:\\s*application/HTTP-SPNEGO-session-encrypted\\r\\n` +
      `\\s*OriginalContent:\\s*type=(.+);Length=(\\d+)\\r\\n${boundary}\\r\\n\\s*Content-Type:\\s*application/octet-stream\\r\\n`,
    "i",
  ).exec(text);
  if (head === null) throw new Error("the parts of the body are not as they should be");
  const end = body.length - `${boundary}--\r\n`.length;
  if (text.slice(end) !== `${boundary}--\r\n`) throw new Error("the last boundary is missing");
  const sealed = body.subarray(head[0].length, end);
  if (sealed.length < 20 || sealed.readUInt32LE() !== 16) throw new Error("the signature has the wrong size");
  const message = session.fromClient.open({ signature: sealed.subarray(4, 20), data: sealed.subarray(20) });
  if (message.length !== Number(head[2])) throw new Error(`the message has ${message.length} bytes and not ${head[2]}`);
  return { type: head[1] ?? "", message };
}

/** Seals an answer. */
export function sealBody(message: Buffer, type: string, session: NtlmSession): Buffer {
  const { signature, data } = session.fromServer.seal(message);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(signature.length);
  return Buffer.concat([
    Buffer.from(
      "--Encrypted Boundary\r\n\tContent-Type: application/HTTP-SPNEGO-session-encrypted\r\n" +
        `\tOriginalContent: type=${type};Length=${message.length}\r\n` +
        "--Encrypted Boundary\r\n\tContent-Type: application/octet-stream\r\n",
    ),
    size,
    signature,
    data,
    Buffer.from("--Encrypted Boundary--\r\n"),
  ]);
}
