import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { lab, makeSshKey, makeUser, rejects, type Sshd, type SshdOptions, startSshd, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Connection } from "../../../src/communicator/connect.ts";
import { isCancellation } from "../../../src/diagnostics/error.ts";
import { DISCONNECT_EXIT_CODE } from "../../../src/sdk/communicator.ts";
import { connectTo, Gathered, output } from "./connection.ts";

const labTest = lab(test, "sshd", "root");

async function withConnection(
  options: SshdOptions & { readonly options?: { readonly [option: string]: unknown } },
  body: (connection: Connection, sshd: Sshd) => Promise<void>,
): Promise<void> {
  const sshd = await startSshd(options);
  try {
    const key = makeSshKey(sshd.directory, "id", "ed25519");
    sshd.authorize(key.publicKey);
    const connection = await connectTo(sshd, { options: { ssh_private_key_file: key.file, ...options.options } });
    try {
      await within(20_000, () => body(connection, sshd));
    } finally {
      await connection.close();
    }
  } finally {
    await sshd.stop();
  }
}

labTest("one connection serves commands and transfers, one after the other and at once", async () => {
  await withConnection({}, async (connection, sshd) => {
    const folder = tmp();
    const upload = (name: string) =>
      connection.communicator.upload({
        path: join(folder, name),
        content: Readable.from(["x"]),
        sizeBytes: 1,
        signal: new AbortController().signal,
      });
    await output(connection, "true");
    await Promise.all(Array.from({ length: 20 }, (_, index) => Promise.all([upload(`f${index}`), output(connection, "true")])));
    assert.is(sshd.connections(), 1);
  });
});

labTest("the exit code of a command that ends at once is not lost", async () => {
  await withConnection({}, async (connection) => {
    const run = async (): Promise<number> =>
      (await connection.communicator.execute({ command: "exit 7", signal: new AbortController().signal })).exitCode;
    const codes = await Promise.all(Array.from({ length: 150 }, run));
    assert.equal(new Set(codes), new Set([7]));
  });
});

labTest("what is beyond MaxSessions waits its turn", async () => {
  await withConnection({ config: ["MaxSessions 2"] }, async (connection, sshd) => {
    const ran = await Promise.all(Array.from({ length: 12 }, (_, index) => output(connection, `sleep 0.05; echo ${index}`)));
    assert.equal(
      ran.map(({ stdout }) => stdout.trim()),
      Array.from({ length: 12 }, (_, index) => String(index)),
    );
    assert.is(sshd.connections(), 1);
  });
});

labTest("a command that waits its turn can be aborted, and the others go on", async () => {
  await withConnection({ config: ["MaxSessions 1"] }, async (connection) => {
    const started = new Gathered();
    const over = join(tmp(), "over");
    const long = connection.communicator.execute({
      command: `echo go; while [ ! -e ${over} ]; do sleep 0.05; done; exit 5`,
      stdout: started,
      signal: new AbortController().signal,
    });
    await started.begun;
    const abort = new AbortController();
    const waiting = output(connection, "echo never", abort.signal);
    const last = output(connection, "echo last");
    setTimeout(() => abort.abort(), 50);
    assert.ok(isCancellation(await rejects(waiting)));
    writeFileSync(over, "");
    assert.is((await long).exitCode, 5);
    assert.is((await last).stdout, "last\n");
  });
});

labTest("a reboot ends the running command as a disconnect, and the next command finds the machine again", async () => {
  await withConnection({}, async (connection, sshd) => {
    const started = new Gathered();
    const running = connection.communicator.execute({
      command: "echo up; sleep 60",
      stdout: started,
      signal: new AbortController().signal,
    });
    await started.begun;
    await sshd.kill();
    assert.is((await running).exitCode, DISCONNECT_EXIT_CODE);
    await rejects(output(connection, "true"), { code: "TPK5001", message: /connection refused/ });
    await sshd.start();
    const [first, second] = await Promise.all([output(connection, "echo one"), output(connection, "echo two")]);
    assert.is(first.stdout + second.stdout, "one\ntwo\n");
    assert.is(sshd.connections(), 2);
  });
});

