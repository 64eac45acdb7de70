// The transport against a real Go peer: Debian's Packer serves its file builder (plugin-protocol sections 2, 4, 5, 14).
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { findLabProgram, lab, rejects, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { createBroker } from "../../src/protocol/broker/broker.ts";
import { createRpcClient } from "../../src/protocol/rpc/client.ts";
import { serveRpc } from "../../src/protocol/rpc/server.ts";
import type { Broker, RpcClient, RpcService, Session } from "../../src/protocol/transport.ts";
import { startSession } from "../../src/protocol/yamux/session.ts";

const labTest = lab(test, "packer");

interface Peer {
  readonly child: ChildProcess;
  readonly session: Session;
  readonly broker: Broker;
  readonly main: RpcClient;
}

async function startPeer(component: string): Promise<Peer> {
  const child = spawn(findLabProgram("packer") ?? "packer", ["plugin", component], {
    env: {
      ...process.env,
      TMPDIR: tmp("peer"),
      PACKER_PLUGIN_MAGIC_COOKIE: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
    },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  const address = /^5\|unix\|(.+)$/.exec(line)?.[1];
  assert.type(address, "string", line);
  const session = startSession(connect(address ?? ""), { role: "client", peer: "packer" });
  const broker = createBroker(session);
  return { child, session, broker, main: createRpcClient(await broker.dial(0)) };
}

/** Runs a body with a peer, which must then end by itself, as its main stream is closed. */
async function withPeer(component: string, body: (peer: Peer) => Promise<void>): Promise<void> {
  const peer = await within(20_000, () => startPeer(component));
  const exit = once(peer.child, "exit");
  try {
    await within(30_000, () => body(peer));
    peer.main.close();
    assert.equal(await within(30_000, () => exit), [0, null]);
    assert.is(await peer.session.closed, undefined);
  } finally {
    peer.child.kill("SIGKILL");
  }
}

labTest("a real builder answers: its specification, a good and a bad configuration, an unknown method", () =>
  withPeer("packer-builder-file", async ({ main }) => {
    const spec = (await main.call("Builder.ConfigSpec")) as { ConfigSpec: Buffer };
    assert.ok(spec.ConfigSpec.includes("packer_build_name"));
    const file = join(tmp("target"), "x");
    const good = await main.call("Builder.Prepare", { Configs: [{ target: file, content: "é" }] });
    assert.equal(good, { GeneratedVars: null, Warnings: [], Error: null });
    const bad = (await main.call("Builder.Prepare", { Configs: [{ bogus: 1 }] })) as { Error: { Message: string } };
    assert.match(bad.Error.Message, /unknown configuration key: .*bogus/);
    await rejects(main.call("Builder.Nope"), { code: "TPK4005", message: /^rpc: can't find method Builder\.Nope$/ });
    await rejects(main.call("Nope.Nope"), { message: /^rpc: can't find service Nope\.Nope$/ });
  }),
);

labTest("a real builder runs: it calls back over a stream it was given a number of, and hands over its artifact", () =>
  withPeer("packer-builder-file", async ({ main, broker }) => {
    const file = join(tmp("target"), "x");
    await main.call("Builder.Prepare", { Configs: [{ target: file, content: "hello" }] });
    const calls: unknown[] = [];
    const note = (name: string) => (argument: unknown) => {
      calls.push([name, argument]);
    };
    const services = new Map([
      ["Ui", { Say: note("Say"), Message: note("Message"), Error: note("Error"), Machine: note("Machine") }],
      ["Hook", { Run: note("Run"), Cancel: note("Cancel") }],
    ]);
    const id = broker.nextId();
    const served = broker.accept(id).then((stream) => serveRpc(stream, services).closed);
    const artifactId = await main.call("Builder.Run", id);
    assert.is(await served, undefined);
    assert.equal(calls, [["Run", { Name: "packer_provision", Data: null, StreamId: 1 }]]);
    const artifact = createRpcClient(await broker.dial(Number(artifactId)));
    assert.is(await artifact.call("Artifact.BuilderId"), "packer.file");
    assert.equal(await artifact.call("Artifact.Files"), [file]);
    artifact.close();
    assert.is(await artifact.closed, undefined);
  }),
);

/** Provisions with the file provisioner; the machine is a test. */
async function provision({ main, broker }: Peer, config: object, communicator: RpcService): Promise<void> {
  await main.call("Provisioner.Prepare", { Configs: [config] });
  const ui: RpcService = { Say: () => null, Message: () => null, Error: () => null, NewTrackProgress: () => "p1" };
  const services = new Map<string, RpcService>([
    ["Ui", ui],
    ["Uip1", { Add: () => null, Close: () => null }],
    ["Communicator", communicator],
  ]);
  const StreamID = broker.nextId();
  const served = broker.accept(StreamID).then((stream) => serveRpc(stream, services).closed);
  await main.call("Provisioner.Provision", { GeneratedData: {}, StreamID });
  assert.is(await served, undefined);
}

function numberOf(argument: unknown, field: string): number {
  return Number((argument as { readonly [field: string]: unknown })[field]);
}

labTest("files of many windows go both ways between a real provisioner and a machine, at the machine's pace", () =>
  withPeer("packer-provisioner-file", async (peer) => {
    const folder = tmp("files");
    const content = randomBytes(20_000_000);
    writeFileSync(join(folder, "a"), content);
    const uploaded: Buffer[] = [];
    await provision(
      peer,
      { source: join(folder, "a"), destination: "/b" },
      {
        Upload: async (argument) => {
          assert.is((argument as { Path: string }).Path, "/b");
          const stream = await peer.broker.dial(numberOf(argument, "ReaderStreamId"));
          for await (const chunk of stream) {
            uploaded.push(chunk as Buffer);
            if (uploaded.length % 20 === 0) await peer.main.call("Provisioner.ConfigSpec");
          }
        },
      },
    );
    assert.ok(Buffer.concat(uploaded).equals(content));
    await provision(
      peer,
      { source: "/b", destination: join(folder, "c"), direction: "download" },
      {
        Download: async (argument) => {
          const stream = await peer.broker.dial(numberOf(argument, "WriterStreamId"));
          stream.end(content);
          await once(stream.resume(), "close");
        },
      },
    );
    assert.ok(readFileSync(join(folder, "c")).equals(content));
  }),
);

test.run();
