// Vectors: RFC 1320 §A.5, RFC 6229 §2, MS-NLMP §4.2.4.
import { createHmac } from "node:crypto";
import { rejects } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { md4 } from "../../../src/communicator/winrm/md4.ts";
import { answerChallenge, negotiateMessage } from "../../../src/communicator/winrm/ntlm.ts";
import { Rc4 } from "../../../src/communicator/winrm/rc4.ts";
import { Sealing } from "../../../src/communicator/winrm/sealing.ts";

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");
const text16 = (text: string): Buffer => Buffer.from(text, "utf16le");

test("MD4 gives the digests of RFC 1320", () => {
  const digests = {
    "": "31d6cfe0d16ae931b73c59d7e0c089c0",
    a: "bde52cb31de33e46245e05fbdbd6fb24",
    "message digest": "d9130a8164549fe818874806e1c7014b",
    ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789: "043f8582f241db351ce627e153e7f0e4",
    "12345678901234567890123456789012345678901234567890123456789012345678901234567890": "e33b4ddc9c38f2199c3e7b164fcc0536",
  };
  for (const [text, digest] of Object.entries(digests)) assert.is(md4(Buffer.from(text)).toString("hex"), digest, text);
});

test("RC4 gives the key streams of RFC 6229, however they are cut", () => {
  const cipher = new Rc4(hex("0102030405060708090a0b0c0d0e0f10"));
  const stream = Buffer.concat([cipher.apply(Buffer.alloc(5)), cipher.apply(Buffer.alloc(251))]);
  assert.is(stream.subarray(0, 16).toString("hex"), "9ac7cc9a609d1ef7b2932899cde41b97");
  assert.is(stream.subarray(240, 256).toString("hex"), "065902e4b620f6cc36c8589f66432f2b");
});

/** The challenge of MS-NLMP §4.2.4.3. */
const challenge = hex(
  "4e544c4d53535000 02000000 0c000c0038000000 33828ae2 0123456789abcdef 0000000000000000 2400240044000000 0600701700000 00f" +
    "530065007200760065007200 02000c0044006f006d00610069006e00 01000c005300650072007600650072000000 0000",
);
const randomness = { clientChallenge: Buffer.alloc(8, 0xaa), sessionKey: Buffer.alloc(16, 0x55), nowMs: -11_644_473_600_000 };
const credentials = { user: "Domain\\User", password: "Password" };

/** The parts of an AUTHENTICATE_MESSAGE. */
function parts(message: Buffer): readonly Buffer[] {
  return [12, 20, 28, 36, 44, 52].map((at) => {
    const start = message.readUInt32LE(at + 4);
    return message.subarray(start, start + message.readUInt16LE(at));
  });
}

test("the answer to a challenge is that of MS-NLMP 4.2.4", () => {
  const { message, sessionKey } = answerChallenge(challenge, { credentials, seals: true, randomness });
  const [lm, nt, domain, user, workstation, key] = parts(message);
  assert.is(lm?.toString("hex"), "86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa");
  assert.is(nt?.subarray(0, 16).toString("hex"), "68cd0ab851e51c96aabc927bebef6a1c");
  assert.equal([domain, user, workstation], [text16("Domain"), text16("User"), Buffer.alloc(0)]);
  assert.is(key?.toString("hex"), "c5dad2544fc9799094ce1ce90bc9d03e");
  assert.equal(sessionKey, randomness.sessionKey);
  assert.equal(message.subarray(72, 88), Buffer.alloc(16));
});

test("a message is sealed as in MS-NLMP 4.2.4.4, in the envelope of WinRM", () => {
  const body = new Sealing(randomness.sessionKey).wrap(text16("Plaintext")).toString("latin1");
  assert.is(
    body,
    "--Encrypted Boundary\r\n\tContent-Type: application/HTTP-SPNEGO-session-encrypted\r\n" +
      "\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length=18\r\n" +
      "--Encrypted Boundary\r\n\tContent-Type: application/octet-stream\r\n" +
      hex("10000000 01000000 7fb38ec5c55d4976 00000000 54e50165bf1936dc996020c1811b0f06fb5f").toString("latin1") +
      "--Encrypted Boundary--\r\n",
  );
});

