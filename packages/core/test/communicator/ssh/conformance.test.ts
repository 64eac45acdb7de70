import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { communicatorConformance, lab, makeSshKey, startSshd, tmp } from "@tspack/test-support";
import { test } from "uvu";
import { connectTo } from "./connection.ts";

const labTest = lab(test, "sshd", "root");

for (const method of ["scp", "sftp"] as const) {
  for (const tar of ["with tar", "without tar"] as const) {
    communicatorConformance(
      (name, body) => labTest(`${method} ${tar}: ${name}`, body),
      async () => {
        const config = tar === "with tar" ? [] : [`SetEnv PATH=${programsWithoutTar()} HOME=/nonexistent`];
        const sshd = await startSshd({ config, withoutSftp: method === "scp" });
        try {
          const key = makeSshKey(sshd.directory, "id", "ed25519");
          sshd.authorize(key.publicKey);
          const connection = await connectTo(sshd, {
            options: { ssh_private_key_file: key.file, ssh_file_transfer_method: method },
          });
          const close = async (): Promise<void> => {
            await connection.close();
            await sshd.stop();
          };
          return { communicator: connection.communicator, root: tmp("root"), close };
        } catch (error) {
          await sshd.stop();
          throw error;
        }
      },
    );
  }
}

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
