import { command } from "../command.ts";
import { inspectionOfPlugin } from "./plugin-inspection.ts";
import { pluginLines } from "./plugin-lines.ts";

/** `tspack plugin inspect`: ours, Packer has none. */
export const pluginInspectCommand = command(
  {
    name: "plugins inspect",
    summary: "start a plugin's file and show what it is",
    about:
      "Asks the file what it is, starts each of its components as a build would, and prints the options that they take. " +
      "FILE is an executable, or JavaScript or TypeScript for Node, whatever language it is written in and without being installed. " +
      "NAME=FILE where the file's name does not say what the plugin is called.\n\n" +
      "What is wrong with the plugin is told at the end, and is exit code 1: for authors of plugins, and for whoever wonders why one does not work.",
    usage: "[-json] [NAME=]FILE",
    examples: [
      { command: "tspack plugin inspect dist/packer-plugin-hello", does: "shows the components of a plugin and their options" },
      { command: "tspack plugin inspect -json hello=src/main.ts", does: "the same of a plugin in development, for programs" },
    ],
    maxPositionals: 1,
    words: "programs",
    flags: { json: { kind: "switch", group: "Output", summary: "Prints all that was found as JSON." } },
  },
  async ({ flags, positionals: [file], host }) => {
    if (file === undefined || file === "") {
      const { UsageError } = await import("../argv.ts");
      throw new UsageError("`tspack plugin inspect` needs the file of a plugin", {
        hint: "For example: tspack plugin inspect dist/packer-plugin-hello",
      });
    }
    const [core, { catchInterrupts }] = await Promise.all([import("@tspack/core"), import("../interrupts.ts")]);
    const { environment, workingDirectory } = host;
    const interrupts = catchInterrupts();
    try {
      const found = await core.inspectPlugin(file, { environment, workingDirectory, signal: interrupts.signal });
      const lines = pluginLines(core, host);
      if (flags.json === true) host.stdout.line(JSON.stringify(found, undefined, 2));
      else for (const line of inspectionOfPlugin(found)) lines.say(line);
      if (flags.json !== true)
        for (const { text, hint } of found.problems) lines.error([`Problem: ${text}`, hint].filter(Boolean).join("\n  "));
      return found.problems.length === 0 ? 0 : 1;
    } finally {
      interrupts.release();
    }
  },
);