test("sealed answers are opened in their order; one that was changed, left out or is no sealed one is refused", () => {
  const server = new Sealing(randomness.sessionKey, "server");
  const client = new Sealing(randomness.sessionKey);
  const answers = ["one", "", "--Encrypted Boundary\r\n"].map((text) => server.wrap(Buffer.from(text)));
  assert.equal(
    answers.map((answer) => client.unwrap(answer).toString()),
    ["one", "", "--Encrypted Boundary\r\n"],
  );
  const spaced = server.wrap(Buffer.from("spaced")).toString("latin1").replaceAll("--Encrypted", "-- Encrypted");
  assert.is(client.unwrap(Buffer.from(spaced, "latin1")).toString(), "spaced");
  const changed = server.wrap(Buffer.from("four"));
  changed.writeUInt8(changed.readUInt8(changed.length - 27) ^ 1, changed.length - 27);
  server.wrap(Buffer.from("five"));
  const refused: readonly Buffer[] = [changed, server.wrap(Buffer.from("six")), Buffer.from("<xml/>"), changed.subarray(0, 150)];
  for (const answer of refused) assert.throws(() => client.unwrap(answer), /not sealed/);
});

test("a server that tells its time gets a checksum over all three messages", () => {
  const time = hex("0090d336b734c301");
  const timed = Buffer.concat([challenge.subarray(0, challenge.length - 4), hex("07000800"), time, hex("00000000")]);
  timed.writeUInt16LE(timed.readUInt16LE(40) + 12, 40);
  timed.writeUInt16LE(timed.readUInt16LE(40), 42);
  const { message, sessionKey } = answerChallenge(timed, { credentials, seals: false, randomness });
  const [lm, nt] = parts(message);
  assert.equal(lm, Buffer.alloc(24));
  assert.equal(nt?.subarray(24, 32), time);
  assert.match(nt?.toString("hex") ?? "", /0600040002000000/);
  const withoutMic = Buffer.from(message);
  const mic = Buffer.from(message.subarray(72, 88));
  withoutMic.fill(0, 72, 88);
  const whole = Buffer.concat([negotiateMessage(false), timed, withoutMic]);
  assert.equal(mic, createHmac("md5", sessionKey).update(whole).digest());
});

test("a user's name goes into the key letter by letter, and ß stays; names with a domain behind them are whole", () => {
  const proofOf = (user: string) =>
    parts(answerChallenge(challenge, { credentials: { user, password: "Password" }, seals: true, randomness }).message)[1];
  assert.equal(proofOf("GRÜße\u{1F600}"), proofOf("grüßE\u{1F600}"));
  assert.not.equal(proofOf("grüße"), proofOf("grüSSe"));
  assert.equal(
    parts(answerChallenge(challenge, { credentials: { user: "jo@example.org", password: "ä" }, seals: true, randomness }).message).slice(
      2,
      4,
    ),
    [Buffer.alloc(0), text16("jo@example.org")],
  );
});

test("challenges that cannot be read, or that offer no session security, are refused", async () => {
  const weak = Buffer.from(challenge);
  weak.writeUInt32LE(0x00000201, 20);
  const long = Buffer.from(challenge);
  long.writeUInt16LE(60_000, 40);
  const cases: readonly (readonly [Buffer, RegExp])[] = [
    [weak, /lacks the session security/],
    [long, /cannot be read/],
    [Buffer.from("NTLMSSP\0"), /cannot be read/],
    [Buffer.alloc(100), /cannot be read/],
  ];
  for (const [message, reason] of cases) {
    const answered = Promise.resolve().then(() => answerChallenge(message, { credentials, seals: true, randomness }));
    await rejects(answered, { code: "TPK5001", message: reason });
  }
});

test.run();
