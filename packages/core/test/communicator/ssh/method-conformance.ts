// The contract of communicators for one transfer method, on machines with tar and without it.
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { communicatorConformance, lab, makeSshKey, type Sshd, type SshKey, startSshd, tmp } from "@tspack/test-support";
import { test } from "uvu";
import { connectTo } from "./connection.ts";

interface Server {
  readonly sshd: Sshd;
  readonly key: SshKey;
}

/** Registers the tests. Servers are shared by all tests of one kind; each test has a connection of its own. */
export function methodConformance(method: "scp" | "sftp"): void {
  const labTest = lab(test, "sshd", "root");
  const servers: Promise<Server>[] = [];
  for (const tar of ["with tar", "without tar"] as const) {
    let started: Promise<Server> | undefined;
    const server = (): Promise<Server> => {
      if (started === undefined) {
        started = startServer({
          config: tar === "with tar" ? [] : [`SetEnv PATH=${programsWithoutTar()} HOME=/nonexistent`],
          withoutSftp: method === "scp",
        });
        servers.push(started);
      }
      return started;
    };
    communicatorConformance(
      (name, body) => labTest(`${method} ${tar}: ${name}`, body),
      async () => {
        const { sshd, key } = await server();
        const options = { ssh_private_key_file: key.file, ssh_file_transfer_method: method };
        const { communicator, close } = await connectTo(sshd, { options });
        return { communicator, root: tmp("root"), close };
      },
    );
  }
  test.after(async () => {
    for (const started of servers) await (await started).sshd.stop();
  });
}

// --- internal ---

async function startServer(options: { readonly config: readonly string[]; readonly withoutSftp: boolean }): Promise<Server> {
  const sshd = await startSshd(options);
  const key = makeSshKey(sshd.directory, "id", "ed25519");
  sshd.authorize(key.publicKey);
  return { sshd, key };
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
