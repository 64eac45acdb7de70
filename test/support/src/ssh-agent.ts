import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { join } from "node:path";
import { findLabProgram } from "./lab.ts";
import { tmp } from "./tmp.ts";

export interface SshAgent {
  /** For `SSH_AUTH_SOCK`. */
  readonly socket: string;
  stop(): Promise<void>;
}

/** Starts an ssh-agent of the test's own that holds these private key files. Stop it in `finally`. */
export async function startSshAgent(keyFiles: readonly string[]): Promise<SshAgent> {
  const socket = join(tmp("agent"), "socket");
  const agent = spawn(findLabProgram("ssh-agent") ?? "ssh-agent", ["-D", "-a", socket], { stdio: ["ignore", "pipe", "pipe"] });
  running.add(agent);
  // It says where it listens once it does.
  await new Promise((resolve) => agent.stdout?.once("data", resolve));
  const add = join(findLabProgram("ssh-agent") ?? "", "..", "ssh-add");
  execFileSync(add, ["-q", ...keyFiles], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: "pipe" });
  return {
    socket,
    async stop() {
      const exited = new Promise((resolve) => agent.once("exit", resolve));
      running.delete(agent);
      agent.kill();
      await exited;
    },
  };
}

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const agent of running) agent.kill();
});
