// Whose signatures plugins need: what a program says and what the command line says.
import { resolve } from "node:path";
import type { TrustedKey } from "@tspack/core";
import type { FlagDefinitions, FlagValues } from "../argv.ts";
import type { Host } from "../command.ts";

/** The flags of the commands that download plugins. */
export const signatureFlags = {
  "trusted-key": {
    kind: "list",
    value: "FILE",
    group: "Signatures",
    files: [".asc", ".gpg", ".pgp"],
    summary: "Installs only what this OpenPGP public key, or another trusted one, has signed. May be repeated.",
  },
  "require-signed": {
    kind: "switch",
    group: "Signatures",
    summary: "Fails when no key is trusted, by -trusted-key or trusted_keys of packer(), instead of checking checksums alone.",
  },
} as const satisfies FlagDefinitions;

/** Keys that a program names. */
export interface ProgramKeys {
  /** Undefined when the program says nothing about it. */
  readonly trustedKeys: readonly string[] | undefined;
  /** Where their paths start. */
  readonly folder: string;
}

/**
 * Reads the keys; undefined when nobody asks for signatures. Paths on the command line start in the working directory. Throws
 * `PluginError` (TPK4009) when signatures are required and no key is trusted, or a file holds none.
 */
export async function trustedKeysOf(
  core: typeof import("@tspack/core"),
  flags: FlagValues<typeof signatureFlags>,
  host: Host,
  program?: ProgramKeys,
): Promise<readonly TrustedKey[] | undefined> {
  const named = flags["trusted-key"];
  if (program?.trustedKeys === undefined && named.length === 0 && flags["require-signed"] !== true) return undefined;
  const ofProgram = program?.trustedKeys?.map((shown) => ({ path: resolve(program.folder, shown), shown })) ?? [];
  return core.readTrustedKeys([...named.map((shown) => ({ path: resolve(host.workingDirectory, shown), shown })), ...ofProgram]);
}
