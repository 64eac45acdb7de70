import { UsageError } from "../argv.ts";
import { command } from "../command.ts";
import { pluginLines } from "./plugin-lines.ts";

/** Rows CMD-10, FLG-33, FLG-34, INS-09. */
export const pluginsInstallCommand = command(
  {
    name: "plugins install",
    summary: "install a plugin",
    about:
      "Installs an executable of your own with -path, under the address that programs require it by. It is run to say which version it is: " +
      "a release or a -dev version.",
    usage: "-path=FILE SOURCE",
    examples: [
      { command: "tspack plugins install -path=./packer-plugin-acme github.com/acme/acme", does: "installs a plugin that you have built" },
    ],
    maxPositionals: 2,
    flags: {
      path: { kind: "text", value: "FILE", group: "Flags", summary: "Installs this executable; nothing is downloaded." },
    },
  },
  async ({ flags, positionals: [source, constraint], host }) => {
    if (source === undefined) throw new UsageError("which plugin?", { hint: "Usage: tspack plugins install -path=FILE SOURCE" });
    if (flags.path === undefined) throw new UsageError("which file?", { hint: "Usage: tspack plugins install -path=FILE SOURCE" });
    if (constraint !== undefined) {
      throw new UsageError("-path and a version exclude each other", { hint: "The file itself says which version it is." });
    }
    const [core, { catchInterrupts }] = await Promise.all([import("@tspack/core"), import("../interrupts.ts")]);
    const lines = pluginLines(core, host);
    const interrupts = catchInterrupts();
    try {
      const options = { ...host, signal: interrupts.signal, log: lines.note, progress: lines.progress };
      const { version, file } = await core.installLocalPlugin(source, flags.path, options);
      lines.say(`Installed plugin ${source} v${version} in ${JSON.stringify(file)}`);
      return 0;
    } finally {
      interrupts.release();
    }
  },
);
