import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import {
  findLabProgram,
  freePort,
  lab,
  makeSshKey,
  makeUser,
  RecordingUi,
  rejects,
  type Sshd,
  startSshAgent,
  startSshd,
  tmp,
  within,
} from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { isCancellation } from "../../../src/diagnostics/error.ts";
import { type ConnectChanges, connectTo, output } from "./connection.ts";

const labTest = lab(test, "sshd", "ssh-agent", "root");
const proxyTest = lab(test, "sshd", "danted", "root");

interface Login {
  readonly [option: string]: unknown;
  readonly ssh_private_key_file: string;
}

/** A machine that is reached through a bastion host, and what logs in to the machine. */
async function withBastion(config: readonly string[], body: (bastion: Sshd, machine: Sshd, login: Login) => Promise<void>): Promise<void> {
  const bastion = await startSshd({ config });
  const machine = await startSshd();
  try {
    const key = makeSshKey(machine.directory, "id", "ed25519");
    machine.authorize(key.publicKey);
    await body(bastion, machine, {
      ssh_private_key_file: key.file,
      ssh_bastion_host: bastion.host,
      ssh_bastion_port: bastion.port,
      ssh_bastion_username: "root",
    });
  } finally {
    await machine.stop();
    await bastion.stop();
  }
}

async function reaches(machine: Sshd, changes: ConnectChanges): Promise<void> {
  const connection = await connectTo(machine, changes);
  try {
    assert.is((await output(connection, "echo in")).stdout, "in\n");
  } finally {
    await connection.close();
  }
}

labTest("a bastion host is logged in to with its own key, the machine's key, or the agent", async () => {
  await withBastion([], async (bastion, machine, login) => {
    const key = makeSshKey(bastion.directory, "bastion", "ed25519");
    await rejects(connectTo(machine, { options: login }), { code: "TPK5002", message: /the bastion host at 127\.0\.0\.1:\d+ refused/ });
    bastion.authorize(key.publicKey);
    await reaches(machine, { options: { ...login, ssh_bastion_private_key_file: key.file } });
    const agent = await startSshAgent([key.file]);
    try {
      await reaches(machine, { options: { ...login, ssh_bastion_agent_auth: true }, environment: { SSH_AUTH_SOCK: agent.socket } });
    } finally {
      await agent.stop();
    }
    bastion.authorize(makePublic(login.ssh_private_key_file));
    await reaches(machine, { options: login });
    assert.is(bastion.log().match(/Accepted publickey/g)?.length, 3);
    assert.is(machine.connections(), 3);
  });
});

labTest("a bastion host takes a certificate, a password, and answers that the user gives", async () => {
  const folder = tmp();
  const ca = makeSshKey(folder, "ca", "ed25519");
  const user = makeUser();
  try {
    const config = [`TrustedUserCAKeys ${ca.file}.pub`, "UsePAM yes", "KbdInteractiveAuthentication yes"];
    await withBastion(config, async (bastion, machine, login) => {
      const key = makeSshKey(folder, "key", "ecdsa");
      execFileSync("ssh-keygen", ["-q", "-s", ca.file, "-I", "id", "-n", "root", `${key.file}.pub`], { stdio: "pipe" });
      const certificate = { ssh_bastion_private_key_file: key.file, ssh_bastion_certificate_file: `${key.file}-cert.pub` };
      await reaches(machine, { options: { ...login, ...certificate } });
      const asUser = { ...login, ssh_bastion_username: user.name };
      await reaches(machine, { options: { ...asUser, ssh_bastion_password: user.password } });
      const ui = new RecordingUi([user.password]);
      const interactive = { ...asUser, ssh_bastion_interactive: true, pause_before_connecting: "1ms" };
      await reaches(machine, { options: interactive, request: { ui } });
      assert.is(ui.lines.filter((line) => line.startsWith("ask: 127.0.0.1 asks: Password")).length, 1);
      assert.ok(ui.lines.includes(`secret: ${user.password}`), "what was typed is hidden from now on");
      await bastion.logged(/Accepted keyboard-interactive/);
      const mistyped = new RecordingUi(["wr0ng", "wr0ng again", user.password]);
      await reaches(machine, {
        options: { ...asUser, ssh_bastion_interactive: true, ssh_handshake_attempts: 3 },
        request: { ui: mistyped },
      });
      const silent = { ...asUser, ssh_bastion_interactive: true, ssh_handshake_attempts: 3 };
      await rejects(connectTo(machine, { options: silent, request: { ui: new RecordingUi() } }), { code: "TPK6010" });
    });
  } finally {
    user.remove();
  }
});

labTest("a bastion host that takes passwords alone is answered by the user too", async () => {
  const user = makeUser();
  try {
    await withBastion(["UsePAM yes", "PasswordAuthentication yes"], async (_bastion, machine, login) => {
      const ui = new RecordingUi([user.password]);
      await reaches(machine, { options: { ...login, ssh_bastion_username: user.name, ssh_bastion_interactive: true }, request: { ui } });
      assert.match(ui.text, `ask: 127.0.0.1 asks: Password of ${user.name}:`);
      assert.ok(ui.lines.includes(`secret: ${user.password}`), "what was typed is hidden from now on");
    });
  } finally {
    user.remove();
  }
});

labTest("a bastion host's key can be pinned, and what it cannot reach is named", async () => {
  await withBastion([], async (bastion, machine, login) => {
    bastion.authorize(makePublic(login.ssh_private_key_file));
    await reaches(machine, { options: { ...login, ssh_bastion_host_key_fingerprints: [bastion.fingerprint] } });
    const wrong = { ...login, ssh_bastion_host_key_fingerprints: [machine.fingerprint] };
    await rejects(connectTo(machine, { options: wrong }), {
      code: "TPK5003",
      message: /the bastion host at .* showed the host key SHA256:/,
    });
    const options = { ...login, ssh_port: await freePort(), ssh_timeout: "300ms" };
    await rejects(connectTo(machine, { options }), { code: "TPK5001", message: /bastion host at .* cannot connect to 127\.0\.0\.1:\d+/ });
  });
});

labTest("closing a connection closes the one to the bastion host; losing it reconnects through it", async () => {
  await withBastion([], async (bastion, machine, login) => {
    bastion.authorize(makePublic(login.ssh_private_key_file));
    const connection = await connectTo(machine, { options: login });
    await output(connection, "true");
    await bastion.kill();
    await bastion.start();
    assert.is((await output(connection, "echo again")).stdout, "again\n");
    await connection.close();
    await within(5_000, () => bastion.logged(/Accepted.*Accepted.*(Received disconnect|Connection closed|Disconnected)/s));
    assert.equal(
      process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap"),
      [],
    );
  });
});

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
          const wrong = { ...route, ssh_proxy_username: user.name, ssh_proxy_password: "wr0ng-pass", ssh_timeout: "500ms" };
          const error = await rejects(connectTo(sshd, { options: wrong }), { code: "TPK5001", message: /through the proxy 127\.0\.0\.1/ });
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
  const { createServer } = await import("node:net");
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
    assert.ok(isCancellation(await within(2_000, () => rejects(connecting))));
  } finally {
    // Ends only when no connection is left.
    await within(2_000, () => new Promise((resolve) => silent.close(resolve)));
  }
});

function makePublic(file: string): string {
  return execFileSync("ssh-keygen", ["-y", "-f", file]).toString();
}

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
  await within(5_000, async () => {
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
