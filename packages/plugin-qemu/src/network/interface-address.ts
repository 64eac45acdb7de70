// Where this host is for a guest on one of its bridges (row QM-83).
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import { BuildError, CancelledError, errorText, type RunInfo } from "@tspack/core/sdk";
import { findProgram } from "../machine/bound.ts";

/**
 * The first IPv4 address of a network interface of this host (Linux). Throws a `BuildError` that tells an interface that is not there from
 * one without an address.
 */
export async function addressOfInterface(name: string, run: RunInfo, signal: AbortSignal): Promise<string> {
  const address = networkInterfaces()[name]?.find(({ family }) => family === "IPv4")?.address ?? (await askSystem(name, run, signal));
  if (address !== undefined) return address;
  await requireInterface(name);
  throw new BuildError(`the bridge ${name} has no IPv4 address, which the machine would reach this host by`, {
    option: "net_bridge",
    hint: `give it one that is free in its network: ip address add ADDRESS/BITS dev ${shellWord(name)}`,
  });
}

/** Throws a `BuildError` (TPK6008) when this host has no network interface of that name (Linux). */
export async function requireInterface(name: string): Promise<void> {
  if (await exists(name)) return;
  throw new BuildError(`there is no network interface ${JSON.stringify(name)} on this host`, {
    code: "TPK6008",
    option: "net_bridge",
    hint: `a bridge has to be there before the build: ip link show type bridge lists them, and ip link add ${shellWord(name)} type bridge makes one`,
  });
}

// --- internal ---

/** Node leaves out interfaces without a carrier, and a bridge has none until a machine is on it. */
async function askSystem(name: string, { environment }: RunInfo, signal: AbortSignal): Promise<string | undefined> {
  const ip = findProgram("ip", environment.PATH ?? "");
  if (ip === undefined) return undefined;
  const printed = await new Promise<string>((resolve, reject) => {
    execFile(ip, ["-4", "-oneline", "address", "show", "dev", name], { env: { ...environment }, signal }, (error, stdout) => {
      if (signal.aborted) reject(new CancelledError("cancelled", { cause: error }));
      // It fails for an interface that is not there, which is told apart by other means.
      else resolve(stdout);
    });
  });
  return /\binet (\d+\.\d+\.\d+\.\d+)/.exec(printed)?.[1];
}

/** Whether an interface is there, with or without an address. */
async function exists(name: string): Promise<boolean> {
  try {
    const table = await readFile("/proc/net/dev", "utf8");
    return table.split("\n").some((line) => line.trim().startsWith(`${name}:`));
  } catch (error) {
    throw new BuildError(`could not find the network interface ${JSON.stringify(name)}: ${errorText(error)}`, { cause: error });
  }
}

function shellWord(text: string): string {
  return /^[\w.@-]+$/.test(text) ? text : "NAME";
}
