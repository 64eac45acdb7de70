import { command } from "../command.ts";
import { pluginLines } from "./plugin-lines.ts";

/** Rows CMD-11, INS-11. */
export const pluginsInstalledCommand = command(
  {
    name: "plugins installed",
    summary: "list the plugins that are installed for this system",
    about:
      "Prints a path per line: of the plugins in Packer's folders, then of those in packages of npm that a program in this folder finds. " +
      "What is never used is named on standard error: files whose checksum is missing or wrong, and packages that lead to no plugin.",
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
    const { plugins, problems } = await core.findPackages({ program: host.workingDirectory, ownPackage: host.packageDirectory });
    for (const { file } of plugins) lines.say(file);
    for (const { text } of problems) lines.note(text);
    return 0;
  },
);
