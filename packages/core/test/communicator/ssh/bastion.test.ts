import { execFileSync } from "node:child_process";
import {
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
import { outOfTime } from "../out-of-time.ts";
import { connectTo, output, reaches } from "./connection.ts";

const labTest = lab(test, "sshd", "ssh-agent", "root");

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
      const mistyped = new RecordingUi(["wr0ng", user.password]);
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
    const options = { ...login, ssh_port: await freePort() };
    const connect = (timeout: string) => connectTo(machine, { options: { ...options, ssh_timeout: timeout } });
    await outOfTime(connect, 300, { code: "TPK5001", message: /bastion host at .* cannot connect to 127\.0\.0\.1:\d+/ });
  });
});

labTest("a machine that lets nobody in leaves no connection to the bastion host", async () => {
  await withBastion([], async (bastion, machine, login) => {
    bastion.authorize(makePublic(login.ssh_private_key_file));
    const stranger = makeSshKey(bastion.directory, "stranger", "ed25519").file;
    const options = { ...login, ssh_private_key_file: stranger, ssh_bastion_private_key_file: login.ssh_private_key_file };
    await rejects(connectTo(machine, { options }), { code: "TPK5002", message: /the machine at .* refused the credentials/ });
    assert.equal(
      process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap"),
      [],
    );
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
    await within(20_000, () => bastion.logged(/Accepted.*Accepted.*(Received disconnect|Connection closed|Disconnected)/s));
    assert.equal(
      process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap"),
      [],
    );
  });
});

function makePublic(file: string): string {
  return execFileSync("ssh-keygen", ["-y", "-f", file]).toString();
}

test.run();
