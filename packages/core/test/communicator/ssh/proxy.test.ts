import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { findLabProgram, freePort, lab, makeSshKey, makeUser, rejects, startSshd, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { isCancellation } from "../../../src/diagnostics/error.ts";
import { outOfTime } from "../out-of-time.ts";
import { connectTo, reaches } from "./connection.ts";

const proxyTest = lab(test, "sshd", "danted", "root");

// The first connection of the process on purpose: the SSH library is loaded while the machine speaks already.
proxyTest("a SOCKS5 proxy leads to the machine, with and without a user name", async () => {
  const user = makeUser();
  const sshd = await startSshd();
  try {
    const key = makeSshKey(sshd.directory, "id", "ed25519");
    sshd.authorize(key.publicKey);
    for (const method of ["none", "username"] as const) {
      const proxy = await startProxy(method);
      try {
        const route = { ssh_private_key_file: key.file, ssh_proxy_host: "127.0.0.1", ssh_proxy_port: proxy.port };
        const password = method === "none" ? {} : { ssh_proxy_username: user.name, ssh_proxy_password: user.password };
        await reaches(sshd, { options: { ...route, ...password } });
        if (method === "username") {
          const wrong = { ...route, ssh_proxy_username: user.name, ssh_proxy_password: "wr0ng-pass" };
          const connect = (timeout: string) => connectTo(sshd, { options: { ...wrong, ssh_timeout: timeout } });
          const error = await outOfTime(connect, 500, { code: "TPK5001", message: /through the proxy 127\.0\.0\.1/ });
          assert.not.match(error.message, "wr0ng-pass");
        }
      } finally {
        await proxy.stop();
      }
    }
  } finally {
    await sshd.stop();
    user.remove();
  }
});

test("a proxy that says nothing is given up on abort", async () => {
  const abort = new AbortController();
  const silent = createServer((socket) => {
    socket.on("error", () => {});
    socket.resume();
    setTimeout(() => abort.abort(), 20);
  });
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const address = silent.address();
  try {
    const port = address !== null && typeof address === "object" ? address.port : 0;
    const options = { ssh_proxy_host: "127.0.0.1", ssh_proxy_port: port };
    const connecting = connectTo({ host: "127.0.0.1", port: 22 }, { options, request: { signal: abort.signal } });
    assert.ok(isCancellation(await within(20_000, () => rejects(connecting))));
  } finally {
    // Ends only when no connection is left.
    await within(20_000, () => new Promise((resolve) => silent.close(resolve)));
  }
});

async function startProxy(method: "none" | "username"): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const port = await freePort();
  const config = join(tmp("danted"), "danted.conf");
  const lines = [
    "logoutput: stderr",
    `internal: 127.0.0.1 port = ${port}`,
    "external: lo",
    "clientmethod: none",
    `socksmethod: ${method}`,
    "user.privileged: root",
    "user.unprivileged: nobody",
    "client pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }",
    "socks pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }",
  ];
  writeFileSync(config, `${lines.join("\n")}\n`);
  const proxy: ChildProcess = spawn(findLabProgram("danted") ?? "danted", ["-f", config], { stdio: "ignore" });
  const exited = new Promise((resolve) => proxy.once("exit", resolve));
  await within(20_000, async () => {
    while (!(await accepts(port)));
  });
  return {
    port,
    stop: async () => {
      proxy.kill();
      await exited;
    },
  };
}

async function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => setTimeout(() => resolve(false), 10));
  });
}

test.run();
