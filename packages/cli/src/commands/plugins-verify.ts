import { resolve } from "node:path";
import { command } from "../command.ts";
import { lockFileOf } from "./lock-file.ts";
import { pluginLines } from "./plugin-lines.ts";

/** `tspack plugins verify`: ours, Packer has none. */
export const pluginsVerifyCommand = command(
  {
    name: "plugins verify",
    summary: "check that installed plugins are what they were",
    about:
      "Compares every installed file with its checksum file, and with tspack.lock of the program in this or the given folder. " +
      "A file that differs, and one that is locked and missing, is exit code 1.",
    usage: "[FILE or FOLDER]",
    examples: [{ command: "tspack plugins verify", does: "checks the plugins of this machine" }],
    maxPositionals: 1,
    words: "programs",
    flags: {},
  },
  async ({ positionals: [word = "."], host }) => {
    const core = await import("@tspack/core");
    const lines = pluginLines(core, host);
    const lock = await core.readLockFile(lockFileOf(resolve(host.workingDirectory, word), core.LOCK_FILE_NAME));
    let exitCode = 0;
    for (const { source, file, problem } of await core.checkInstalled(lock, host)) {
      if (problem === undefined) lines.say(`${file.file}: as it was`);
      else {
        lines.error(`${file?.file ?? source}: ${problem}`);
        exitCode = 1;
      }
    }
    return exitCode;
  },
);
