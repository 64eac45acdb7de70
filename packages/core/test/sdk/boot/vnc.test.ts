import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { rejects, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { errorText } from "../../../src/diagnostics/error.ts";
import { connectVnc } from "../../../src/sdk/boot/vnc.ts";
import { answerChallenge } from "../../../src/sdk/boot/vnc-password.ts";

const { signal } = new AbortController();
const init = [...Array.from({ length: 23 }, () => 0), 1, 0x41];
const text = (value: string): number[] => [...Buffer.from(value, "latin1")];

/** What a server says, one byte at a time if wanted, and what it hears meanwhile. */
async function serve(says: readonly number[], { split = false } = {}) {
  let peer: Socket | undefined;
  let heard = Buffer.alloc(0);
  const server = createServer((socket) => {
    peer = socket;
    socket.on("error", () => undefined);
    socket.on("data", (bytes) => {
      heard = Buffer.concat([heard, bytes]);
      server.emit("heard");
    });
    if (!split) socket.write(Buffer.from(says));
    else for (const byte of says) socket.write(Buffer.of(byte));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: { host: "127.0.0.1", port: (server.address() as AddressInfo).port },
    async hears(length: number): Promise<number[]> {
      while (heard.length < length) await once(server, "heard");
      return [...heard];
    },
    say: (bytes: readonly number[]) => peer?.write(Buffer.from(bytes)),
    close() {
      peer?.destroy();
      server.close();
    },
  };
}

const none = [0, 0, 0, 0];
const openings: readonly [string, number[], number[]][] = [
  ["3.3 without security", [...text("RFB 003.003\n"), 0, 0, 0, 1, ...init], [...text("RFB 003.003\n"), 1]],
  ["3.7 without security", [...text("RFB 003.007\n"), 2, 16, 1, ...init], [...text("RFB 003.007\n"), 1, 1]],
  ["3.8 without security", [...text("RFB 003.008\n"), 1, 1, ...none, ...init], [...text("RFB 003.008\n"), 1, 1]],
  ["a version between these", [...text("RFB 003.005\n"), 0, 0, 0, 1, ...init], [...text("RFB 003.003\n"), 1]],
  ["a later version", [...text("RFB 004.001\n"), 1, 1, ...none, ...init], [...text("RFB 003.008\n"), 1, 1]],
];

for (const [name, says, answers] of openings) {
  test(`a server of ${name} is typed at, whatever else it sends`, async () => {
    const server = await serve(says, { split: true });
    const vnc = await within(20_000, () => connectVnc({ address: server.address, signal }));
    server.say([2, 3, 0, 0, 0, 0, 0, 2, 65, 66, 0, 0, 255]);
    await vnc.send([{ key: { character: "A" }, down: true }], signal);
    await vnc.send([{ key: { special: "enter" }, down: false }], signal);
    const events = [4, 1, 0, 0, 0, 0, 0, 0x41, 4, 0, 0, 0, 0, 0, 0xff, 0x0d];
    assert.equal(await within(20_000, () => server.hears(answers.length + events.length)), [...answers, ...events]);
    vnc.close();
    server.close();
  });
}

test("eight bytes of a password count", () => {
  const challenge = Buffer.from("0123456789abcdef");
  assert.equal(answerChallenge(challenge, "password and more"), answerChallenge(challenge, "password"));
  assert.not.equal(answerChallenge(challenge, "passwort"), answerChallenge(challenge, "password"));
});

const refusals: readonly [string, number[], string, RegExp][] = [
  ["says why it refuses", [...text("RFB 003.008\n"), 0, 0, 0, 0, 4, ...text("full")], "TPK5002", /refuses the connection: full$/],
  ["says so in 3.3", [...text("RFB 003.003\n"), 0, 0, 0, 0, 0, 0, 0, 3, ...text("a\u0007b")], "TPK5002", /refuses the connection: a b$/],
  ["wants other security", [...text("RFB 003.008\n"), 2, 16, 19], "TPK5006", /types 16, 19/],
  ["is none", text("SSH-2.0-OpenSSH_9.2\r\n"), "TPK5001", /is no VNC server$/],
  [
    "has a name that is too long",
    [...text("RFB 003.008\n"), 1, 1, ...none, ...init.slice(0, 20), 255, 0, 0, 0],
    "TPK5001",
    /name that is too long/,
  ],
];

for (const [name, says, code, message] of refusals) {
  test(`a server that ${name} is told of`, async () => {
    const server = await serve(says);
    const error = await rejects(
      within(20_000, () => connectVnc({ address: server.address, password: "x", signal })),
      { code },
    );
    assert.match(errorText(error), message);
    server.close();
  });
}

test("a server that says nothing, hangs up, is not there or is not waited for any longer, is told of", async () => {
  const silent = await serve([]);
  await rejects(connectVnc({ address: silent.address, signal, limitMs: 20 }), { code: "TPK5001", message: /within 0\.02 s$/ });
  const abort = new AbortController();
  const connecting = connectVnc({ address: silent.address, signal: abort.signal });
  abort.abort();
  await rejects(connecting, { code: "TPK6009" });
  await rejects(connectVnc({ address: silent.address, signal: abort.signal }), { code: "TPK6009" });
  const hanging = connectVnc({ address: silent.address, signal });
  await silent.hears(0);
  silent.close();
  const error = await rejects(hanging, { code: "TPK5001" });
  assert.match(errorText(error), /no VNC connection to 127\.0\.0\.1:\d+ could be made/);
  const sixth = await rejects(connectVnc({ address: { host: "::1", port: 1 }, signal }), { code: "TPK5001" });
  assert.match(errorText(sixth), "no VNC connection to [::1]:1 could be made");
  await rejects(connectVnc({ address: silent.address, signal }), { code: "TPK5001" });
});

test.run();
