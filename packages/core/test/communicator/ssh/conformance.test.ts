import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { communicatorConformance, lab, makeSshKey, type Sshd, startSshd, tmp } from "@tspack/test-support";
import { test } from "uvu";
import { connectTo } from "./connection.ts";

const labTest = lab(test, "sshd", "root");

/** Servers are shared by all tests of one kind; each test has a connection of its own. */
const servers: Promise<Sshd>[] = [];

for (const method of ["scp", "sftp"] as const) {
  for (const tar of ["with tar", "without tar"] as const) {
    let started: Promise<Sshd> | undefined;
    const server = (): Promise<Sshd> => {
      if (started === undefined) {
        const config = tar === "with tar" ? [] : [`SetEnv PATH=${programsWithoutTar()} HOME=/nonexistent`];
        started = startSshd({ config, withoutSftp: method === "scp" });
        servers.push(started);
      }
      return started;
    };
    communicatorConformance(
      (name, body) => labTest(`${method} ${tar}: ${name}`, body),
      async () => {
        const sshd = await server();
        const key = makeSshKey(tmp(), "id", "ed25519");
        sshd.authorize(key.publicKey);
        const options = { ssh_private_key_file: key.file, ssh_file_transfer_method: method };
        const { communicator, close } = await connectTo(sshd, { options });
        return { communicator, root: tmp("root"), close };
      },
    );
  }
}

test.after(async () => {
  for (const started of servers) await (await started).stop();
});

/** A PATH with a few programs and no tar. */
function programsWithoutTar(): string {
  const folder = join(tmp("programs"), "bin");
  mkdirSync(folder);
  for (const name of ["sh", "cat", "wc", "stat", "sha256sum", "mkdir", "ln", "find", "sort", "sleep", "chmod", "touch", "scp"]) {
    symlinkSync(execFileSync("which", [name]).toString().trim(), join(folder, name));
  }
  return folder;
}

test.run();
