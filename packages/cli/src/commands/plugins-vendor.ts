import { dirname } from "node:path";
import { UsageError } from "../argv.ts";
import { command } from "../command.ts";
import { lockFileOf } from "./lock-file.ts";
import { pluginLines } from "./plugin-lines.ts";
import { requirementFlags } from "./plugins-required.ts";
import { signatureFlags, trustedKeysOf } from "./plugins-signed.ts";
import { readRequirements } from "./requirements.ts";

const usage = "[flags] DIR [FILE or FOLDER]";

/** `tspack plugins vendor`: ours, Packer has none. */
export const pluginsVendorCommand = command(
  {
    name: "plugins vendor",
    summary: "copy the plugins of a program to a folder",
    about:
      "Copies the installed plugins that tspack.lock names, or without a lock file the newest that fit, with their checksum files. " +
      "A machine without network uses the folder as PACKER_PLUGIN_PATH. Those of other systems are downloaded and checked, and tspack.lock " +
      "learns what their files have to be.",
    usage,
    examples: [
      { command: "tspack plugins vendor ./plugins", does: "copies the plugins of the program in this folder" },
      { command: "tspack plugins vendor -platform=linux_amd64,darwin_arm64 ./plugins", does: "copies them for two systems" },
    ],
    maxPositionals: 2,
    words: "folders",
    flags: {
      platform: {
        kind: "list",
        value: "OS_ARCH",
        split: true,
        group: "Flags",
        summary: "Copies the files for these systems, linux_amd64 for example; this one unless given.",
      },
      all: { kind: "switch", group: "Flags", summary: "Copies the files for all systems that the plugins are published for." },
      ...signatureFlags,
      ...requirementFlags,
    },
  },
  async ({ flags, positionals: [directory, word = "."], host }) => {
    if (directory === undefined) throw new UsageError("to which folder?", { hint: `Usage: tspack plugins vendor ${usage}` });
    if (flags.all === true && flags.platform.length > 0) {
      throw new UsageError("-all and -platform exclude each other", { hint: "Name the systems, or take all." });
    }
    const platforms = flags.all === true ? ("all" as const) : flags.platform.length > 0 ? flags.platform : undefined;
    const [core, { catchInterrupts }] = await Promise.all([import("@tspack/core"), import("../interrupts.ts")]);
    const lines = pluginLines(core, host);
    const interrupts = catchInterrupts();
    try {
      const required = await readRequirements(word, flags, host, interrupts.signal);
      if (required === undefined) return 1;
      const lockFile = lockFileOf(required.file, core.LOCK_FILE_NAME);
      const trustedKeys = await trustedKeysOf(core, flags, host, { ...required, folder: dirname(lockFile) });
      const options = { ...host, trustedKeys, signal: interrupts.signal, log: lines.note, progress: lines.progress };
      const request = { required: required.plugins, lockFile, platforms };
      for (const file of await core.vendorPlugins(directory, request, options)) lines.say(file);
      return 0;
    } finally {
      interrupts.release();
    }
  },
);
