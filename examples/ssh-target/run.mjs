// Starts a private SSH server on a free port of this machine, runs the build against it, and stops it. Needs openssh-server.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const sshd = ["/usr/sbin/sshd", "/usr/bin/sshd", "/usr/local/sbin/sshd"].find(existsSync);
if (sshd === undefined) {
  console.error("this example needs an SSH server; on Debian: apt-get install openssh-server");
  process.exit(1);
}

const folder = mkdtempSync(join(tmpdir(), "tspack-ssh-target-"));
const file = (name) => join(folder, name);
const port = await freePort();
for (const name of ["host_key", "user_key"]) execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file(name)]);
const fingerprint = execFileSync("ssh-keygen", ["-lf", file("host_key.pub")], { encoding: "utf8" }).split(" ")[1];
writeFileSync(
  file("sshd_config"),
  [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${file("host_key")}`,
    `AuthorizedKeysFile ${file("user_key.pub")}`,
    `PidFile ${file("pid")}`,
    "StrictModes no",
    "UseDNS no",
    "PasswordAuthentication no",
    "Subsystem sftp internal-sftp",
    "",
  ].join("\n"),
);
if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true });
const server = spawn(sshd, ["-D", "-f", file("sshd_config"), "-E", file("log")], { stdio: "ignore" });
try {
  await listening(port);
  const variables = { port, user: userInfo().username, key_file: file("user_key"), host_key: fingerprint, work_folder: file("machine") };
  const args = Object.entries(variables).flatMap(([name, value]) => ["-var", `${name}=${value}`]);
  const { status } = spawnSync("npx", ["tspack", "run", ...args, here], { stdio: "inherit" });
  process.exitCode = status ?? 1;
} finally {
  server.kill();
  rmSync(folder, { recursive: true, force: true });
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

async function listening(port) {
  for (let attempt = 0; attempt < 100; attempt++) {
    const open = await new Promise((resolve) => {
      const socket = connect(port, "127.0.0.1", () => resolve(true));
      socket.on("error", () => resolve(false));
      socket.on("close", () => socket.destroy());
      socket.on("connect", () => socket.end());
    });
    if (open) return;
    await pause(50);
  }
  throw new Error("the SSH server did not start");
}
