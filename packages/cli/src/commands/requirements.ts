// The plugins that a program requires, for the commands that install or list them.
import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { Diagnostic, Requirements } from "@tspack/core";
import type { FlagValues } from "../argv.ts";
import type { Host } from "../command.ts";
import type { programFlags } from "./flags.ts";
import { loadOptions, locateProgram } from "./program.ts";

/** What a program requires. */
export interface RequiredBy {
  /** Absolute path of its file or folder. */
  readonly file: string;
  readonly plugins: NonNullable<Requirements["required_plugins"]>;
  /** Files of keys that the plugins have to be signed with, as the program names them; undefined when it says nothing about it. */
  readonly trustedKeys: readonly string[] | undefined;
  /** Legacy JSON has no way to require plugins (row JSD-01). */
  readonly isLegacyJson: boolean;
}

/** The flags that choose a program and the values of its variables. */
export type RequirementFlags = Pick<FlagValues<typeof programFlags>, "var" | "var-file" | "config-type">;

/**
 * Reads what a program requires; undefined when it cannot be told, with the reasons on standard error. Templates are not evaluated.
 * An `image.ts` is, with stand-ins for variables without a value.
 */
export async function readRequirements(
  word: string,
  flags: RequirementFlags,
  host: Host,
  signal: AbortSignal,
): Promise<RequiredBy | undefined> {
  const { path, notes } = locateProgram(word, host);
  for (const note of notes) host.stderr.line(note);
  const [core, dsl] = await Promise.all([import("@tspack/core"), import("@tspack/dsl")]);
  const options = await loadOptions(path, flags, host, { signal, undeclared: "ignore" });
  const loaded = await dsl.load(path, { ...options, syntaxOnly: true });
  const { file, requirements } = loaded;
  // Values come with the run.
  const serious = loaded.diagnostics.filter(({ severity, code }) => severity === "error" && !isAboutValues(code));
  if (serious.length > 0) {
    host.stderr.write(core.renderDiagnostics(serious, { width: 80 }));
    return undefined;
  }
  return {
    file,
    plugins: requirements?.required_plugins ?? {},
    trustedKeys: requirements?.trusted_keys,
    isLegacyJson: isLegacyJson(path, flags, host),
  };
}

// --- internal ---

function isAboutValues(code: Diagnostic["code"]): boolean {
  return code.startsWith("TPK11");
}

/** As `load` tells kinds apart: a file that is neither TypeScript nor HCL by its name. */
function isLegacyJson(path: string, flags: RequirementFlags, host: Host): boolean {
  if (path === "-") return true;
  if (flags["config-type"] === "hcl2" || /(\.[cm]?[jt]sx?|\.hcl|\.pkr\.json)$/i.test(path)) return false;
  return statSync(resolve(host.workingDirectory, path), { throwIfNoEntry: false })?.isDirectory() === false;
}
