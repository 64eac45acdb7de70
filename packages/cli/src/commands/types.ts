import { existsSync, readdirSync } from "node:fs";
import { resolve } from "node:path";
import type { PluginCatalog, Requirements } from "@tspack/core";
import { UsageError } from "../argv.ts";
import { command } from "../command.ts";
import { pluginFlags } from "./flags.ts";
import { lockFileOf } from "./lock-file.ts";
import { openPlugins } from "./plugin-catalog.ts";
import { type PluginLines, pluginLines } from "./plugin-lines.ts";
import { requirementFlags } from "./plugins-required.ts";
import { type ProjectTypesOutcome, projectOf, updateTypes } from "./project-types.ts";
import { readRequirements } from "./requirements.ts";

const choice = "Which plugins";

/** `tspack types`: ours, Packer has nothing to print types for. */
export const typesCommand = command(
  {
    name: "types",
    summary: "write the types of plugins, so that editors complete and check their options",
    about:
      "Asks plugins for the options of their components and writes .tspack/types beside the program: one file for each component. tspack-env.d.ts " +
      "leads to them, and is written where there is none, as is tsconfig.json.\n\n" +
      "Asked are the plugins that the program requires, and those that need no requirement: packages, and files that you have put into a plugin " +
      "folder. Without requirements tspack.lock counts, and without that every plugin that is found. What is up to date is not touched; files of " +
      "components that are gone are removed.",
    usage: "[flags] [FILE or FOLDER]",
    examples: [
      { command: "tspack types", does: "types for the program in this folder" },
      { command: "tspack types -only=docker,amazon", does: "types of these two plugins alone" },
      { command: "tspack types -check", does: "fails when the types are out of date; for CI" },
    ],
    maxPositionals: 1,
    words: "programs",
    flags: {
      only: {
        kind: "list",
        value: "a,b",
        split: true,
        group: choice,
        summary: "Plugins by their names, addresses or packages, and no others.",
      },
      all: { kind: "switch", group: choice, summary: "Every plugin that is found, whatever the program requires." },
      ...pluginFlags,
      check: { kind: "switch", group: "Flags", summary: "Writes nothing, and fails when something would be written." },
      offline: {
        kind: "switch",
        group: "Flags",
        summary: "Downloads no documentation of plugins; descriptions come from earlier runs then.",
      },
      ...requirementFlags,
    },
  },
  async ({ flags, positionals: [word = "."], host }) => {
    if (flags.all === true && flags.only.length > 0) {
      throw new UsageError("-all and -only exclude each other", { hint: "Leave one of them out." });
    }
    const [core, { catchInterrupts }] = await Promise.all([import("@tspack/core"), import("../interrupts.ts")]);
    const interrupts = catchInterrupts();
    let catalog: PluginCatalog | undefined;
    try {
      const program = resolve(host.workingDirectory, word);
      if (!existsSync(program)) throw new UsageError(`there is no ${word}`, { hint: "Name a program, or the folder for the types." });
      const lockFile = lockFileOf(program, core.LOCK_FILE_NAME);
      const required = hasProgram(program) ? await readRequirements(word, flags, host, interrupts.signal) : { plugins: {} };
      if (required === undefined) return 1;
      const isFree = Object.keys(required.plugins).length === 0;
      const requirements: Requirements = { required_plugins: isFree ? lockedPlugins(await core.readLockFile(lockFile)) : required.plugins };
      catalog = await openPlugins(core, { flags, host, path: word });
      const missing = await catalog.missing(requirements);
      const { check, all, only, offline } = flags;
      const project = projectOf(program);
      const outcome = await updateTypes({ project, catalog, requirements, only, all, check, offline, host, signal: interrupts.signal });
      const lines = pluginLines(core, host);
      for (const text of missing) lines.error(`${text} \`tspack init\` installs it.`);
      sayTypes(outcome, check === true, lines);
      const isStale = check === true && outcome.written.length + outcome.removed.length > 0;
      return isStale || missing.length > 0 || outcome.problems.length > 0 ? 1 : 0;
    } finally {
      await catalog?.close();
      interrupts.release();
    }
  },
);

// --- internal ---

/** Says what was written: a line for each file, and what is wrong. */
function sayTypes({ written, removed, notes, problems, count }: ProjectTypesOutcome, isCheck: boolean, lines: PluginLines): void {
  for (const text of problems) lines.error(text);
  for (const text of notes) lines.note(text);
  for (const path of written) lines.say(isCheck ? `${path} is out of date` : `Wrote ${path}`);
  for (const path of removed) lines.say(isCheck ? `${path} is not wanted any more` : `Removed ${path}`);
  if (written.length + removed.length === 0) lines.say(`The types of ${count} component${count === 1 ? "" : "s"} are up to date.`);
  else if (isCheck) lines.note("Run `tspack types`.");
}

/** Types are of use before there is a program. */
function hasProgram(path: string): boolean {
  return projectOf(path) !== path || readdirSync(path).some((name) => /^image\.ts$|\.pkr\.(hcl|json)$/.test(name));
}

/** As if the program required what is locked. */
function lockedPlugins(lock: Readonly<Record<string, { readonly version: string }>> = {}): NonNullable<Requirements["required_plugins"]> {
  return Object.fromEntries(
    Object.entries(lock).map(([source, { version }]) => [source.split("/").at(-1) ?? source, { source, version: `= ${version}` }]),
  );
}
