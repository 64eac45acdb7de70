import type { Duplex } from "node:stream";
import { rejects, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type BrokerOptions, createBroker } from "../../../src/protocol/broker/broker.ts";
import type { Broker, Session } from "../../../src/protocol/transport.ts";
import { closed, frame, rawPeer, readAll, sessionPair } from "../pair.ts";

interface Ends {
  readonly host: Broker;
  readonly plugin: Broker;
  readonly hostSession: Session;
  readonly pluginSession: Session;
}

function withEnds(body: (ends: Ends) => Promise<void>, options: BrokerOptions = {}): Promise<void> {
  return within(30_000, async () => {
    const pair = await sessionPair();
    try {
      const [host, plugin] = [createBroker(pair.host, options), createBroker(pair.plugin, options)];
      await body({ host, plugin, hostSession: pair.host, pluginSession: pair.plugin });
    } finally {
      pair.close();
    }
  });
}

async function talk(from: Duplex, to: Duplex, text: string): Promise<void> {
  from.end(text);
  assert.is((await readAll(to)).toString(), text);
}

test("each side counts its own numbers from 1, and a number means the stream of the side that gave it out", () =>
  withEnds(async ({ host, plugin }) => {
    assert.equal([host.nextId(), host.nextId(), plugin.nextId()], [1, 2, 1]);
    const [hostFirst, pluginFirst, hostDials, pluginDials] = await Promise.all([
      host.accept(1),
      plugin.accept(1),
      host.dial(1),
      plugin.dial(1),
    ]);
    await talk(pluginDials, hostFirst, "to the host");
    await talk(hostDials, pluginFirst, "to the plugin");
  }));

test("a stream that comes before its accept is kept with what it sent; accept takes the right one", () =>
  withEnds(async ({ host, plugin }) => {
    const dialled = [host.dial(7), host.dial(8)];
    await rejects(Promise.race([plugin.accept(9, AbortSignal.timeout(30)), Promise.all(dialled)]));
    const eighth = await plugin.accept(8);
    const seventh = await plugin.accept(7);
    await talk((await dialled[0]) as Duplex, seventh, "seven");
    await talk((await dialled[1]) as Duplex, eighth, "eight");
  }));

test("the number may be cut anywhere, and what follows it belongs to the stream", () =>
  within(30_000, async () => {
    for (const pieces of [["07000000616263"], ["07", "00", "00", "00", "61", "62", "63"], ["0700", "0000616263"]]) {
      const peer = await rawPeer({ role: "server" });
      const broker = createBroker(peer.session);
      const accepting = broker.accept(7);
      peer.send(frame(1, 1, 1, 0), ...pieces.map((piece) => frame(0, 0, 1, piece.length / 2) + piece), frame(1, 4, 1, 0));
      assert.is((await readAll(await accepting)).toString(), "abc");
      assert.ok((await peer.settled()).includes(`${frame(0, 0, 1, 4)}07000000`), "the number is sent back");
      peer.session.close();
      await closed(peer.socket);
    }
  }));

test("a stream that nobody dials, and one that nobody accepts, are given up in time", () =>
  withEnds(
    async ({ host, plugin }) => {
      await rejects(host.accept(host.nextId()), { code: "TPK4004", message: /^stream 1 was not opened in time$/ });
      // The plugin lets go of it first.
      await rejects(plugin.dial(5), { code: "TPK4003" });
    },
    { acceptMs: 20, parkMs: 20, dialMs: 5_000 },
  ));

test("a dial that is not answered, or answered wrongly, fails and is taken back", () =>
  within(30_000, async () => {
    const silent = await rawPeer();
    await rejects(createBroker(silent.session, { dialMs: 30 }).dial(3), {
      code: "TPK4004",
      message: /^stream 3 was not accepted in time$/,
    });
    assert.ok((await silent.settled()).endsWith(frame(1, 8, 1, 0)));
    silent.socket.destroy();
    const wrong = await rawPeer();
    const dialling = createBroker(wrong.session).dial(3);
    wrong.send(frame(1, 2, 1, 0), frame(0, 0, 1, 4), "04000000");
    await rejects(dialling, { code: "TPK4002", message: /^stream 3 was answered as stream 4$/ });
    assert.ok((await wrong.settled()).endsWith(frame(1, 8, 1, 0)));
    wrong.socket.destroy();
  }));

test("waits end with the caller's signal and with the session", () =>
  withEnds(async ({ host, plugin, pluginSession }) => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const waits = [host.accept(1, controller.signal), host.dial(2, controller.signal)];
    controller.abort(reason);
    for (const error of await Promise.all(waits.map((wait) => rejects(wait)))) assert.is(error, reason);
    await rejects(host.accept(1, controller.signal), { message: /enough/ });
    const others = [host.accept(1), host.dial(2), plugin.accept(3)];
    pluginSession.close();
    await Promise.all(others.map((wait) => rejects(wait, { code: "TPK4003" })));
    await rejects(host.accept(1), { code: "TPK4003" });
    await rejects(host.dial(1), { code: "TPK4003" });
  }));

test("64 streams that nobody wants are kept; more are refused at once", () =>
  withEnds(async ({ host, plugin }) => {
    let refused = 0;
    await new Promise<void>((resolve) => {
      for (let id = 1; id <= 100; id++) {
        host.dial(id).catch((error: Error & { readonly code?: string }) => {
          assert.is(error.code, "TPK4003");
          refused++;
          if (refused === 36) resolve();
        });
      }
    });
    const kept = await Promise.all([plugin.accept(1), plugin.accept(64)]);
    assert.ok(kept.every((stream) => !stream.destroyed));
    // There is room for others again.
    const [stream] = await Promise.all([plugin.accept(200), host.dial(200)]);
    assert.not(stream.destroyed);
  }));

test("a number is accepted by one only", () =>
  withEnds(async ({ host }) => {
    const first = host.accept(1, AbortSignal.timeout(30));
    await rejects(host.accept(1), { code: "TPK9001" });
    await rejects(first);
  }));

test.run();
