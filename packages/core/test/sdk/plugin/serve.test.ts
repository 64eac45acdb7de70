// The process of a plugin, as a host sees it.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { lab, RecordingUi, rejects, tmp, within } from "../../../../../test/support/src/index.ts";
import { MAGIC_COOKIE, parseHandshake } from "../../../src/plugins/handshake.ts";
import { createBroker } from "../../../src/protocol/broker/broker.ts";
import { createRpcClient } from "../../../src/protocol/rpc/client.ts";
import { callProvision, callProvisionerPrepare } from "../../../src/protocol/services/provisioner.ts";
import type { Broker, RpcClient } from "../../../src/protocol/transport.ts";
import { startSession } from "../../../src/protocol/yamux/session.ts";
import { samplePlugin } from "./bundle.ts";

const unixTest = lab(test, "linux");
const never = new AbortController().signal;

interface Host {
  readonly child: ChildProcess;
  readonly handshake: string;
  readonly socket: Socket;
  readonly broker: Broker;
  readonly rpc: RpcClient;
  /** Standard error so far. */
  log(): string;
}

/** Starts the provisioner of the sample plugin, does something as its host, and sees it end. */
async function asHost(temporary: string, body: (host: Host) => Promise<void>): Promise<{ code: unknown; log: string }> {
  const env = { ...process.env, TMPDIR: temporary, [MAGIC_COOKIE.name]: MAGIC_COOKIE.value, PACKER_PLUGIN_MIN_PORT: "20400" };
  const child = spawn(await samplePlugin(), ["start", "provisioner", "mark"], { env, stdio: ["ignore", "pipe", "pipe"] });
  try {
    return await within(30_000, async () => {
      let log = "";
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        log += text;
      });
      const ended = once(child, "close");
      const [line]: unknown[] = await once(child.stdout.setEncoding("utf8"), "data");
      const handshake = String(line);
      const address = parseHandshake(handshake);
      const socket = address.network === "unix" ? connect(address.path) : connect(address.port, address.host);
      await once(socket, "connect");
      const broker = createBroker(startSession(socket, { role: "client" }));
      const rpc = createRpcClient(await broker.dial(0));
      await body({ child, handshake, socket, broker, rpc, log: () => log });
      socket.destroy();
      const [code]: unknown[] = await ended;
      return { code, log };
    });
  } finally {
    child.kill("SIGKILL");
  }
}

unixTest("a plugin takes one connection, and leaves no socket behind", async () => {
  const temporary = tmp("t");
  const { code } = await asHost(temporary, async ({ handshake, rpc }) => {
    assert.match(handshake, /^5\|0\|unix\|.*\/packer-plugin[0-9a-f]+\n$/);
    await callProvisionerPrepare(rpc, [{ text: "x" }], never);
    assert.equal(readdirSync(temporary), []);
    const second = connect(handshake.trim().split("|")[3] ?? "");
    await rejects(once(second, "connect"), { message: /ENOENT|ECONNREFUSED/ });
  });
  assert.is(code, 0);
});

unixTest("where the path of a socket is too long, it listens at a port", async () => {
  const temporary = join(tmp("t"), "long".repeat(30));
  mkdirSync(temporary);
  const { code } = await asHost(temporary, async ({ handshake, rpc }) => {
    assert.match(handshake, /^5\|0\|tcp\|127\.0\.0\.1:20\d{3}\n$/);
    await callProvisionerPrepare(rpc, [{ text: "x" }], never);
  });
  assert.is(code, 0);
});

unixTest("signals do not end it, and a host that dies has its work cancelled and cleaned up", async () => {
  const ui = new RecordingUi();
  const { code, log } = await asHost(tmp("t"), async ({ child, broker, rpc }) => {
    await callProvisionerPrepare(rpc, [{ text: "x", behave: "hang" }], never);
    const said = new Promise<void>((resolve) => {
      const watched = Object.assign(Object.create(ui), { say: () => resolve() });
      callProvision(rpc, broker, { ui: watched, communicator: undefined, data: {}, signal: never }).catch(() => undefined);
    });
    await said;
    child.kill("SIGINT");
    child.kill("SIGTERM");
    await callProvisionerPrepare(rpc, [{ text: "x" }], never);
  });
  assert.is(code, 0);
  assert.match(log, /^cleaning up$/m);
});

unixTest("all that is wrong comes in one text, and does not stand in the way of what comes next", async () => {
  await asHost(tmp("t"), async ({ rpc }) => {
    await rejects(callProvisionerPrepare(rpc, [{ behave: "oddly" }], never), {
      message: /2 error\(s\) occurred:[\s\S]*"text"[\s\S]*"behave"|"behave"[\s\S]*"text"/,
    });
    await callProvisionerPrepare(rpc, [{ text: "x" }], never);
    await rejects(callProvisionerPrepare(rpc, ["text"], never), { message: /neither a map nor a typed value/ });
  });
});

test.run();
