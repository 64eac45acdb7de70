import { UsageError } from "../argv.ts";
import { command } from "../command.ts";
import { lockFileOf } from "./init.ts";
import { pluginLines } from "./plugin-lines.ts";
import { requirementFlags } from "./plugins-required.ts";
import { readRequirements } from "./requirements.ts";

const usage = "[flags] DIR [FILE or FOLDER]";

/** `tspack plugins vendor`: ours, Packer has none. */
export const pluginsVendorCommand = command(
  {
    name: "plugins vendor",
    summary: "copy the plugins of a program to a folder",
    about:
      "Copies the installed plugins that tspack.lock names, or without a lock file the newest that fit, with their checksum files. " +
      "A machine without network uses the folder as PACKER_PLUGIN_PATH. Only plugins of this system are copied.",
    usage,
    examples: [{ command: "tspack plugins vendor ./plugins", does: "copies the plugins of the program in this folder" }],
    maxPositionals: 2,
    words: "folders",
    flags: requirementFlags,
  },
  async ({ flags, positionals: [directory, word = "."], host }) => {
    if (directory === undefined) throw new UsageError("to which folder?", { hint: `Usage: tspack plugins vendor ${usage}` });
    const [core, { catchInterrupts }] = await Promise.all([import("@tspack/core"), import("../interrupts.ts")]);
    const lines = pluginLines(core, host);
    const interrupts = catchInterrupts();
    try {
      const required = await readRequirements(word, flags, host, interrupts.signal);
      if (required === undefined) return 1;
      const lock = await core.readLockFile(lockFileOf(required.file, core.LOCK_FILE_NAME));
      const options = { ...host, signal: interrupts.signal, log: lines.note };
      for (const file of await core.vendorPlugins(directory, { required: required.plugins, lock }, options)) lines.say(file);
      return 0;
    } finally {
      interrupts.release();
    }
  },
);
