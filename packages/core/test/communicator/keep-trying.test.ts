import { createServer, type Socket } from "node:net";
import { freePort, RecordingUi, rejects } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { connectTo, quickPace } from "./ssh/connection.ts";
import { connectTo as connectWinrmTo } from "./winrm/connection.ts";

interface Waiting {
  readonly protocol: "SSH" | "WinRM";
  readonly port: number;
  /** Whether the builder says where its machine is, instead of the user. */
  readonly isBuilders: boolean;
  readonly quietMs: number;
}

/** What is said and logged in six rounds of waiting, however long each of them takes. Each line once, without the end of the prospect. */
async function news({ protocol, port, isBuilders, quietMs }: Waiting): Promise<{ said: readonly string[]; logged: readonly string[] }> {
  const ui = new RecordingUi();
  const enough = new AbortController();
  const logged: string[] = [];
  ui.log = (level, text) => {
    logged.push(`${level}: ${text}`);
    if (logged.length === 6) enough.abort();
  };
  const address = isBuilders ? async () => ({ host: "127.0.0.1", port }) : undefined;
  const request = { ui, signal: enough.signal, address };
  const server = { host: "127.0.0.1", port } as const;
  const connecting =
    protocol === "SSH"
      ? connectTo(server, { request, options: { ssh_timeout: "10m" }, pace: { ...quickPace, unreachableMs: 1, quietMs } })
      : connectWinrmTo(server, { request, options: { winrm_timeout: "10m" }, pace: { unreachableMs: 1, quietMs } });
  await rejects(connecting, { code: "TPK6009" });
  return { said: ui.said.slice(1).map((text) => text.replace(/; trying again .*/, "")), logged: [...new Set(logged)] };
}

/** A server that does something with every connection. */
async function serve(take: (socket: Socket) => void): Promise<{ readonly port: number; close(): void }> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    take(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return { port: typeof address === "object" ? (address?.port ?? 0) : 0, close: () => server.close() };
}

for (const protocol of ["SSH", "WinRM"] as const) {
  test(`${protocol}: that nobody answers is no news while the builder's machine boots, and some after a while`, async () => {
    const port = await freePort();
    const reason = `cannot connect to 127.0.0.1:${port}: connection refused`;
    const text = `No ${protocol} connection yet: ${reason}`;
    const booting = { protocol, port, isBuilders: true } as const;
    assert.equal(await news({ ...booting, quietMs: 60_000 }), { said: [], logged: [`debug: ${text}`] });
    const told = { said: [`Not connected yet: ${reason}`], logged: [`info: ${text}`] };
    assert.equal(await news({ ...booting, quietMs: 0 }), told);
    assert.equal(await news({ ...booting, isBuilders: false, quietMs: 60_000 }), told);
  });

  test(`${protocol}: QEMU's network, which hangs up until the guest listens, is no news either`, async () => {
    const server = await serve((socket) => socket.resetAndDestroy());
    try {
      const { said, logged } = await news({ protocol, port: server.port, isBuilders: true, quietMs: 60_000 });
      assert.equal(said, []);
      assert.ok(
        logged.every((line) => line.startsWith(`debug: No ${protocol} connection yet: `)),
        logged.join("\n"),
      );
    } finally {
      server.close();
    }
  });

  test(`${protocol}: a machine that answers in another way than machines that boot is told about at once`, async () => {
    const server = await serve((socket) => socket.end("220 mail.example.com\r\n\r\n"));
    try {
      const { said, logged } = await news({ protocol, port: server.port, isBuilders: true, quietMs: 60_000 });
      assert.is(said.length, 1, said.join("\n"));
      assert.ok(logged[0]?.startsWith("info: "), logged[0]);
    } finally {
      server.close();
    }
  });
}

test.run();
