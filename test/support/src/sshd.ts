// Private OpenSSH servers on loopback for the tests of the SSH communicator.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { appendFileSync, chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { findLabProgram } from "./lab.ts";
import { tmp } from "./tmp.ts";

export interface SshdOptions {
  /** Lines of sshd_config; they win over the defaults. */
  readonly config?: readonly string[];
  /** Leave out the SFTP subsystem. */
  readonly withoutSftp?: boolean;
  readonly port?: number;
}

/** An OpenSSH server of one test's own. Root may log in with what `authorize` was given. Stop it in `finally`. */
export interface Sshd {
  readonly host: "127.0.0.1";
  readonly port: number;
  /** Fingerprint of its only host key, `SHA256:…`. */
  readonly fingerprint: string;
  /** Folder of its files. */
  readonly directory: string;
  /** What it has logged, level VERBOSE unless configured. */
  log(): string;
  /** How many connections it has accepted. */
  connections(): number;
  /** Adds a line to everybody's authorized keys. */
  authorize(publicKey: string): void;
  /** Resolves when the log matches; rejects after a minute. */
  logged(pattern: RegExp): Promise<void>;
  /** Ends the server, its connections and what runs in them, as a reboot does. */
  kill(): Promise<void>;
  /** Starts it again on the same port, with the same keys. */
  start(): Promise<void>;
  /** The same as `kill`, for good. */
  stop(): Promise<void>;
}

/** Starts a server and waits until it listens. Needs root. */
export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const directory = tmp("sshd");
  // A user's home and keys may lie below; sshd runs as them when it reads there.
  chmodSync(directory, 0o755);
  mkdirSync("/run/sshd", { recursive: true });
  const hostKey = makeSshKey(directory, "host_key", "ed25519");
  const port = options.port ?? (await freePort());
  const authorizedKeys = join(directory, "authorized_keys");
  writeFileSync(authorizedKeys, "");
  const config = join(directory, "sshd_config");
  const lines = [
    ...(options.config ?? []),
    // Keeps the shell away from the developer's own start-up files. The first SetEnv line is the one that counts.
    `SetEnv HOME=${directory}`,
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${hostKey.file}`,
    "PidFile none",
    "StrictModes no",
    "UseDNS no",
    "UsePAM no",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "PermitRootLogin yes",
    `AuthorizedKeysFile ${authorizedKeys}`,
    "MaxStartups 1000",
    "MaxSessions 100",
    "LogLevel VERBOSE",
    ...(options.withoutSftp === true ? [] : ["Subsystem sftp internal-sftp"]),
  ];
  writeFileSync(config, `${lines.join("\n")}\n`);
  let child: ChildProcess | undefined;
  let log = "";
  const start = async (): Promise<void> => {
    const seen = log.length;
    const server = spawn(findLabProgram("sshd") ?? "/usr/sbin/sshd", ["-D", "-e", "-f", config], { stdio: ["ignore", "ignore", "pipe"] });
    child = server;
    running.add(server);
    server.stderr?.on("data", (chunk: Buffer) => {
      log += chunk.toString();
    });
    await new Promise<void>((resolve, reject) => {
      server.stderr?.on("data", () => {
        if (log.slice(seen).includes("Server listening on")) resolve();
      });
      server.once("exit", () => reject(new Error(`sshd did not start:\n${log.slice(seen)}`)));
    });
  };
  const kill = async (): Promise<void> => {
    if (child === undefined) return;
    const server = child;
    child = undefined;
    running.delete(server);
    const exited = new Promise((resolve) => server.once("exit", resolve));
    killTree(server);
    await exited;
  };
  await start();
  return {
    host: "127.0.0.1",
    port,
    fingerprint: hostKey.fingerprint,
    directory,
    log: () => log,
    connections: () => log.split("\n").filter((line) => /^Connection from /.test(line)).length,
    authorize: (publicKey) => appendFileSync(authorizedKeys, `${publicKey.trim()}\n`),
    logged: async (pattern) => {
      const limit = Date.now() + 60_000;
      while (!pattern.test(log)) {
        if (Date.now() > limit || child === undefined) throw new Error(`${pattern} is not in the log of sshd:\n${log}`);
        await new Promise((resolve) => child?.stderr?.once("data", resolve));
      }
    },
    start,
    kill,
    stop: kill,
  };
}

export interface SshKey {
  readonly file: string;
  /** As a line of authorized_keys. */
  readonly publicKey: string;
  readonly fingerprint: string;
}

/** Makes a key pair with ssh-keygen; `more` are further arguments (`-m PEM`, `-b 2048`). */
export function makeSshKey(directory: string, name: string, type: string, more: readonly string[] = [], passphrase = ""): SshKey {
  const keygen = findLabProgram("ssh-keygen") ?? "ssh-keygen";
  const file = join(directory, name);
  execFileSync(keygen, ["-q", "-t", type, "-N", passphrase, "-C", `${name}@test`, "-f", file, ...more], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const fingerprint =
    execFileSync(keygen, ["-l", "-f", `${file}.pub`])
      .toString()
      .split(" ")[1] ?? "";
  return { file, publicKey: readFileSync(`${file}.pub`, "utf8"), fingerprint };
}

export interface ThrowAwayUser {
  readonly name: string;
  readonly password: string;
  readonly home: string;
  remove(): void;
}

/** Makes a user with a password and a home folder. Needs root; remove it in `finally`. */
export function makeUser(): ThrowAwayUser {
  const name = `tsp${randomBytes(4).toString("hex")}`;
  const password = randomBytes(9).toString("base64url");
  const home = tmp("home");
  execFileSync("useradd", ["--no-create-home", "--home-dir", home, "--shell", "/bin/sh", name], { stdio: "pipe" });
  execFileSync("chpasswd", [], { input: `${name}:${password}\n`, stdio: ["pipe", "pipe", "pipe"] });
  execFileSync("chown", [`${name}:`, home]);
  users.add(name);
  return {
    name,
    password,
    home,
    remove() {
      if (!users.delete(name)) return;
      removeUser(name);
    },
  };
}

// --- internal ---

const running = new Set<ChildProcess>();
const users = new Set<string>();

process.on("exit", () => {
  for (const server of running) killTree(server);
  for (const name of users) removeUser(name);
});

function removeUser(name: string): void {
  // -f: processes of the user may be about to end. It complains about the missing mail folder.
  execFileSync("userdel", ["-f", name], { stdio: "ignore" });
}

/** Connections run in sessions of their own, so the whole tree below the server is looked up. */
function killTree(server: ChildProcess): void {
  if (server.pid === undefined) return;
  const children = new Map<number, number[]>();
  for (const entry of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    const parent = parentOf(entry);
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
  }
  const tree = [server.pid];
  for (const pid of tree) tree.push(...(children.get(pid) ?? []));
  for (const pid of tree) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // Ended in the meantime.
    }
  }
}

function parentOf(pid: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return undefined;
  }
}
