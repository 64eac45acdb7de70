import { lab, makeSshKey, makeUser, rejects, startSshd, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { connectTo, output } from "./connection.ts";

const labTest = lab(test, "sshd", "root");

labTest("a private key file logs in, and commands run", async () => {
  const sshd = await startSshd();
  try {
    const key = makeSshKey(tmp(), "id", "ed25519");
    sshd.authorize(key.publicKey);
    const connection = await connectTo(sshd, { options: { ssh_private_key_file: key.file } });
    try {
      const ran = await output(connection, "echo out; echo err >&2; exit 3");
      assert.equal(ran, { exitCode: 3, stdout: "out\n", stderr: "err\n" });
    } finally {
      await connection.close();
    }
  } finally {
    await sshd.stop();
  }
});

labTest("a password logs in; a wrong one is refused with what was tried, and is not shown", async () => {
  const sshd = await startSshd({ config: ["PasswordAuthentication yes", "UsePAM yes"] });
  const user = makeUser();
  try {
    const connection = await connectTo(sshd, { options: { ssh_username: user.name, ssh_password: user.password } });
    try {
      assert.is((await output(connection, "id -un")).stdout.trim(), user.name);
      assert.is(connection.data.Password, user.password);
    } finally {
      await connection.close();
    }
    const error = await rejects(connectTo(sshd, { options: { ssh_username: user.name, ssh_password: "wr0ng-pass" } }), {
      code: "TPK5002",
      message: /refused the credentials of .*tried password/,
    });
    assert.not.match(`${error.message} ${String(error.cause)}`, "wr0ng-pass");
  } finally {
    user.remove();
    await sshd.stop();
  }
});

test.run();
