import type { ChildProcess } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * A command line that ends with our process, whatever ends that (row QM-205): Linux sends the signal, through `setpriv`. It follows the
 * thread that started the program, so never start one from a worker. Without `setpriv` the command line is returned as it is.
 */
export function boundToUs(argv: readonly string[], setpriv: string | undefined): readonly string[] {
  return setpriv === undefined ? argv : [setpriv, "--pdeathsig", "KILL", ...argv];
}

/**
 * Kills a program that was started as the leader of a process group (`detached`), with all that is in the group: QEMU may be behind a script
 * of the user's.
 */
export function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
  } catch {
    // All of it has ended.
  }
}

/** Kills a program as `killGroup` does when we exit first, which does it where there is no `setpriv`. Call what it returns when the process is gone. */
export function killedAtExit(child: ChildProcess): () => void {
  if (running.size === 0) process.on("exit", killAll);
  running.add(child);
  return () => {
    running.delete(child);
    if (running.size === 0) process.off("exit", killAll);
  };
}

/**
 * The path of a program that can be run, by its name or path; undefined when there is none. Only the search path counts, and `/usr/sbin`:
 * programs are started by their name, too. On Windows `.exe` may be left out.
 */
export function findProgram(name: string, path: string): string | undefined {
  const folders = [...path.split(delimiter).filter((folder) => folder !== ""), "/usr/sbin"];
  const places = name.includes("/") ? [name] : folders.map((folder) => join(folder, name));
  const candidates = process.platform === "win32" ? places.flatMap((place) => [place, `${place}.exe`]) : places;
  return candidates.find((candidate) => {
    try {
      accessSync(candidate, constants.X_OK);
      return statSync(candidate).isFile();
    } catch {
      return false;
    }
  });
}

// --- internal ---

/** What has to die with us. One listener is for all: of many Node warns. */
const running = new Set<ChildProcess>();

function killAll(): void {
  for (const child of running) killGroup(child);
}
