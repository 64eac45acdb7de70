// The examples of MS-NLMP 4.2.4 and RFC 1320 A.5. The clients of clients.test.ts do the rest.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { md4 } from "../../../../../test/support/src/winrm/ntlm/md4.ts";
import { Rc4 } from "../../../../../test/support/src/winrm/ntlm/rc4.ts";
import { SealingDirection } from "../../../../../test/support/src/winrm/ntlm/sealing.ts";
import { NtlmLogin, ntowfv2 } from "../../../../../test/support/src/winrm/ntlm/server.ts";

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s+/g, ""), "hex");

test("MD4 gives the digests of RFC 1320", () => {
  const digests = {
    "": "31d6cfe0d16ae931b73c59d7e0c089c0",
    a: "bde52cb31de33e46245e05fbdbd6fb24",
    "message digest": "d9130a8164549fe818874806e1c7014b",
    ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789: "043f8582f241db351ce627e153e7f0e4",
    "12345678901234567890123456789012345678901234567890123456789012345678901234567890": "e33b4ddc9c38f2199c3e7b164fcc0536",
  };
  for (const [text, digest] of Object.entries(digests)) assert.is(md4(Buffer.from(text)).toString("hex"), digest);
});

test("RC4 is the one of RFC 6229", () => {
  assert.is(new Rc4(hex("0102030405")).apply(Buffer.alloc(16)).toString("hex"), "b2396305f03dc027ccc3524a0a1118a8");
});

// 4.2.4.3: the NEGOTIATE_MESSAGE only needs the flags of that exchange.
const negotiate = hex("4e544c4d53535000 01000000 338208e2 0000000000000000 0000000000000000 0601b11d0000000f");
const authenticate = hex(`
  4e544c4d53535000 03000000 180018006c000000 5400540084000000 0c000c0048000000 0800080054000000 100010005c000000 10001000d8000000
  358288e2 0501280a0000000f 44006f006d00610069006e00 5500730065007200 43004f004d0050005500540045005200
  86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa
  68cd0ab851e51c96aabc927bebef6a1c 0101000000000000 0000000000000000 aaaaaaaaaaaaaaaa 00000000
  02000c0044006f006d00610069006e00 01000c005300650072007600650072000000000000000000
  c5dad2544fc979909 4ce1ce90bc9d03e`);
const fixed = { serverChallenge: hex("0123456789abcdef"), time: 0n };
const login = (user: string, password: string) => new NtlmLogin(negotiate, { user, password }, fixed);

test("the login of MS-NLMP is accepted, and opens the message that its example seals", () => {
  assert.is(ntowfv2("User", "Password", "Domain").toString("hex"), "0c868a403bfd7a93a3001ef22ef02e3f");
  const session = login("User", "Password").finish(authenticate);
  const sealed = { signature: hex("01000000 7fb38ec5c55d4976 00000000"), data: hex("54e50165bf1936dc996020c1811b0f06fb5f") };
  assert.is(session.fromClient.open(sealed).toString("utf16le"), "Plaintext");
  assert.throws(() => session.fromClient.open(sealed), /signature is wrong/, "the same message again is not the next one");
});

test("a login with anything wrong in it is refused, and says why", () => {
  const changed = (at: number, byte: number): Buffer => {
    const copy = Buffer.from(authenticate);
    copy[at] = byte;
    return copy;
  };
  assert.throws(() => login("User", "password").finish(authenticate), /the password is wrong/);
  assert.throws(() => login("Other", "Password").finish(authenticate), /no such user/);
  assert.throws(() => login("User", "Password").finish(changed(200, 1)), /the password is wrong/, "the proof covers the names");
  assert.throws(() => login("User", "Password").finish(changed(32, 0xff)), /outside/);
  assert.throws(() => new NtlmLogin(negotiate, { user: "User", password: "Password" }).finish(authenticate), /the password is wrong/);
  const late = new NtlmLogin(negotiate, { user: "User", password: "Password" }, { ...fixed, time: 31n * 60n * 10_000_000n });
  assert.throws(() => late.finish(authenticate), /clocks/);
  assert.throws(() => login("User", "Password").finish(authenticate.subarray(0, 40)), /too short/);
  assert.throws(() => new NtlmLogin(Buffer.from("NTLMSSP\0"), { user: "", password: "" }), /no NTLM message/);
});

test("both directions have keys of their own", () => {
  const key = Buffer.alloc(16, 0x55);
  const plain = Buffer.from("Plaintext", "utf16le");
  const [client, server] = [new SealingDirection(key, "client", true).seal(plain), new SealingDirection(key, "server", true).seal(plain)];
  assert.is(client.data.toString("hex"), "54e50165bf1936dc996020c1811b0f06fb5f");
  assert.is.not(server.data.toString("hex"), client.data.toString("hex"));
  const opened = new SealingDirection(key, "server", true).open(server);
  assert.ok(opened.equals(plain));
  server.data[0] = (server.data[0] ?? 0) ^ 1;
  assert.throws(() => new SealingDirection(key, "server", true).open(server), /signature is wrong/);
});

test.run();
