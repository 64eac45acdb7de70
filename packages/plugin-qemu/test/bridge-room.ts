// A room of their own for tests of bridges: other networks, and another /etc, than those of this machine. Both are gone with the process.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const MARK = "TSPACK_TEST_BRIDGE_ROOM";

/** Whether this process runs in such a room. */
export const isInRoom = process.env[MARK] === "yes";

/** Runs a test file once more, in a room. Throws with what it printed when a test fails there. */
export async function runInRoom(testFile: string): Promise<void> {
  const argv = ["--mount", "--net", process.execPath, ...process.execArgv, fileURLToPath(testFile)];
  const child = spawn("unshare", argv, { env: { ...process.env, [MARK]: "yes", FORCE_COLOR: "0" }, stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (printed += chunk.toString("utf8")));
  const [code]: unknown[] = await once(child, "close");
  if (code !== 0 || !/^\s*Passed:\s+[1-9]/m.test(printed)) throw new Error(`tests in the room have failed:\n${printed}`);
}

/** Runs `ip` with these words. */
export function ip(...words: readonly string[]): void {
  execFileSync("ip", words, { stdio: ["ignore", "ignore", "pipe"] });
}

/** Prepares the room that this process is in: a loopback network, and a copy of /etc, where QEMU's bridge helper has no list yet. */
export function furnishRoom(): void {
  ip("link", "set", "lo", "up");
  const room = "/mnt";
  execFileSync("mount", ["-t", "tmpfs", "tmpfs", room]);
  execFileSync("cp", ["--archive", "/etc", room]);
  mkdirSync(join(room, "etc/qemu"), { recursive: true });
  writeFileSync(join(room, "etc/qemu/bridge.conf"), "");
  execFileSync("mount", ["--bind", join(room, "etc"), "/etc"]);
}

/** Lets QEMU's bridge helper use a bridge. */
export function allowBridge(name: string): void {
  appendFileSync("/etc/qemu/bridge.conf", `allow ${name}\n`);
}

/** Makes a bridge that nothing is connected to. `address` has the bits of its network behind a slash. */
export function makeBridge(name: string, address?: string): void {
  ip("link", "add", name, "type", "bridge");
  if (address !== undefined) ip("address", "add", address, "dev", name);
  ip("link", "set", name, "up");
  // One that nothing has been connected to yet claims to have a carrier.
  ip("tuntap", "add", "gone", "mode", "tap");
  ip("link", "set", "gone", "master", name);
  ip("tuntap", "del", "gone", "mode", "tap");
}

/** Connects another network to a bridge, as the card of a host is. */
export function connectBridge(name: string): void {
  ip("link", "add", `${name}-in`, "type", "veth", "peer", "name", `${name}-out`);
  ip("link", "set", `${name}-in`, "master", name, "up");
  ip("link", "set", `${name}-out`, "up");
}
