// A process that holds mount, process, IPC and host name namespaces (and, for ordinary users, a user namespace) in which a root
// file system is mounted. Everything in it ends with that process, and that process ends with us, however we end.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { access, constants, readFile } from "node:fs/promises";
import { Socket } from "node:net";
import { userInfo } from "node:os";
import { delimiter, join } from "node:path";
import { BuildError, CancelledError } from "../../diagnostics/error.ts";
import { HOLDER_SCRIPT, STOP_ALL_SCRIPT } from "./scripts.ts";

/** Who we are outside, which decides what is possible inside. */
export type Privilege =
  /** Root, without a user namespace. */
  | "root"
  /** An ordinary user with subordinate ids: inside there are root and all other users. */
  | "many-users"
  /** An ordinary user without: inside there is root alone. */
  | "one-user";

export interface NamespacePlan {
  /** Folder with `lower`, `points`, `upper`, `work` and `root`, all there, and `resolv.conf`. */
  readonly workspace: string;
  /** What lies under the changes: an absolute path, or `lower` for the folder of that name in the workspace. */
  readonly base: string;
  /** Mount points to show inside, read-only. */
  readonly submounts: readonly string[];
  /** Place of resolv.conf in the root, with all links followed; undefined leaves it alone. */
  readonly resolvConf: string | undefined;
  readonly environment: { readonly [name: string]: string | undefined };
  readonly signal: AbortSignal;
}

/** The programs used, and where they are. */
export type Tool = "unshare" | "nsenter" | "chroot" | "sh" | "mount" | "cat";

/** A live namespace. Whoever opened it closes it. */
export interface Namespace {
  readonly privilege: Privilege;
  /** Turns a command into one that runs inside, seeing the outer file system too (the root is at `workspace/root`). */
  enter(command: readonly [string, ...string[]]): readonly [string, ...string[]];
  readonly tools: { readonly [tool in Tool]: string };
  /** Kills everything inside but the namespace itself. */
  stopProcesses(): Promise<void>;
  /** Ends every process in it and takes its mounts down. Resolves when all of that is done. */
  close(): Promise<void>;
}

/** Time for the processes inside to go away once they were killed. */
const CLOSE_LIMIT_MS = 10_000;

const packages: { readonly [tool in Tool]: string } = {
  unshare: "util-linux",
  nsenter: "util-linux",
  mount: "util-linux",
  chroot: "coreutils",
  cat: "coreutils",
  sh: "a shell",
};

/** Opens the namespace, trying what the user may do in turn. Throws TPK6008 saying what is missing and what else can be done. */
export async function openNamespace(plan: NamespacePlan): Promise<Namespace> {
  const tools = await findTools(plan.environment);
  const failures: string[] = [];
  for (const privilege of await possiblePrivileges()) {
    try {
      return await tryOpen(plan, tools, privilege);
    } catch (error) {
      if (!(error instanceof HolderFailure)) throw error;
      failures.push(`${attempts[privilege]}: ${error.message}`);
    }
  }
  throw await cannotOpen(failures);
}

/** The ways for this user, the most capable first. */
export async function possiblePrivileges(): Promise<readonly Privilege[]> {
  if (process.platform !== "linux") return [];
  const ways: Privilege[] = process.getuid?.() === 0 ? ["root"] : [];
  if (process.getuid?.() !== 0 && (await hasSubordinateIds())) ways.push("many-users");
  return [...ways, "one-user"];
}

// --- internal ---

const attempts: { readonly [privilege in Privilege]: string } = {
  root: "as root",
  "many-users": "in a user namespace with subordinate ids",
  "one-user": "in a user namespace",
};

/** The first process did not come up. */
class HolderFailure extends Error {}

async function tryOpen(plan: NamespacePlan, tools: Namespace["tools"], privilege: Privilege): Promise<Namespace> {
  if (plan.signal.aborted) throw new CancelledError();
  const user = { root: [], "many-users": ["--user", "--map-root-user", "--map-auto"], "one-user": ["--user", "--map-root-user"] }[
    privilege
  ];
  // `userxattr`: an ordinary user cannot write the attributes overlayfs uses otherwise.
  const overlay = privilege === "root" ? ",redirect_dir=off,metacopy=off,index=off" : ",userxattr";
  const { workspace, base, resolvConf, submounts } = plan;
  const child = spawn(
    tools.unshare,
    [
      ...[...user, "--mount", "--pid", "--uts", "--ipc", "--fork", "--kill-child", "--"],
      ...[tools.sh, "-c", HOLDER_SCRIPT, "tspack", workspace, base, overlay, resolvConf ?? "", ...submounts],
    ],
    // A session of its own: an interrupt from the terminal must not end it before the build has cleaned up.
    { stdio: ["pipe", "pipe", "pipe"], env: { PATH: systemPath(plan.environment), LC_ALL: "C" }, detached: true },
  );
  // Not only has it ended: nobody inside holds its output any more.
  const gone = new Promise<void>((resolve) => {
    child.once("close", () => resolve());
  });
  const pid = await ready(child, plan.signal).catch(async (error: unknown) => {
    child.stdin.destroy();
    child.kill("SIGKILL");
    await gone;
    throw error;
  });
  // Where a failed build is to be left as it is, nobody closes this; then it ends with our process, which must not wait for it.
  unreference(child);
  const sameUser = privilege === "root" ? [] : ["--user", "--preserve-credentials"];
  const namespace: Namespace = {
    privilege,
    tools,
    enter: (command) => [tools.nsenter, "--target", pid, "--mount", "--pid", "--uts", "--ipc", ...sameUser, "--", ...command],
    async stopProcesses() {
      const [program, ...args] = namespace.enter([tools.sh, "-c", STOP_ALL_SCRIPT]);
      const stop = spawn(program, args, { stdio: "ignore", env: { PATH: systemPath(plan.environment) } });
      await once(stop, "exit");
    },
    async close() {
      // The end of its input ends the first process, and the system everything else before that counts as ended.
      child.ref();
      child.stdin.end();
      const timer = setTimeout(() => child.kill("SIGKILL"), CLOSE_LIMIT_MS);
      await gone;
      clearTimeout(timer);
    },
  };
  return namespace;
}

