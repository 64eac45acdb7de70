import { type ChildProcess, execFile, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { tmp } from "./tmp.ts";

const run = promisify(execFile);

/** podman with a storage of its own, and settings that work where its defaults need more rights than the machine gives. */
export interface Podman {
  /** Runs podman to its end and answers what it printed; rejects with its error output when it fails. */
  (...args: readonly string[]): Promise<{ readonly stdout: string; readonly stderr: string }>;
  /** Starts podman and leaves it running; the caller ends it. */
  start(...args: readonly string[]): ChildProcess;
  /** Environment for programs that call podman or skopeo themselves. */
  readonly environment: { readonly [name: string]: string | undefined };
  /** Removes containers and images. Call it at the end of a test that made some. */
  close(): Promise<void>;
}

/** A podman that shares nothing with the user's. Only for tests that `lab(test, "podman", "root")` lets run. */
export function podman(): Podman {
  const folder = tmp("podman");
  const config = join(folder, "containers.conf");
  writeFileSync(
    config,
    `[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
`,
  );
  const environment = { ...process.env, CONTAINERS_CONF: config, TMPDIR: folder };
  const own = ["--root", join(folder, "root"), "--runroot", join(folder, "run"), "--storage-driver", "vfs"];
  const call = async (...args: readonly string[]) => {
    const { stdout, stderr } = await run("podman", [...own, ...args], { env: environment, maxBuffer: 16 * 1024 * 1024 });
    return { stdout, stderr };
  };
  return Object.assign(call, {
    start: (...args: readonly string[]) => spawn("podman", [...own, ...args], { env: environment, stdio: ["ignore", "pipe", "pipe"] }),
    environment,
    close: async () => {
      await call("rm", "--all", "--force", "--time", "0");
      await call("rmi", "--all", "--force");
    },
  });
}
