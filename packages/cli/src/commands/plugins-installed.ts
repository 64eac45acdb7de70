import { command } from "../command.ts";
import { pluginLines } from "./plugin-lines.ts";

/** Rows CMD-11, INS-11. */
export const pluginsInstalledCommand = command(
  {
    name: "plugins installed",
    summary: "list the plugins that are installed for this system",
    about: "Prints a path per line. Files whose checksum is missing or wrong are never used; they are named on standard error.",
    usage: "",
    examples: [{ command: "tspack plugins installed", does: "lists the plugins of this machine" }],
    maxPositionals: 0,
    flags: {},
  },
  async ({ host }) => {
    const core = await import("@tspack/core");
    const lines = pluginLines(core, host);
    for (const { file, problem } of await core.installedPlugins(host)) {
      if (problem === undefined) lines.say(file);
      else lines.note(`${file} is not used: ${problem}.`);
    }
    return 0;
  },
);
