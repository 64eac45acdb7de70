import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import type { LoadOptions } from "@tspack/dsl";
import { UsageError } from "../argv.ts";
import type { Host } from "../command.ts";

/** Where the program of a command is, and what the user should know about that choice. */
export interface ProgramLocation {
  /** As given, or `image.ts`: `load` reads it and reports what is wrong with it. */
  readonly path: string;
  readonly notes: readonly string[];
}

/**
 * The program that the command line means: `image.ts` here without a word, the `image.ts` of a folder, or the file itself. Whether
 * it is there and what is in it, `load` finds out; Packer's own templates are refused here. Throws `UsageError`.
 */
export function locateProgram(word: string | undefined, host: Host): ProgramLocation {
  const path = word ?? ".";
  if (path === "-") {
    throw new UsageError("a program cannot be read from standard input", { hint: "Write it to a file: tspack run image.ts." });
  }
  if (/\.(hcl|json)$/i.test(path)) {
    throw new UsageError(`the file ${path} is a Packer template, and this version of tspack runs image.ts alone`, {
      hint: "`tspack new` starts an image.ts; docs/parity.md says what is planned for templates.",
    });
  }
  const other = templateBeside(resolve(host.workingDirectory, path));
  return {
    path,
    notes: other === undefined ? [] : [`${path === "." ? "This folder" : path} has image.ts and ${other}: image.ts is used.`],
  };
}

/** A Packer template in a folder that has an image.ts too. */
function templateBeside(folder: string): string | undefined {
  if (!existsSync(join(folder, "image.ts"))) return undefined;
  return readdirSync(folder).find((name) => /\.pkr\.(hcl|json)$/.test(name));
}

/** What the flags of a command say about loading. Throws `UsageError` for a `-var` without `=` (row FLG-01). */
export function loadOptions(
  flags: { readonly var: readonly string[]; readonly "var-file": readonly string[] },
  host: Host,
  others: Pick<LoadOptions, "signal" | "undeclared" | "evaluateDatasources">,
): LoadOptions {
  const variables: { [name: string]: string } = {};
  for (const word of flags.var) {
    const equals = word.indexOf("=");
    if (equals < 1)
      throw new UsageError(`-var takes NAME=VALUE, not "${equals === 0 ? word : word.slice(0, 40)}"`, {
        hint: "For example: -var release=bookworm.",
      });
    variables[word.slice(0, equals).trim()] = word.slice(equals + 1);
  }
  return {
    workingDirectory: host.workingDirectory,
    environment: host.environment,
    variables,
    variableFiles: flags["var-file"],
    ...others,
  };
}
