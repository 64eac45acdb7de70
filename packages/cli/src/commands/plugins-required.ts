import { UsageError } from "../argv.ts";
import { command } from "../command.ts";
import { programFlags } from "./flags.ts";
import { pluginLines } from "./plugin-lines.ts";
import { readRequirements } from "./requirements.ts";

/** The flags that choose a program. */
export const requirementFlags = {
  var: programFlags.var,
  "var-file": programFlags["var-file"],
  "config-type": programFlags["config-type"],
} as const;

/** Rows CMD-13, INS-12. */
export const pluginsRequiredCommand = command(
  {
    name: "plugins required",
    summary: "list what a program requires, and what of it is installed",
    about:
      "A line per requirement: its name, address and constraint. The installed files that fulfil it follow, the lowest version first. What stands in for a plugin that is not installed is said on standard error.",
    usage: "[flags] FILE or FOLDER",
    examples: [{ command: "tspack plugins required .", does: "lists the plugins of image.ts or the templates in this folder" }],
    maxPositionals: 1,
    words: "programs",
    flags: requirementFlags,
  },
  async ({ flags, positionals: [word], host }) => {
    if (word === undefined) throw new UsageError("which program?", { hint: "Usage: tspack plugins required FILE or FOLDER" });
    const [core, { catchInterrupts }] = await Promise.all([import("@tspack/core"), import("../interrupts.ts")]);
    const lines = pluginLines(core, host);
    const interrupts = catchInterrupts();
    try {
      const required = await readRequirements(word, flags, host, interrupts.signal);
      if (required === undefined) return 1;
      const entries = Object.entries(required.plugins);
      if (entries.length === 0)
        lines.note(`${word} requires no plugins${required.isLegacyJson ? ": legacy JSON has no required_plugins" : ""}.`);
      for (const [name, { source, version }] of entries) {
        lines.say(`${name} ${source} ${JSON.stringify(version)}`);
        const installed = await core.installedPlugins(host, { source, constraint: core.requireConstraint(version) });
        for (const { file, problem } of installed) {
          if (problem === undefined) lines.say(`  ${file}`);
          else lines.note(`${file} is not used: ${problem}.`);
        }
      }
      if (entries.length === 0) return 0;
      const { openPlugins } = await import("./plugin-catalog.ts");
      const catalog = await openPlugins(core, { flags: {}, host, path: word });
      const standIns = await catalog.standIns({ required_plugins: required.plugins }).finally(() => catalog.close());
      for (const text of standIns.values()) lines.note(text);
      return 0;
    } finally {
      interrupts.release();
    }
  },
);
