import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { UsageError } from "../argv.ts";
import { command } from "../command.ts";
import { lockFileOf } from "./lock-file.ts";
import { pluginLines } from "./plugin-lines.ts";
import { requirementFlags } from "./plugins-required.ts";
import { signatureFlags, trustedKeysOf } from "./plugins-signed.ts";
import { readRequirements } from "./requirements.ts";

/** Rows CMD-03, FLG-24, FLG-25, INS-13, INS-14. */
export const initCommand = command(
  {
    name: "init",
    summary: "install the plugins that a program requires",
    about:
      "Installs what packer({ required_plugins }) of an image.ts, or required_plugins of HCL templates, names and is not there, and writes tspack.lock beside " +
      "the program: the version of each plugin, and what its files have to be. Commit it: everybody then gets the same files. " +
      "For an image.ts the types of the plugins follow, as with `tspack types`. " +
      "When all is there, nothing is done and nothing printed.\n\n" +
      "TSPACK_PLUGIN_MIRROR names another place to download from, PACKER_GITHUB_API_TOKEN a token for GitHub.",
    usage: "[flags] [FILE or FOLDER]",
    examples: [
      { command: "tspack init", does: "installs the plugins of the program in this folder" },
      { command: "tspack init -upgrade .", does: "moves to the newest versions that the constraints allow" },
      { command: "tspack init -frozen .", does: "installs what tspack.lock names, or fails; for CI" },
    ],
    maxPositionals: 1,
    words: "programs",
    flags: {
      upgrade: { kind: "switch", group: "Flags", summary: "Moves to the newest versions that the constraints allow." },
      force: { kind: "switch", group: "Flags", summary: "Installs also what is installed already." },
      frozen: { kind: "switch", group: "Flags", summary: "Fails when tspack.lock does not fit the program, and never writes it." },
      ...signatureFlags,
      ...requirementFlags,
    },
  },
  async ({ flags, positionals: [word = "."], host }) => {
    if (flags.frozen === true && flags.upgrade === true) {
      throw new UsageError("-frozen and -upgrade exclude each other", { hint: "Upgrade first, and commit the lock file." });
    }
    const [core, { catchInterrupts }, { reportError }] = await Promise.all([
      import("@tspack/core"),
      import("../interrupts.ts"),
      import("../report.ts"),
    ]);
    const lines = pluginLines(core, host);
    const interrupts = catchInterrupts();
    try {
      // A program that imports one of them cannot be read without it.
      const missing = word === "-" ? [] : await core.findMissingPackages(resolve(host.workingDirectory, word));
      for (const { text } of missing) lines.error(text);
      const required = await readRequirements(word, flags, host, interrupts.signal);
      if (required === undefined) return 1;
      if (required.isLegacyJson) {
        lines.error(
          `${word} is a legacy JSON template, which cannot require plugins: \`tspack plugins install\` installs them, \`tspack hcl2_upgrade\` translates it.`,
        );
        return 1;
      }
      const lockFile = lockFileOf(required.file, core.LOCK_FILE_NAME);
      const trustedKeys = await trustedKeysOf(core, flags, host, { ...required, folder: dirname(lockFile) });
      const failures: (() => Promise<void>)[] = [];
      // Who installs nothing asks nobody: all may have been brought here for want of a network.
      let offline = true;
      const isComplete = await core.initPlugins(
        { required: required.plugins, lockFile, ...flags },
        {
          ...host,
          trustedKeys,
          signal: interrupts.signal,
          log: lines.note,
          progress: lines.progress,
          onReady: ({ status, plugin }) => {
            if (status !== "installed") return;
            lines.installed(plugin);
            offline = false;
          },
          onFailure: (names, error) => {
            const what = `The plugin ${names.join(", ")} could not be installed`;
            if (host.isMachineReadable) lines.error(what);
            failures.push(() => reportError(error, host, what));
          },
        },
      );
      for (const report of failures) await report();
      if (failures.length > 0) {
        const { openPlugins } = await import("./plugin-catalog.ts");
        const catalog = await openPlugins(core, { flags: {}, host, path: word });
        for (const text of (await catalog.standIns({ required_plugins: required.plugins })).values())
          lines.note(`${text} The program runs without \`tspack init\`.`);
        await catalog.close();
      }
      if (isComplete && missing.length === 0 && hasTypes(required.file)) {
        const { openPlugins } = await import("./plugin-catalog.ts");
        const { initTypes } = await import("./project-types.ts");
        const catalog = await openPlugins(core, { flags: {}, host, path: word });
        const requirements = { required_plugins: required.plugins };
        await initTypes({ project: dirname(lockFile), catalog, requirements, offline, host, signal: interrupts.signal }, lines);
      }
      return isComplete && missing.length === 0 ? 0 : 1;
    } finally {
      interrupts.release();
    }
  },
);

/** True for a program in TypeScript, by its file or folder. */
function hasTypes(program: string): boolean {
  return program.endsWith(".ts") || existsSync(join(program, "image.ts"));
}