function unreference(child: ChildProcess): void {
  child.unref();
  for (const stream of [child.stdin, child.stdout, child.stderr]) if (stream instanceof Socket) stream.unref();
}

/** The first process' id outside, once everything is mounted. */
async function ready(child: ChildProcess, signal: AbortSignal): Promise<string> {
  let output = "";
  let complaint = "";
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(new CancelledError());
    signal.addEventListener("abort", onAbort, { once: true });
    // A pipe whose reader is gone is not our problem: the exit tells.
    child.stdin?.on("error", () => {});
    child.stdout?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      const match = /^ready (\d+)$/m.exec(output);
      if (match?.[1] === undefined) return;
      signal.removeEventListener("abort", onAbort);
      resolve(match[1]);
    });
    child.stderr?.on("data", (chunk: Buffer) => {
      complaint += chunk.toString();
    });
    child.once("error", (cause) => reject(new HolderFailure(cause.message)));
    child.once("close", () => {
      signal.removeEventListener("abort", onAbort);
      reject(new HolderFailure(complaint.trim().replace(/\s*\n\s*/g, "; ") || "it ended without a reason"));
    });
  });
}

/** Folders of system programs are not on every ordinary user's PATH. */
export function systemPath(environment: { readonly [name: string]: string | undefined }): string {
  const path = environment.PATH ?? "";
  return [...(path === "" ? [] : [path]), "/usr/sbin", "/usr/bin", "/sbin", "/bin"].join(delimiter);
}

async function findTools(environment: { readonly [name: string]: string | undefined }): Promise<Namespace["tools"]> {
  if (process.platform !== "linux") {
    throw new BuildError(`commands cannot run inside a root file system on ${process.platform}, only on Linux`, {
      code: "TPK6008",
      hint: "Provisioners that only upload files work everywhere; for the others build on Linux or in a Linux virtual machine.",
    });
  }
  const folders = systemPath(environment).split(delimiter);
  const find = async (tool: Tool): Promise<string> => {
    for (const folder of folders) {
      const path = join(folder, tool);
      if (!path.startsWith("/")) continue;
      try {
        await access(path, constants.X_OK);
        return path;
      } catch {
        // Not in this folder.
      }
    }
    throw new BuildError(`the program ${tool} is needed to run commands inside a root file system, and it is not installed`, {
      code: "TPK6008",
      hint: `It is in ${packages[tool]}. Without it, use provisioners that only upload files.`,
    });
  };
  return {
    unshare: await find("unshare"),
    nsenter: await find("nsenter"),
    chroot: await find("chroot"),
    sh: await find("sh"),
    mount: await find("mount"),
    cat: await find("cat"),
  };
}

/** newuidmap(1) needs an entry by name or number in both files. */
async function hasSubordinateIds(): Promise<boolean> {
  const names = [String(process.getuid?.() ?? "")];
  try {
    names.push(userInfo().username);
  } catch {
    // A number without an entry in /etc/passwd.
  }
  for (const file of ["/etc/subuid", "/etc/subgid"]) {
    const text = await readFile(file, "utf8").catch(() => "");
    if (!text.split("\n").some((line) => names.some((name) => line.startsWith(`${name}:`)))) return false;
  }
  return true;
}

async function cannotOpen(failures: readonly string[]): Promise<BuildError> {
  const setting = async (name: string): Promise<string | undefined> =>
    (await readFile(`/proc/sys/${name}`, "utf8").catch(() => undefined))?.trim();
  const advice: string[] = [];
  if ((await setting("user/max_user_namespaces")) === "0")
    advice.push("User namespaces are switched off here (user.max_user_namespaces is 0).");
  if ((await setting("kernel/unprivileged_userns_clone")) === "0") {
    advice.push("User namespaces are for root alone here (kernel.unprivileged_userns_clone is 0).");
  }
  if ((await setting("kernel/apparmor_restrict_unprivileged_userns")) === "1") {
    advice.push("AppArmor restricts user namespaces here (kernel.apparmor_restrict_unprivileged_userns is 1).");
  }
  if (failures.some((failure) => /overlay/.test(failure))) {
    advice.push(
      "The temporary folder has to be on a file system that overlayfs can write to, such as ext4, xfs, btrfs or tmpfs: set TMPDIR.",
    );
  }
  advice.push("Run as root, or in a container with --privileged, or use only provisioners that upload files, which need no rights at all.");
  return new BuildError(`commands cannot run inside the root file system on this machine: ${failures.join("; ")}`, {
    code: "TPK6008",
    hint: advice.join(" "),
  });
}