labTest("a connection lost in the middle of a transfer is an error that says so", async () => {
  for (const method of ["scp", "sftp"] as const) {
    await withConnection({ options: { ssh_file_transfer_method: method } }, async (connection, sshd) => {
      let pieces = 0;
      const content = new Readable({
        read() {
          pieces += 1;
          if (pieces === 10) void sshd.kill();
          this.push(Buffer.alloc(65_536));
        },
      });
      const upload = connection.communicator.upload({
        path: join(tmp(), "file"),
        content,
        sizeBytes: 1e12,
        signal: new AbortController().signal,
      });
      await rejects(upload, { code: "TPK5004", message: /could not upload .*file: the connection was lost/ });
      assert.ok(content.destroyed);
    });
  }
});

labTest("ssh_read_write_timeout ends a connection that has gone silent", async () => {
  // Without keep-alive messages a command that says nothing is silence.
  const options = { ssh_read_write_timeout: "2s", ssh_keep_alive_interval: "-1s" };
  await withConnection({ options }, async (connection) => {
    assert.is((await output(connection, "sleep 30")).exitCode, DISCONNECT_EXIT_CODE);
    assert.is((await output(connection, "echo again")).stdout, "again\n");
  });
});

labTest("ssh_pty runs commands in an xterm of 80 by 40 without echo", async () => {
  await withConnection({ options: { ssh_pty: true } }, async (connection) => {
    const { stdout } = await output(
      connection,
      "test -t 0 && test -t 1 && echo tty; echo $TERM; stty size; stty -a | grep -o -e '-echo ' ; echo err >&2",
    );
    assert.equal(stdout.split(/\r?\n/), ["tty", "xterm", "40 80", "-echo ", "err", ""]);
  });
  await withConnection({}, async (connection) => {
    assert.is((await output(connection, "test -t 0 || echo no tty")).stdout, "no tty\n");
  });
});

labTest("a command that a signal ends has 128 and its number as exit code", async () => {
  await withConnection({}, async (connection) => {
    assert.is((await output(connection, "kill -KILL $$")).exitCode, 137);
  });
});

labTest("an abort ends the command on the machine too", async () => {
  const user = makeUser();
  const sshd = await startSshd({ config: ["PasswordAuthentication yes", "UsePAM yes"] });
  try {
    const connection = await connectTo(sshd, { options: { ssh_username: user.name, ssh_password: user.password } });
    try {
      const abort = new AbortController();
      const ended = join(user.home, "ended");
      const stdout = new Gathered();
      const running = connection.communicator.execute({
        command: `trap 'echo yes > ${ended}; exit' TERM; echo ready; while :; do sleep 0.05; done`,
        stdout,
        signal: abort.signal,
      });
      await stdout.begun;
      abort.abort();
      assert.ok(isCancellation(await within(20_000, () => rejects(running))));
      assert.ok(existsSync(ended));
      assert.is(readFileSync(ended, "utf8"), "yes\n");
    } finally {
      await connection.close();
    }
  } finally {
    user.remove();
    await sshd.stop();
  }
});

labTest("an abort ends a command that does not want to end", async () => {
  const user = makeUser();
  const sshd = await startSshd({ config: ["PasswordAuthentication yes", "UsePAM yes"] });
  try {
    const connection = await connectTo(sshd, { options: { ssh_username: user.name, ssh_password: user.password } });
    try {
      const abort = new AbortController();
      const stdout = new Gathered();
      const command = "trap '' TERM; echo $$; while :; do sleep 0.05; done";
      const running = connection.communicator.execute({ command, stdout, signal: abort.signal });
      await stdout.begun;
      abort.abort();
      assert.ok(isCancellation(await within(20_000, () => rejects(running))));
      const status = `/proc/${Number(stdout.text)}/stat`;
      await within(20_000, async () => {
        while (isRunning(status)) await turn();
      });
    } finally {
      await connection.close();
    }
  } finally {
    user.remove();
    await sshd.stop();
  }
});

/** A process that has ended may not have been collected yet. */
function isRunning(status: string): boolean {
  try {
    return !/ Z /.test(readFileSync(status, "utf8"));
  } catch {
    return false;
  }
}

labTest("a closed connection leaves nothing that keeps the process alive or the server busy", async () => {
  const sshd = await startSshd();
  try {
    const key = makeSshKey(sshd.directory, "id", "ed25519");
    sshd.authorize(key.publicKey);
    const connection = await connectTo(sshd, { options: { ssh_private_key_file: key.file } });
    await output(connection, "true");
    await connection.close();
    await sshd.logged(/Received disconnect from 127\.0\.0\.1|Connection closed by|Disconnected from user root/);
    const open = process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap");
    assert.equal(open, []);
  } finally {
    await sshd.stop();
  }
});

test.run();
