import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lab, makeUser, RecordingUi, startSshd, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { communicatorOptions } from "../../../src/communicator/options.ts";
import { clearAuthorizedKeys } from "../../../src/communicator/ssh/clear-authorized-keys.ts";
import { makeTemporaryKeyPair } from "../../../src/communicator/ssh/temporary-key.ts";
import { connectTo, output } from "./connection.ts";

const labTest = lab(test, "sshd", "ssh-keygen", "root");

async function make(options: { readonly [option: string]: unknown }) {
  const pair = await makeTemporaryKeyPair(communicatorOptions().parse({ ssh_username: "root", ...options }), "packer_test");
  if (pair === undefined) throw new Error("no key was made");
  return pair;
}

labTest("temporary keys of every type log in, and ssh-keygen agrees on what they are", async () => {
  // DSA is off by default everywhere; an old machine that still takes it is what the option is for.
  const sshd = await startSshd({ config: ["PubkeyAcceptedAlgorithms +ssh-dss"] });
  try {
    const kinds = [
      { type: "rsa", bits: 2048, header: "BEGIN PRIVATE KEY", listed: /^2048 .* packer_test \(RSA\)/ },
      { type: "ecdsa", bits: 0, header: "BEGIN PRIVATE KEY", listed: /^521 .* packer_test \(ECDSA\)/ },
      { type: "ecdsa", bits: 384, header: "BEGIN PRIVATE KEY", listed: /^384 .* packer_test \(ECDSA\)/ },
      { type: "ed25519", bits: 0, header: "BEGIN OPENSSH PRIVATE KEY", listed: /^256 .* packer_test \(ED25519\)/ },
      { type: "dsa", bits: 0, header: "BEGIN DSA PRIVATE KEY", listed: /^1024 .* packer_test \(DSA\)/ },
    ];
    for (const { type, bits, header, listed } of kinds) {
      const pair = await make({ temporary_key_pair_type: type, temporary_key_pair_bits: bits });
      assert.match(pair.privateKey, header);
      const file = join(tmp(), "key");
      writeFileSync(file, pair.privateKey, { mode: 0o600 });
      writeFileSync(`${file}.pub`, pair.publicKey);
      assert.match(execFileSync("ssh-keygen", ["-l", "-f", `${file}.pub`]).toString(), listed);
      assert.is(execFileSync("ssh-keygen", ["-y", "-f", file]).toString().split(" ")[1]?.trim(), pair.publicKey.split(" ")[1]);
      sshd.authorize(pair.publicKey);
      const connection = await connectTo(sshd, { request: { temporaryPrivateKey: pair.privateKey } });
      try {
        assert.is((await output(connection, "echo in")).stdout, "in\n");
        assert.is(connection.data.SSHPrivateKey, pair.privateKey);
        assert.match(String(connection.data.SSHPublicKey), pair.publicKey.split(" ")[1] ?? "");
      } finally {
        await connection.close();
      }
    }
  } finally {
    await sshd.stop();
  }
});

test("no temporary key is made for who brings a key or an agent; RSA has 4096 bits unless told otherwise", async () => {
  const config = (options: object) => communicatorOptions().parse({ ssh_username: "root", ...options });
  assert.is(await makeTemporaryKeyPair(config({ ssh_private_key_file: "id" }), "x"), undefined);
  assert.is(await makeTemporaryKeyPair(config({ ssh_agent_auth: true }), "x"), undefined);
  const pair = await make({ temporary_key_pair_name: "mine" });
  assert.match(pair.publicKey, /^ssh-rsa [A-Za-z0-9+/]{700,}=* mine$/);
});

labTest("ssh_clear_authorized_keys removes the temporary key and no other", async () => {
  const sshd = await startSshd({ config: ["PasswordAuthentication yes", "UsePAM yes", "SetEnv LANG=C"] });
  const user = makeUser();
  try {
    const keys = join(user.home, ".ssh", "authorized_keys");
    mkdirSync(join(user.home, ".ssh"));
    writeFileSync(keys, "ssh-ed25519 AAAA mine\nssh-rsa BBBB packer_1.2/3\nssh-rsa CCCC packer_1x2/3\n");
    execFileSync("chown", ["-R", user.name, user.home]);
    const options = {
      ssh_username: user.name,
      ssh_password: user.password,
      ssh_clear_authorized_keys: true,
      temporary_key_pair_name: "packer_1.2/3",
    };
    const connection = await connectTo(sshd, { options });
    try {
      const ui = new RecordingUi();
      const config = communicatorOptions().parse(options);
      await clearAuthorizedKeys(connection.communicator, { config, ui, signal: new AbortController().signal });
      assert.is(readFileSync(keys, "utf8"), "ssh-ed25519 AAAA mine\nssh-rsa CCCC packer_1x2/3\n");
      assert.not.match(ui.text, "error:");
      assert.is((await output(connection, "ls ~/.ssh")).stdout, "authorized_keys\n");
    } finally {
      await connection.close();
    }
  } finally {
    user.remove();
    await sshd.stop();
  }
});

test.run();
