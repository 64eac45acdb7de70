import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
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
 * The program that the command line means: `image.ts` here without a word, the `image.ts` of a folder, or the file itself.
 * Packer's own templates are refused here, with what to do instead. Throws `UsageError`.
 */
export function locateProgram(word: string | undefined, host: Host): ProgramLocation {
  const path = word ?? ".";
  if (path === "-") {
    throw new UsageError("a program cannot be read from standard input", { hint: "Write it to a file: tspack run image.ts." });
  }
  const absolute = resolve(host.workingDirectory, path);
  const stats = statSync(absolute, { throwIfNoEntry: false });
  if (stats?.isDirectory() === true) return locateInFolder(path, absolute, word === undefined);
  if (/\.(hcl|json)$/i.test(path)) {
    throw new UsageError(`${path} is a Packer template, and this version of tspack runs image.ts alone`, {
      hint: "`tspack new` starts an image.ts; docs/parity.md says what is planned for templates.",
    });
  }
  return { path, notes: [] };
}

function locateInFolder(path: string, absolute: string, isDefault: boolean): ProgramLocation {
  const templates = readdirSync(absolute).filter((name) => /\.pkr\.(hcl|json)$/.test(name));
  if (existsSync(join(absolute, "image.ts"))) {
    const first = templates[0];
    const notes = first === undefined ? [] : [`${path === "." ? "This folder" : path} has image.ts and ${first}: image.ts is used.`];
    return { path: isDefault ? "image.ts" : path, notes };
  }
  if (templates.length > 0) {
    throw new UsageError(`there is no image.ts in ${isDefault ? "this folder" : path}, only ${templates.join(", ")}`, {
      hint: "This version of tspack runs image.ts alone; `tspack new` starts one.",
    });
  }
  if (!isDefault) return { path, notes: [] };
  const nearby = readdirSync(absolute).find((name) => /^image\.(mts|cts|js|mjs|tsx)$/i.test(basename(name)));
  throw new UsageError("there is no image.ts in this folder", {
    hint:
      nearby === undefined
        ? "Name a file or folder, or start one with `tspack new`."
        : `Did you mean ${nearby}? Then name it: tspack run ${nearby}.`,
  });
}

/** What the flags of a command say about loading. Throws `UsageError` for a `-var` without `=` (row FLG-01). */
export function loadOptions(
  flags: { readonly var: readonly string[]; readonly "var-file": readonly string[] },
  host: Host,
  others: Pick<LoadOptions, "signal" | "undeclared">,
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
