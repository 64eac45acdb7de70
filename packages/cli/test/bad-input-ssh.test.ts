// A machine that cannot be reached, does not let us in, is another one, or goes away: through the built program.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePort, lab, makeSshKey, makeUser, startSshd, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { finish, startTspack, type TspackResult, tspack } from "./support/tspack.ts";

const labTest = lab(test, "sshd", "ssh-keygen", "root");

/** A program with one command on a machine that is reached as the options say. */
function project(options: { readonly [name: string]: unknown }, inline: readonly string[] = ["true"]): string {
  const folder = tmp("bad-ssh");
  const config = { ssh_host: "127.0.0.1", ssh_username: "root", ssh_timeout: "20s", ...options };
  writeFileSync(
    join(folder, "image.ts"),
    `import { build, provision, source } from "tspack";
export default build({
  sources: [source("null", "machine", ${JSON.stringify(config)})],
  provisioners: [provision("shell", { inline: ${JSON.stringify(inline)} })],
});
`,
  );
  return folder;
}

function failedWith({ code, stdout, stderr }: TspackResult, message: RegExp, secret?: string): void {
  assert.is(code, 1, stdout + stderr);
  assert.match(stdout, message);
  // Once where it happened, once in Packer's summary of errors.
  assert.match(stdout, /Build 'null\.machine' errored after/);
  assert.not.match(stdout, /^\s+at .*:\d+:\d+\)?$/m);
  if (secret !== undefined) assert.not.match(stdout + stderr, new RegExp(secret.replace(/[^\w]/g, "\\$&")));
}

labTest("nobody listens there", async () => {
  const folder = project({ ssh_port: await freePort(), ssh_timeout: "1s", ssh_password: "x" });
  failedWith(await within(180_000, () => tspack(["run"], { cwd: folder })), /127\.0\.0\.1/);
});

labTest("a wrong password is told as such, soon, and not printed", async () => {
  const sshd = await startSshd({ config: ["PasswordAuthentication yes", "UsePAM yes"] });
  const user = makeUser();
  try {
    const password = "not-the-password-of-anybody";
    const folder = project({ ssh_port: sshd.port, ssh_username: user.name, ssh_password: password, ssh_handshake_attempts: 1 });
    const result = await within(180_000, () => tspack(["run"], { cwd: folder }));
    failedWith(result, /password/i, password);
  } finally {
    user.remove();
    await sshd.stop();
  }
});

labTest("a host key that is not the pinned one ends the build before anything is sent", async () => {
  const sshd = await startSshd();
  try {
    const key = makeSshKey(tmp("key"), "key", "ed25519");
    sshd.authorize(key.publicKey);
    const other = makeSshKey(tmp("key"), "other", "ed25519").fingerprint;
    const options = { ssh_port: sshd.port, ssh_private_key_file: key.file };
    const wrong = await within(180_000, () => tspack(["run"], { cwd: project({ ...options, ssh_host_key_fingerprints: [other] }) }));
    failedWith(wrong, /host key/i);
    assert.ok(wrong.stdout.includes(sshd.fingerprint), "the key that was shown is not named");
    assert.not.match(sshd.log(), /Accepted publickey/);
    const right = await tspack(["run"], { cwd: project({ ...options, ssh_host_key_fingerprints: [sshd.fingerprint] }) });
    assert.is(right.code, 0, right.stdout);
  } finally {
    await sshd.stop();
  }
});

labTest("a connection that is lost in the middle of a command fails the build", async () => {
  const sshd = await startSshd();
  try {
    const key = makeSshKey(tmp("key"), "key", "ed25519");
    sshd.authorize(key.publicKey);
    const started = join(tmp("mark"), "started");
    const folder = project({ ssh_port: sshd.port, ssh_private_key_file: key.file }, [`touch ${started}`, "sleep 300"]);
    const child = startTspack(["run"], { cwd: folder });
    const ended = finish(child);
    await within(180_000, async () => {
      while (!existsSync(started)) await pause(20);
    });
    await sshd.kill();
    failedWith(await within(180_000, () => ended), /disconnect|connection/i);
  } finally {
    await sshd.stop();
  }
});

test.run();
