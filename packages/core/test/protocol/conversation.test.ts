// A whole conversation, replayed cut in two at every place and byte by byte: what is understood does not depend on how bytes arrive.
import { once } from "node:events";
import { Duplex } from "node:stream";
import { within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { createBroker } from "../../src/protocol/broker/broker.ts";
import { createRpcClient } from "../../src/protocol/rpc/client.ts";
import { serveRpc } from "../../src/protocol/rpc/server.ts";
import { startSession } from "../../src/protocol/yamux/session.ts";

/** A connection whose other end is a test: it takes what is pushed and keeps what is written. */
function tape(): Duplex & { readonly written: Buffer[] } {
  const written: Buffer[] = [];
  const end = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, callback) {
      written.push(chunk);
      callback();
    },
  });
  return Object.assign(end, { written });
}

/** A plugin that notes what it is called with; its main stream and one more, of its own number 1. */
function startPlugin(connection: Duplex): { readonly calls: unknown[]; readonly done: Promise<unknown> } {
  const calls: unknown[] = [];
  const session = startSession(connection, { role: "server" });
  const broker = createBroker(session);
  const note = (argument: unknown, call: { readonly method: string }): unknown => {
    calls.push([call.method, argument]);
    return argument;
  };
  const main = broker.accept(0).then((stream) => serveRpc(stream, new Map([["Builder", { Prepare: note, Run: note }]])).closed);
  const bytes = broker.accept(1).then(async (stream) => {
    stream.on("data", (chunk: Buffer) => calls.push(chunk.toString("latin1")));
    await once(stream, "end");
    stream.end();
  });
  return { calls, done: Promise.all([main, bytes]) };
}

/** What a host sends in the conversation, and the calls that the plugin understands; raw bytes are joined. */
async function record(): Promise<{ readonly sent: Buffer; readonly calls: string }> {
  const [near, far] = [tape(), tape()];
  const session = startSession(near, { role: "client" });
  const broker = createBroker(session);
  const plugin = startPlugin(far);
  const sent: Buffer[] = [];
  // Chunks go across as they are written, until nothing more is.
  let isOver = false;
  const carry = async (): Promise<void> => {
    while (!isOver) {
      await new Promise((resolve) => setImmediate(resolve));
      sent.push(...near.written);
      for (const chunk of near.written.splice(0)) far.push(chunk);
      for (const chunk of far.written.splice(0)) near.push(chunk);
    }
  };
  const carrying = carry();
  const main = createRpcClient(await broker.dial(0));
  const raw = await broker.dial(1);
  raw.end("raw bytes that are no message");
  raw.resume();
  await Promise.all([
    main.call("Builder.Prepare", { Configs: [{ text: "é", number: 70_000, list: [1.5, true, null] }, Buffer.from([1, 2, 3])] }),
    main.call("Builder.Run", 1),
  ]);
  main.close();
  await plugin.done;
  isOver = true;
  await carrying;
  session.close();
  return { sent: Buffer.concat(sent), calls: joined(plugin.calls) };
}

function joined(calls: readonly unknown[]): string {
  const raw = calls.filter((call) => typeof call === "string").join("");
  return JSON.stringify([raw, calls.filter((call) => typeof call !== "string")]);
}

async function replay(pieces: readonly Buffer[]): Promise<string> {
  const connection = tape();
  const plugin = startPlugin(connection);
  for (const piece of pieces) connection.push(piece);
  await plugin.done;
  connection.push(null);
  return joined(plugin.calls);
}

test("a conversation is understood wherever its bytes are cut", () =>
  within(60_000, async () => {
    const { sent, calls } = await record();
    assert.ok(sent.length > 200 && calls.includes("raw bytes that are no message") && calls.includes("70000"), `${sent.length} ${calls}`);
    for (let cut = 1; cut < sent.length; cut++) assert.is(await replay([sent.subarray(0, cut), sent.subarray(cut)]), calls, `${cut}`);
    assert.is(await replay([...sent].map((byte) => Buffer.of(byte))), calls);
    assert.is(await replay([sent]), calls);
  }));

test("a conversation that stops anywhere ends with an error or cleanly, never without an end", () =>
  within(60_000, async () => {
    const { sent } = await record();
    for (let cut = 0; cut < sent.length; cut++) {
      const connection = tape();
      const session = startSession(connection, { role: "server" });
      const broker = createBroker(session);
      const served = broker.accept(0).then(
        (stream) => serveRpc(stream, new Map()).closed,
        (error: unknown) => error,
      );
      connection.push(sent.subarray(0, cut));
      connection.push(null);
      const [, end] = await Promise.all([served, session.closed]);
      assert.ok(end === undefined || (end as { code?: string }).code === "TPK4003", `${cut}`);
    }
  }));

test("a conversation with any byte changed ends with the connection at the latest, and harms nothing else", () =>
  within(60_000, async () => {
    const { sent } = await record();
    for (let at = 0; at < 2 * sent.length; at++) {
      const damaged = Buffer.from(sent);
      const place = at >> 1;
      damaged[place] = (damaged[place] ?? 0) ^ ((at & 1) === 0 ? 0x01 : 0xff);
      const connection = tape();
      const session = startSession(connection, { role: "server" });
      const broker = createBroker(session);
      const services = new Map([["Builder", { Prepare: (argument: unknown) => argument, Run: (argument: unknown) => argument }]]);
      const ends = [0, 1].map((id) =>
        broker.accept(id).then(
          (stream) => serveRpc(stream, services).closed,
          (error: unknown) => error,
        ),
      );
      connection.push(damaged);
      connection.push(null);
      const [error, ...others] = await Promise.all([session.closed, ...ends]);
      for (const end of [error, ...others]) {
        if (end !== undefined) assert.match((end as { code?: string }).code ?? String(end), /^TPK400[23]$/, `${place}`);
      }
    }
  }));

test.run();
