import { lab, makeSshKey, makeUser, rejects, type Sshd, startSshAgent, startSshd, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { errorText } from "../../../src/diagnostics/error.ts";
import { type ConnectChanges, connectTo, output } from "./connection.ts";

const labTest = lab(test, "sshd", "ssh-agent", "root");

async function withSshd(config: readonly string[], body: (sshd: Sshd) => Promise<void>): Promise<void> {
  const sshd = await startSshd({ config });
  try {
    await body(sshd);
  } finally {
    await sshd.stop();
  }
}

/** Logs in and asks who we are there. */
async function loggedInAs(sshd: Sshd, changes: ConnectChanges): Promise<string> {
  const connection = await connectTo(sshd, changes);
  try {
    return (await output(connection, "id -un")).stdout.trim();
  } finally {
    await connection.close();
  }
}

labTest("a private key logs in, whatever its type and format", async () => {
  await withSshd([], async (sshd) => {
    const folder = tmp();
    const kinds: readonly [name: string, type: string, more: string[]][] = [
      ["ed25519", "ed25519", []],
      ["rsa", "rsa", ["-b", "2048"]],
      ["rsa-pem", "rsa", ["-b", "2048", "-m", "PEM"]],
      ["rsa-pkcs8", "rsa", ["-b", "2048", "-m", "PKCS8"]],
      ["ecdsa-256", "ecdsa", ["-b", "256"]],
      ["ecdsa-521-pem", "ecdsa", ["-b", "521", "-m", "PEM"]],
      ["ecdsa-384-pkcs8", "ecdsa", ["-b", "384", "-m", "PKCS8"]],
    ];
    for (const [name, type, more] of kinds) {
      const key = makeSshKey(folder, name, type, more);
      sshd.authorize(key.publicKey);
      assert.is(await loggedInAs(sshd, { options: { ssh_private_key_file: key.file } }), "root", name);
    }
  });
});

labTest("an encrypted key logs in with its passphrase, and says so when that is missing or wrong", async () => {
  await withSshd([], async (sshd) => {
    const folder = tmp();
    const kinds: readonly [name: string, type: string, more: string[]][] = [
      ["openssh", "ed25519", []],
      ["pem", "rsa", ["-b", "2048", "-m", "PEM"]],
      ["pkcs8", "ecdsa", ["-m", "PKCS8"]],
    ];
    for (const [name, type, more] of kinds) {
      const key = makeSshKey(folder, name, type, more, "open sesame");
      sshd.authorize(key.publicKey);
      const options = { ssh_private_key_file: key.file };
      assert.is(await loggedInAs(sshd, { options: { ...options, ssh_private_key_passphrase: "open sesame" } }), "root", name);
      await rejects(connectTo(sshd, { options }), { code: "TPK5002", message: /encrypted/ });
      const error = await rejects(connectTo(sshd, { options: { ...options, ssh_private_key_passphrase: "wr0ng" } }), {
        code: "TPK5002",
        message: /passphrase is wrong/,
      });
      assert.not.match(errorText(error), "wr0ng");
    }
  });
});

labTest("a password logs in; a wrong one is refused with what was tried, and is not shown", async () => {
  const user = makeUser();
  try {
    // Without PAM, which makes everybody wait for two seconds after a wrong password.
    await withSshd(["PasswordAuthentication yes"], async (sshd) => {
      const ssh_username = user.name;
      assert.is(await loggedInAs(sshd, { options: { ssh_username, ssh_password: user.password } }), user.name);
      const error = await rejects(connectTo(sshd, { options: { ssh_username, ssh_password: "wr0ng-pass" } }), {
        code: "TPK5002",
        message: /refused the credentials of .*tried password.*accepts publickey, password/,
      });
      assert.not.match(errorText(error), "wr0ng-pass");
    });
  } finally {
    user.remove();
  }
});

labTest("the password also answers keyboard-interactive questions", async () => {
  const user = makeUser();
  try {
    await withSshd(["UsePAM yes", "KbdInteractiveAuthentication yes"], async (sshd) => {
      assert.is(await loggedInAs(sshd, { options: { ssh_username: user.name, ssh_password: user.password } }), user.name);
      await sshd.logged(/Accepted keyboard-interactive\/pam/);
    });
  } finally {
    user.remove();
  }
});

labTest("a server may want a key and a password, in its own order", async () => {
  const user = makeUser();
  try {
    const config = ["PasswordAuthentication yes", "UsePAM yes", "AuthenticationMethods password,publickey"];
    await withSshd(config, async (sshd) => {
      const key = makeSshKey(tmp(), "id", "ed25519");
      sshd.authorize(key.publicKey);
      const options = { ssh_username: user.name, ssh_password: user.password, ssh_private_key_file: key.file };
      assert.is(await loggedInAs(sshd, { options }), user.name);
    });
  } finally {
    user.remove();
  }
});

labTest("the agent logs in, before any key file, and its absence is named", async () => {
  await withSshd(["AllowAgentForwarding no"], async (sshd) => {
    const folder = tmp();
    const inAgent = makeSshKey(folder, "agent", "ed25519");
    const inFile = makeSshKey(folder, "file", "rsa", ["-b", "2048"]);
    sshd.authorize(inAgent.publicKey);
    sshd.authorize(inFile.publicKey);
    const agent = await startSshAgent([inAgent.file]);
    try {
      const environment = { SSH_AUTH_SOCK: agent.socket };
      const options = { ssh_agent_auth: true, ssh_private_key_file: inFile.file };
      assert.is(await loggedInAs(sshd, { options, environment }), "root");
      assert.match(sshd.log(), new RegExp(`Accepted publickey for root .* ${inAgent.fingerprint.replaceAll("+", "\\+")}`));
    } finally {
      await agent.stop();
    }
    await rejects(connectTo(sshd, { options: { ssh_agent_auth: true } }), { code: "TPK5002", message: /SSH_AUTH_SOCK is not set/ });
  });
});

labTest("the agent is forwarded, so that commands on the machine can use it", async () => {
  const key = makeSshKey(tmp(), "id", "ed25519");
  const agent = await startSshAgent([key.file]);
  const environment = { SSH_AUTH_SOCK: agent.socket };
  try {
    await withSshd([], async (sshd) => {
      sshd.authorize(key.publicKey);
      const forwarded = async (options: { readonly [option: string]: unknown }): Promise<string[]> => {
        const connection = await connectTo(sshd, { options: { ssh_private_key_file: key.file, ...options }, environment });
        try {
          const first = await output(connection, "ssh-add -l 2>/dev/null || true");
          const second = await output(connection, "ssh-add -l 2>/dev/null || true");
          return [first.stdout, second.stdout];
        } finally {
          await connection.close();
        }
      };
      for (const listed of await forwarded({})) assert.match(listed, key.fingerprint);
      assert.equal(await forwarded({ ssh_disable_agent_forwarding: true }), ["", ""]);
    });
    await withSshd(["AllowAgentForwarding no"], async (sshd) => {
      sshd.authorize(key.publicKey);
      assert.is(await loggedInAs(sshd, { options: { ssh_private_key_file: key.file }, environment }), "root");
    });
  } finally {
    await agent.stop();
  }
});

test.run();
