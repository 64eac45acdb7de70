import { once } from "node:events";
import type { Socket } from "node:net";
import { rejects, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { BuildError, CancelledError, errorText } from "../../../src/diagnostics/error.ts";
import { encodeValues } from "../../../src/protocol/msgpack/encode.ts";
import { createRpcClient } from "../../../src/protocol/rpc/client.ts";
import { readFailure } from "../../../src/protocol/rpc/failure.ts";
import { RemoteError } from "../../../src/protocol/rpc/remote-error.ts";
import { type RpcServerOptions, serveRpc } from "../../../src/protocol/rpc/server.ts";
import type { RpcCall, RpcClient, RpcServer, RpcService } from "../../../src/protocol/transport.ts";
import { closed, socketPair } from "../pair.ts";

interface Ends {
  readonly client: RpcClient;
  readonly server: RpcServer;
}

/** A client whose calls are answered by these services. */
function withServices(
  services: Map<string, RpcService>,
  body: (ends: Ends) => Promise<void>,
  options: RpcServerOptions = {},
): Promise<void> {
  return within(30_000, async () => {
    const [near, far] = await socketPair({ allowHalfOpen: true });
    try {
      await body({ client: createRpcClient(near), server: serveRpc(far, services, options) });
    } finally {
      near.destroy();
      far.destroy();
    }
  });
}

/** One end, and the socket of a peer that is a test. */
function withPeer<T>(make: (socket: Socket) => T, body: (end: T, peer: Socket) => Promise<void>): Promise<void> {
  return within(30_000, async () => {
    const [near, far] = await socketPair({ allowHalfOpen: true });
    near.on("error", () => undefined);
    far.on("error", () => undefined);
    try {
      await body(make(near), far);
    } finally {
      near.destroy();
      far.destroy();
    }
  });
}

/** So many bytes of what the peer receives. */
async function received(peer: Socket, length: number): Promise<string> {
  const chunks: Buffer[] = [];
  for (let got = 0; got < length; ) {
    const [chunk] = (await once(peer, "data")) as [Buffer];
    chunks.push(chunk);
    got += chunk.length;
  }
  return Buffer.concat(chunks).toString("hex");
}

const hex = (text: string): string => Buffer.from(text).toString("hex");
const serviceMethod = `ad${hex("ServiceMethod")}`;

test("a call and its answer have the bytes of Go's peers", async () => {
  await withPeer(createRpcClient, async (client, peer) => {
    const reply = client.call("Builder.ConfigSpec");
    const request = `82${serviceMethod}b2${hex("Builder.ConfigSpec")}a3${hex("Seq")}00c0`;
    assert.is(await received(peer, request.length / 2), request);
    peer.write(Buffer.from(`83${serviceMethod}b2${hex("Builder.ConfigSpec")}a3${hex("Seq")}00a5${hex("Error")}a081a141c40101`, "hex"));
    assert.equal(await reply, { A: Buffer.of(1) });
    const second = client.call("Ui.Say", "é");
    const next = `82${serviceMethod}a6${hex("Ui.Say")}a3${hex("Seq")}01a2c3a9`;
    assert.is(await received(peer, next.length / 2), next);
    peer.write(Buffer.from(`83${serviceMethod}a6${hex("Ui.Say")}a3${hex("Seq")}01a5${hex("Error")}a3${hex("bad")}80`, "hex"));
    await rejects(second, { code: "TPK4005", message: /^bad$/ });
  });
  const services = new Map<string, RpcService>([["Ui", { Say: () => undefined, Fail: () => Promise.reject(new Error("ds failed")) }]]);
  await withPeer(
    (socket) => serveRpc(socket, services),
    async (_server, peer) => {
      peer.write(encodeValues({ ServiceMethod: "Ui.Say", Seq: 6 }, "x"));
      const good = `83${serviceMethod}a6${hex("Ui.Say")}a3${hex("Seq")}06a5${hex("Error")}a0c0`;
      assert.is(await received(peer, good.length / 2), good);
      peer.write(encodeValues({ ServiceMethod: "Ui.Fail", Seq: 300 }, null));
      const bad = `83${serviceMethod}a7${hex("Ui.Fail")}a3${hex("Seq")}d1012ca5${hex("Error")}a9${hex("ds failed")}80`;
      assert.is(await received(peer, bad.length / 2), bad);
    },
  );
});

test("calls run side by side and are answered in any order", () => {
  const release = new Map<string, () => void>();
  const waiting = (argument: unknown): Promise<unknown> => new Promise((resolve) => release.set(String(argument), () => resolve(argument)));
  const services = new Map<string, RpcService>([["Builder", { Run: waiting, Cancel: () => release.get("b")?.() }]]);
  return withServices(services, async ({ client }) => {
    const order: unknown[] = [];
    const calls = ["a", "b"].map((name) => client.call("Builder.Run", name).then((reply) => order.push(reply)));
    await client.call("Builder.Cancel");
    await calls[1];
    release.get("a")?.();
    await Promise.all(calls);
    assert.equal(order, ["b", "a"]);
  });
});

test("large arguments and replies of many calls do not mix", () =>
  withServices(new Map<string, RpcService>([["Echo", { Run: (argument) => argument }]]), async ({ client }) => {
    const sizes = Array.from({ length: 50 }, (_, n) => n * 7_919);
    const replies = await Promise.all(sizes.map((size, n) => client.call("Echo.Run", { data: Buffer.alloc(size, n), n })));
    for (const [n, reply] of replies.entries()) assert.equal(reply, { data: Buffer.alloc(sizes[n] ?? 0, n), n });
  }));

test("a service can come and go while it is served; its name may hold dots", () => {
  const services = new Map<string, RpcService>([["Ui", { Say: () => "said" }]]);
  return withServices(services, async ({ client }) => {
    await rejects(client.call("Uihttp://x.org/a.isoAbC123.Add", 5), {
      message: /^rpc: can't find service Uihttp:\/\/x\.org\/a\.isoAbC123\.Add$/,
    });
    services.set("Uihttp://x.org/a.isoAbC123", { Add: (bytes) => bytes });
    assert.is(await client.call("Uihttp://x.org/a.isoAbC123.Add", 5), 5);
    services.delete("Uihttp://x.org/a.isoAbC123");
    await rejects(client.call("Uihttp://x.org/a.isoAbC123.Add", 5), { message: /can't find service/ });
    assert.is(await client.call("Ui.Say"), "said");
  });
});

test("a failure is reported as text, which is never empty, and the stream goes on", () => {
  const fail = (error: unknown) => () => {
    throw error;
  };
  const service: RpcService = {
    Plain: fail(new Error("no such file")),
    Caused: fail(new Error("could not upload", { cause: new Error("disk full") })),
    Cancelled: fail(new CancelledError()),
    Aborted: () => Promise.reject(AbortSignal.abort().reason),
    Nameless: fail(""),
    Unsendable: () => () => 1,
    Fine: () => null,
  };
  return withServices(new Map([["S", service]]), async ({ client }) => {
    const expected: { readonly [method: string]: RegExp } = {
      "S.Plain": /^no such file$/,
      "S.Caused": /^could not upload: disk full$/,
      "S.Cancelled": /^context canceled$/,
      "S.Aborted": /^context canceled$/,
      "S.Nameless": /^unknown error$/,
      "S.Unsendable": /^a function cannot be sent to a plugin$/,
      "S.Nope": /^rpc: can't find method S\.Nope$/,
      "S.toString": /^rpc: can't find method S\.toString$/,
      "S.__proto__": /^rpc: can't find method S\.__proto__$/,
      "T.Plain": /^rpc: can't find service T\.Plain$/,
      Plain: /^rpc: service\/method request ill-formed: Plain$/,
    };
    for (const [method, message] of Object.entries(expected)) {
      const error = (await rejects(client.call(method), { code: "TPK4005", message })) as Error & { method?: string };
      assert.is(error.method, method);
    }
    assert.is(await client.call("S.Fine"), null);
  });
});

test("a failure of ours keeps its code and its option, for a host of ours alone", async () => {
  const cause = new BuildError("no space left", { code: "TPK6011", option: "output_directory" });
  const failures: readonly (readonly [error: unknown, failure: object])[] = [
    [cause, { code: "TPK6011", option: "output_directory" }],
    [new BuildError("a step failed", { cause }), { code: "TPK6011", option: "output_directory" }],
    [new BuildError("odd", { option: "format" }), { code: undefined, option: "format" }],
    [new BuildError("it failed"), {}],
    [new Error("plain"), {}],
    // Told by another component, whose failure this is.
    [new RemoteError("Hook.Run", "the provisioner failed"), {}],
  ];
  const services = new Map<string, RpcService>([["S", { Fail: (index) => Promise.reject(failures[Number(index)]?.[0]) }]]);
  for (const isExtended of [true, false]) {
    await withServices(
      services,
      async ({ client }) => {
        for (const [index, [error, expected]] of failures.entries()) {
          const told = await rejects(client.call("S.Fail", index), { code: "TPK4005" });
          assert.ok(told instanceof RemoteError);
          assert.equal(told.failure, isExtended ? expected : {}, errorText(error));
        }
      },
      { isExtended },
    );
  }
});

test("what else a peer tells of a failure is nothing", () => {
  const nothing = { code: undefined, option: undefined };
  for (const [reply, failure] of [
    [undefined, {}],
    [["TspackFailure"], {}],
    [{ TspackFailure: "TPK6011" }, {}],
    [{ TspackFailure: { code: "TPK0000", option: 5 } }, nothing],
    [{ TspackFailure: { code: "toString", option: "x".repeat(1000) } }, nothing],
  ] as const) {
    assert.equal(readFailure(reply), failure);
  }
});

test("calls that wait fail with the end of the stream and name their method", async () => {
  const ends: readonly (readonly [string, (peer: Socket) => unknown, string, RegExp])[] = [
    ["end", (peer) => peer.end(), "TPK4003", /^Builder\.Run was not answered: unexpected EOF$/],
    ["cut", (peer) => peer.end(Buffer.of(0x82)), "TPK4003", /^Builder\.Run was not answered$/],
    ["garbage", (peer) => peer.write("panic: oops"), "TPK4002", /^Builder\.Run was not answered$/],
  ];
  for (const [name, finish, code, message] of ends) {
    await withPeer(createRpcClient, async (client, peer) => {
      const calls = [client.call("Builder.Run"), client.call("Builder.Run")];
      finish(peer);
      peer.end().resume();
      await Promise.all(calls.map((call) => rejects(call, { code, message })));
      const error = await client.closed;
      assert.is(error === undefined, name === "end", name);
      await rejects(client.call("Builder.Run"), { code, message });
    });
  }
});

test("an answer that belongs to no call ends the stream, and cannot do more", async () => {
  const answer = (header: object, body: unknown = null): Buffer => encodeValues(header, body);
  const attacks: readonly (readonly [string, Buffer, RegExp])[] = [
    [
      "unknown number",
      answer({ ServiceMethod: "Builder.Run", Seq: 9, Error: "" }),
      /answered a call of Builder\.Run that nobody waits for/,
    ],
    ["twice", Buffer.concat([answer({ Seq: 0 }), answer({ Seq: 0 })]), /nobody waits for/],
    ["negative", answer({ Seq: -1 }), /nobody waits for/],
    ["text as number", answer({ Seq: "0" }), /without a proper header/],
    ["error of a wrong kind", answer({ Seq: 0, Error: 5 }), /without a proper header/],
    ["no map", answer([1, 2]), /without a proper header/],
    ["nil", encodeValues(null, null), /without a proper header/],
    ["odd keys", encodeValues(new Map([[1, 2]]), null), /without a proper header/],
    ["no msgpack", Buffer.of(0xc1), /no msgpack/],
  ];
  for (const [name, bytes, message] of attacks) {
    await withPeer(createRpcClient, async (client, peer) => {
      const calls = [client.call("Builder.Run"), client.call("Builder.Run")];
      const outcomes = Promise.allSettled(calls);
      peer.write(bytes);
      const error = await client.closed;
      assert.match(error?.message ?? "", message, name);
      const [first, second] = await outcomes;
      assert.is(second?.status, "rejected", name);
      assert.is(first?.status, name === "twice" ? "fulfilled" : "rejected", name);
      await closed(peer.resume().end());
    });
  }
});

test("a request that is none ends the stream; calls that run are told", () =>
  withPeer(
    (socket) => {
      let aborted: () => void = () => undefined;
      const told = new Promise<void>((resolve) => {
        aborted = resolve;
      });
      const run = (_argument: unknown, { signal }: RpcCall) =>
        new Promise((resolve) => signal.addEventListener("abort", () => resolve(aborted())));
      return { server: serveRpc(socket, new Map([["Builder", { Run: run }]])), told };
    },
    async ({ server, told }, peer) => {
      peer.write(encodeValues({ ServiceMethod: "Builder.Run", Seq: 0 }, 1));
      peer.write(encodeValues("garbage", 1));
      await told;
      assert.match((await server.closed)?.message ?? "", /without a proper header/);
    },
  ));

test("closing a client aborts the calls that its server runs, and both ends are over without an error", () => {
  const signals: AbortSignal[] = [];
  const run = (_argument: unknown, { signal }: RpcCall) => {
    signals.push(signal);
    return new Promise((resolve) => signal.addEventListener("abort", resolve));
  };
  return withServices(new Map([["Builder", { Run: run, Ping: () => null }]]), async ({ client, server }) => {
    const call = client.call("Builder.Run");
    await client.call("Builder.Ping");
    client.close();
    client.close();
    await rejects(call, { code: "TPK4003", message: /Builder\.Run was not answered: unexpected EOF/ });
    assert.equal(await Promise.all([client.closed, server.closed]), [undefined, undefined]);
    assert.equal(
      signals.map((signal) => signal.aborted),
      [true],
    );
    await rejects(client.call("Builder.Ping"), { code: "TPK4003" });
  });
});

test("a call that is aborted is left; its late answer harms nobody", () => {
  let release: () => void = () => undefined;
  const wait = () =>
    new Promise<void>((resolve) => {
      release = resolve;
    });
  return withServices(new Map<string, RpcService>([["S", { Wait: wait, Echo: (argument) => argument }]]), async ({ client }) => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const call = client.call("S.Wait", null, controller.signal);
    assert.is(await client.call("S.Echo", 1), 1);
    controller.abort(reason);
    assert.is(await rejects(call), reason);
    assert.is(await rejects(client.call("S.Echo", 1, controller.signal)), reason);
    release();
    assert.is(await client.call("S.Echo", 2), 2);
  });
});

test("an argument that cannot be sent fails its call alone", () =>
  withServices(new Map<string, RpcService>([["S", { Echo: (argument) => argument }]]), async ({ client }) => {
    await rejects(
      client.call("S.Echo", () => 1),
      { message: /^a function cannot be sent/ },
    );
    assert.is(await client.call("S.Echo", 2), 2);
  }));

test("a server reads on only while its answers are taken, and runs a bounded number of calls", async () => {
  let started = 0;
  const answers = new Map<string, RpcService>([
    ["S", { Big: () => Buffer.alloc(100_000, started++), Hang: () => new Promise(() => started++) }],
  ]);
  for (const method of ["S.Big", "S.Hang"]) {
    started = 0;
    await withPeer(
      (socket) => serveRpc(socket, answers),
      async (_server, peer) => {
        peer.pause();
        const requests = Buffer.concat(Array.from({ length: 1_000 }, (_, n) => encodeValues({ ServiceMethod: method, Seq: n }, null)));
        let sent = 0;
        while (sent < 100 && peer.write(requests)) {
          sent++;
          await new Promise((resolve) => setImmediate(resolve));
        }
        assert.ok(sent < 100, `${method}: everything was read`);
        assert.ok(started < 5_000, `${method}: ${started} calls were started`);
      },
    );
  }
});

test.run();
