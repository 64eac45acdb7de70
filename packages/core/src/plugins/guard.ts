// Plugins must not outlive us, however we end. Most end with their connection. One that is in the middle of a call may not: Go's servers
// wait for calls that are being answered. After a kill nobody of us is left to see to that, so a small process is.
import { type ChildProcess, spawn } from "node:child_process";

/** How long plugins have to clean up after our end, in seconds: what those in TypeScript take at most. */
const GRACE_S = 60;

/**
 * Has the process group killed some time after our own end, if it is still there then. Answers a function that ends this, to be called
 * when the group has ended. Costs one process for all groups, which waits for our end; nothing on Windows.
 */
export function guardGroup(pid: number | undefined, graceSeconds: number = GRACE_S): () => void {
  if (pid === undefined || process.platform === "win32") return () => undefined;
  guard ??= startGuard(graceSeconds);
  const { stdin } = guard;
  stdin?.write(`+ ${pid}\n`);
  let isOver = false;
  return () => {
    if (!isOver) stdin?.write(`- ${pid}\n`);
    isOver = true;
  };
}

// --- internal ---

let guard: ChildProcess | undefined;

/** Reads which groups there are until its input ends, which it does with us. */
const SCRIPT = `
groups=
while read -r sign group; do
  left=
  for one in $groups; do [ "$one" = "$group" ] || left="$left $one"; done
  groups=$left
  [ "$sign" = - ] || groups="$groups $group"
done
waited=0
while [ "$waited" -lt "$1" ]; do
  left=
  for one in $groups; do kill -0 "-$one" 2>/dev/null && left="$left $one"; done
  groups=$left
  [ -n "$groups" ] || exit 0
  sleep 1
  waited=$((waited + 1))
done
for one in $groups; do kill -KILL "-$one" 2>/dev/null; done
`;

function startGuard(graceSeconds: number): ChildProcess {
  // In a session of its own: what ends us by the terminal does not end it.
  const child = spawn("/bin/sh", ["-c", SCRIPT, "tspack-guard", String(graceSeconds)], {
    stdio: ["pipe", "ignore", "ignore"],
    cwd: "/",
    detached: true,
  });
  // Without a shell there is no guard; plugins end with their connection all the same.
  child.on("error", () => undefined);
  child.stdin?.on("error", () => undefined);
  // It waits for us, and not the other way round.
  child.unref();
  if (child.stdin !== null && "unref" in child.stdin && typeof child.stdin.unref === "function") child.stdin.unref();
  return child;
}
