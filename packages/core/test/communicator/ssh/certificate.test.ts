import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { lab, makeSshKey, rejects, type SshKey, startSshd, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseCertificate } from "../../../src/communicator/ssh/certificate.ts";
import { connectTo, output } from "./connection.ts";

const labTest = lab(test, "sshd", "ssh-keygen", "root");

function sign(ca: SshKey, key: SshKey, more: readonly string[] = ["-n", "root"]): string {
  execFileSync("ssh-keygen", ["-q", "-s", ca.file, "-I", "tspack-test", "-V", "-1m:+1d", ...more, `${key.file}.pub`], { stdio: "pipe" });
  return `${key.file}-cert.pub`;
}

labTest("a user certificate logs in with every type of key, and the server saw its CA", async () => {
  const folder = tmp();
  const ca = makeSshKey(folder, "ca", "ed25519");
  const sshd = await startSshd({ config: [`TrustedUserCAKeys ${ca.file}.pub`] });
  try {
    const kinds: readonly [string, string[]][] = [
      ["ed25519", []],
      ["rsa", ["-b", "2048", "-m", "PEM"]],
      ["ecdsa", ["-b", "256"]],
      ["ecdsa", ["-b", "384"]],
      ["ecdsa", ["-b", "521"]],
    ];
    for (const [index, [type, more]] of kinds.entries()) {
      const key = makeSshKey(folder, `key${index}`, type, more);
      const options = { ssh_private_key_file: key.file, ssh_certificate_file: sign(ca, key) };
      const connection = await connectTo(sshd, { options });
      try {
        assert.is((await output(connection, "echo in")).stdout, "in\n");
      } finally {
        await connection.close();
      }
    }
    assert.is(sshd.log().match(/Accepted publickey for root .* ID tspack-test .* CA ED25519/g)?.length, kinds.length);
  } finally {
    await sshd.stop();
  }
});

labTest("a certificate for somebody else is refused, and the message names its file", async () => {
  const folder = tmp();
  const ca = makeSshKey(folder, "ca", "ed25519");
  const sshd = await startSshd({ config: [`TrustedUserCAKeys ${ca.file}.pub`] });
  try {
    const key = makeSshKey(folder, "key", "ed25519");
    const options = { ssh_private_key_file: key.file, ssh_certificate_file: sign(ca, key, ["-n", "somebody"]) };
    await rejects(connectTo(sshd, { options }), { code: "TPK5002", message: /tried certificate .*key-cert\.pub/ });
    const missing = { ssh_private_key_file: key.file, ssh_certificate_file: join(folder, "nothing") };
    await rejects(connectTo(sshd, { options: missing }), { code: "TPK5002", message: /nothing cannot be used: it does not exist/ });
  } finally {
    await sshd.stop();
  }
});

test("what is no user certificate is not taken for one", () => {
  assert.is(parseCertificate("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHKj me@here"), undefined);
  assert.is(parseCertificate("ssh-ed25519-cert-v01@openssh.com AAAA"), undefined);
  assert.is(parseCertificate(""), undefined);
});

test.run();
