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
 * The program that the command line means: that of this folder without a word, that of a folder, a file, or `-` for a JSON template
 * on standard input. Whether it is there and what is in it, `load` finds out.
 */
export function locateProgram(word: string | undefined, host: Host): ProgramLocation {
  const path = word ?? ".";
  const other = path === "-" ? undefined : templateBeside(resolve(host.workingDirectory, path));
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

/** The flags that say how a program is loaded. */
interface LoadFlags {
  readonly var: readonly string[];
  readonly "var-file": readonly string[];
  readonly "config-type"?: "json" | "hcl2" | undefined;
  readonly "use-sequential-evaluation"?: boolean | undefined;
}

/** What the flags of a command say about loading. Reads standard input when the path is `-`. Throws `UsageError` for a `-var` without `=` (row FLG-01). */
export async function loadOptions(
  path: string,
  flags: LoadFlags,
  host: Host,
  others: Pick<LoadOptions, "signal" | "catalog" | "undeclared" | "missingValues" | "evaluateDatasources" | "keepGoing" | "syntaxOnly">,
): Promise<LoadOptions> {
  const variables: { [name: string]: string } = {};
  for (const word of flags.var) {
    const equals = word.indexOf("=");
    if (equals < 1)
      // What was given is not repeated: without its name it may be a secret.
      throw new UsageError(`-var takes NAME=VALUE: there is no ${equals === 0 ? "name in front of the " : ""}"="`, {
        hint: "For example: -var release=bookworm.",
      });
    variables[word.slice(0, equals).trim()] = word.slice(equals + 1);
  }
  return {
    workingDirectory: host.workingDirectory,
    environment: host.environment,
    variables,
    variableFiles: flags["var-file"],
    configType: flags["config-type"],
    sequentialEvaluation: flags["use-sequential-evaluation"],
    ...(path === "-" ? { standardInput: await host.readInput() } : {}),
    ...others,
  };
}
