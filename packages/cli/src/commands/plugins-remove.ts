import { UsageError } from "../argv.ts";
import { command } from "../command.ts";
import { pluginLines } from "./plugin-lines.ts";

/** Rows CMD-12, INS-10. */
export const pluginsRemoveCommand = command(
  {
    name: "plugins remove",
    summary: "delete installed plugins",
    about:
      "Takes the address of a plugin, and perhaps a constraint for its version, or the absolute path of an installed file. " +
      "Deletes what is installed for this system, with its checksum files, and prints what it was. Nothing to delete is exit code 1.",
    usage: "SOURCE [CONSTRAINT] or PATH",
    examples: [
      { command: 'tspack plugins remove github.com/hashicorp/qemu "< 1.1"', does: "deletes old versions of a plugin" },
      { command: "tspack plugins remove github.com/hashicorp/qemu", does: "deletes all its versions" },
    ],
    maxPositionals: 2,
    flags: {},
  },
  async ({ positionals: [what, constraint], host }) => {
    if (what === undefined) throw new UsageError("which plugin?", { hint: "Usage: tspack plugins remove SOURCE [CONSTRAINT] or PATH" });
    const core = await import("@tspack/core");
    const lines = pluginLines(core, host);
    const removed = await core.removePlugins(what, constraint === undefined ? undefined : core.requireConstraint(constraint), host);
    for (const file of removed) lines.say(file);
    if (removed.length > 0) return 0;
    lines.error(`No installed plugin ${what}${constraint === undefined ? "" : ` ${constraint}`} was found.`);
    return 1;
  },
);
