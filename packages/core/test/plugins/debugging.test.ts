// TSPACK_PLUGIN_DEBUG, as a debugger sees it.
import { get } from "node:http";
import { connect } from "node:net";
import { freePort, lab, rejects, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { debuggingOf } from "../../src/plugins/debugging.ts";
import { PluginProcess } from "../../src/plugins/process.ts";
import { samplePlugin } from "../sdk/plugin/bundle.ts";

const unixTest = lab(test, "linux");

/** What the inspector of Node says at an address. */
function targets(port: number): Promise<{ readonly webSocketDebuggerUrl: string }[]> {
  return new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port, path: "/json" }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve(JSON.parse(text)));
    }).on("error", reject);
  });
}

/** Attaches to a process that waits for that, and lets it run: the first message of a debugger, by hand (RFC 6455). */
function letRun(port: number, { pathname }: URL): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1").on("error", reject);
    socket.write(
      [`GET ${pathname} HTTP/1.1`, `Host: 127.0.0.1:${port}`, "Upgrade: websocket", "Connection: Upgrade"].join("\r\n") +
        "\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n",
    );
    socket.once("data", () => {
      for (const [index, method] of ["Debugger.enable", "Runtime.runIfWaitingForDebugger", "Debugger.resume"].entries()) {
        const text = Buffer.from(JSON.stringify({ id: index + 1, method }));
        socket.write(Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), text]));
      }
      let said = "";
      socket.on("data", (bytes: Buffer) => {
        said += bytes.toString("latin1");
        // Node stops before the first line once it is told to run: it says so, and is told again.
        if (!said.includes("Debugger.paused")) return;
        said = "";
        const text = Buffer.from(JSON.stringify({ id: 9, method: "Debugger.resume" }));
        socket.write(Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), text]));
        resolve();
      });
    });
  });
}

unixTest("a debugged plugin waits for a debugger, however long, and then serves", async () => {
  const port = await freePort();
  const logged: string[] = [];
  let heard: () => void = () => undefined;
  const listening = new Promise<void>((resolve) => {
    heard = resolve;
  });
  const file = await samplePlugin();
  const starting = PluginProcess.start({
    title: "the plugin",
    argv: [file, "start", "provisioner", "mark"],
    file,
    type: "sample-mark",
    environment: { ...process.env, TSPACK_PLUGIN_DEBUG: `sample:${port}` },
    workingDirectory: process.cwd(),
    // Far less than it takes: a limit that counted would end it.
    handshakeTimeoutMs: 1,
    log: (_level, _source, text) => {
      logged.push(text);
      if (text.startsWith("Debugger listening")) heard();
    },
    signal: new AbortController().signal,
  });
  await within(30_000, async () => {
    await listening;
    assert.ok(logged.includes(`the plugin waits for a debugger at 127.0.0.1:${port}`), logged.join("\n"));
    const [target] = await targets(port);
    await letRun(port, new URL(target?.webSocketDebuggerUrl ?? ""));
    const started = await starting;
    assert.ok(await started.rpc.call("Provisioner.ConfigSpec"));
    await started.stop();
  });
});

test("a plugin, or one of its components, is named with a port or without; others run as ever", () => {
  const of = (type: string, wanted?: string) => debuggingOf(type, { TSPACK_PLUGIN_DEBUG: wanted, NODE_OPTIONS: "--no-warnings" });
  assert.is(of("hello"), undefined);
  assert.is(of("hello", ""), undefined);
  assert.is(of("hello", "other"), undefined);
  assert.is(of("hello", "hello-motd"), undefined);
  assert.is(of("helloworld", "hello"), undefined);
  const first = of("hello", "hello");
  const second = of("hello-motd", "hello");
  assert.equal([first?.port, second?.port], [9229, 9230]);
  assert.equal(first?.environment, { NODE_OPTIONS: "--no-warnings --inspect-brk=127.0.0.1:9229" });
  first?.release();
  const third = of("hello", "hello:9229");
  assert.is(third?.port, 9229);
  for (const one of [second, third]) one?.release();
});

test("what names no plugin is refused, saying how to write it", async () => {
  for (const wanted of ["hello:", "hello:0", "hello:70000", "hello:x", ":9229", "a b"]) {
    const attempt = async () => debuggingOf("hello", { TSPACK_PLUGIN_DEBUG: wanted });
    await rejects(attempt(), { code: "TPK4001", message: /names no plugin/ });
  }
});

test.run();
