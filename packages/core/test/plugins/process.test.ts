// Child processes of plugins: how they come up, and that none stays behind.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildGoPlugin, lab, rejects, runningFrom, tmp, within, writeScript } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { errorText } from "../../src/diagnostics/error.ts";
import { singleComponent } from "../../src/plugins/plugin-component.ts";
import { ProcessPool } from "../../src/plugins/pool.ts";
import { PluginProcess, type PluginStart } from "../../src/plugins/process.ts";
import { createBroker } from "../../src/protocol/broker/broker.ts";
import { serveRpc } from "../../src/protocol/rpc/server.ts";
import { startSession } from "../../src/protocol/yamux/session.ts";
import { samplePlugin } from "../sdk/plugin/bundle.ts";

const goTest = lab(test, "go", "linux");

/** Starts a shell script as a plugin. */
function startScript(
  text: string,
  changes: Partial<PluginStart> = {},
): { readonly folder: string; readonly logged: string[]; readonly started: Promise<PluginProcess> } {
  const folder = tmp("plugin");
  const file = join(folder, "packer-plugin-script");
  writeScript(file, text);
  const logged: string[] = [];
  const started = PluginProcess.start({
    title: "the plugin x",
    argv: [file],
    environment: { PATH: process.env.PATH, GREETING: "hello" },
    workingDirectory: folder,
    log: (level, source, line) => logged.push(`${level} ${source}: ${line}`),
    signal: new AbortController().signal,
    ...changes,
  });
  return { folder, logged, started };
}

/** Resolves when nothing of a folder runs any more: what was killed is gone when the system comes to it. */
async function ended(folder: string): Promise<void> {
  while (runningFrom(folder).length > 0) await new Promise(setImmediate);
}

const refusals: readonly {
  readonly name: string;
  readonly script: string;
  readonly reason: RegExp;
  readonly options?: Partial<PluginStart>;
}[] = [
  { name: "ends at once", script: "echo broken >&2; exit 7", reason: /it ended with exit code 7 before[\s\S]*/ },
  { name: "says something else", script: "echo hello; sleep 60", reason: /it said "hello"/ },
  { name: "speaks another protocol", script: "echo '4|0|unix|/x'; sleep 60", reason: /version 4/ },
  { name: "prints without end", script: "yes | tr -d '\\n'", reason: /is no address/ },
  { name: "never says anything", script: "sleep 60", reason: /within 0\.2 s/, options: { handshakeTimeoutMs: 200 } },
  { name: "names a socket that is not there", script: "echo '5|0|unix|/nonexistent/s'; sleep 60", reason: /cannot be connected/ },
];

for (const { name, script, reason, options } of refusals) {
  test(`a plugin that ${name} is refused, and does not stay`, () =>
    within(30_000, async () => {
      const { folder, started } = startScript(script, options);
      const error = await rejects(started, { code: "TPK4001", message: /^the plugin x could not be started/ });
      assert.match(errorText(error), reason);
      await ended(folder);
    }));
}

test("the end of what a plugin wrote stands in the error, and a file that cannot be run says so", () =>
  within(30_000, async () => {
    const { started, logged } = startScript('echo "$GREETING $PACKER_PLUGIN_MAGIC_COOKIE" >&2; echo "[ERR] broken" >&2; exit 1');
    const error = await rejects(started);
    assert.match(error.message, /The last lines of its log:\n {2}hello d602bf8f\w+\n {2}broken$/);
    assert.match(logged[1] ?? "", /^error packer-plugin-script plugin: broken$/);
    const missing = await rejects(startScript("", { argv: ["/nonexistent/plugin"] }).started, { code: "TPK4001" });
    assert.match(errorText(missing), /ENOENT/);
  }));

test("giving up while a plugin starts ends it", () =>
  within(30_000, async () => {
    const abort = new AbortController();
    const { folder, started } = startScript("sleep 60", { signal: abort.signal });
    setTimeout(() => abort.abort(new Error("enough")), 100);
    await rejects(started, { message: /enough/ });
    await ended(folder);
  }));

test("a plugin may listen on TCP, and may talk on after its handshake", () =>
  within(30_000, async () => {
    const server = createServer((socket) => {
      const broker = createBroker(startSession(socket, { role: "server" }));
      void broker
        .accept(0)
        .then((stream) => serveRpc(stream, new Map([["Builder", { ConfigSpec: () => ({ ConfigSpec: Buffer.from("s") }) }]])));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const { folder, started } = startScript(`echo '5|0|tcp|127.0.0.1:${port}'; head -c 1000000 /dev/zero; sleep 60`);
    const plugin = await started;
    assert.equal(await plugin.rpc.call("Builder.ConfigSpec"), { ConfigSpec: Buffer.from("s") });
    await plugin.stop();
    assert.not.ok(plugin.isAlive);
    // It does not end by itself when its connection is closed: it was killed.
    assert.match(plugin.exit ?? "", /SIG(TERM|KILL)/);
    await ended(folder);
    server.close();
  }));

const killed = {
  "made with Go": { test: goTest, file: async () => buildGoPlugin(), builder: "machine" },
  "in TypeScript": { test: lab(test, "linux"), file: samplePlugin, builder: "-packer-default-plugin-name-" },
} as const;

for (const [name, plugin] of Object.entries(killed)) {
  for (const signal of ["SIGKILL", "SIGTERM"] as const) {
    plugin.test(`no plugin ${name} outlives a host that ends by ${signal}`, async () => {
      // Made first: a compiler takes its time.
      const file = await plugin.file();
      const script = fileURLToPath(new URL("plugin-host.ts", import.meta.url));
      const host = spawn(process.execPath, ["--conditions=source", "--import", "tsx", script, file, plugin.builder], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      try {
        await within(60_000, async () => {
          await once(host.stdout, "data");
          // The command line of the host itself names the file too.
          const running = (): readonly string[] => runningFrom(`${file} start builder`);
          assert.is(running().length, 1);
          host.kill(signal);
          await once(host, "exit");
          // The plugin sees that its socket is closed.
          while (running().length > 0) await new Promise(setImmediate);
        });
      } finally {
        host.kill("SIGKILL");
      }
    });
  }
}

lab(test, "linux")("who waits to ask a component may give up, and the next one has its turn all the same", () =>
  within(60_000, async () => {
    const file = await samplePlugin();
    const component = await singleComponent("provisioner", "sample-mark", file, [file, "start", "provisioner", "mark"]);
    const pool = new ProcessPool(component, { environment: process.env, workingDirectory: tmp("work"), log: () => undefined });
    try {
      const { signal } = new AbortController();
      const ends: (() => void)[] = [];
      const held = [0, 1].map(() => pool.ask(signal, () => new Promise<void>((resolve) => ends.push(resolve))));
      const waiting = new AbortController();
      const third = pool.ask(waiting.signal, async () => assert.unreachable());
      const fourth = pool.ask(signal, async (used) => used.isAlive);
      waiting.abort(new Error("enough"));
      await rejects(third, { message: /enough/ });
      while (ends.length < 2) await new Promise(setImmediate);
      for (const end of ends) end();
      await Promise.all(held);
      assert.is(await fourth, true);
    } finally {
      await pool.close();
    }
  }),
);

test.run();
