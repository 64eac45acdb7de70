import { UsageError } from "../argv.ts";
import { command } from "../command.ts";
import { pluginLines } from "./plugin-lines.ts";
import { signatureFlags, trustedKeysOf } from "./plugins-signed.ts";

const usage = "[-force] SOURCE [CONSTRAINT] or -path=FILE SOURCE";

/** Rows CMD-10, FLG-33, FLG-34, INS-09. */
export const pluginsInstallCommand = command(
  {
    name: "plugins install",
    summary: "install a plugin",
    about:
      "Downloads the newest release that fulfils the constraint, checks it against its published checksums, and installs it in Packer's folder of plugins. " +
      "Nothing is done and nothing printed when it is there already.\n\n" +
      "-path installs an executable of your own, under the address that programs require it by, in place of what is there. It is run to say which version " +
      "it is: a release or a -dev version.",
    usage,
    examples: [
      { command: 'tspack plugins install github.com/hashicorp/qemu "~> 1.1"', does: "installs the newest 1.x" },
      { command: "tspack plugins install -path=./packer-plugin-acme github.com/acme/acme", does: "installs a plugin that you have built" },
    ],
    maxPositionals: 2,
    flags: {
      path: { kind: "text", value: "FILE", group: "Flags", summary: "Installs this executable; nothing is downloaded." },
      force: { kind: "switch", group: "Flags", summary: "Installs also what is installed already." },
      ...signatureFlags,
    },
  },
  async ({ flags, positionals: [source, constraint], host }) => {
    if (source === undefined) throw new UsageError("which plugin?", { hint: `Usage: tspack plugins install ${usage}` });
    if (flags.path !== undefined && constraint !== undefined) {
      throw new UsageError("-path and a version exclude each other", { hint: "The file itself says which version it is." });
    }
    if (flags.path !== undefined && (flags["require-signed"] === true || flags["trusted-key"].length > 0)) {
      throw new UsageError("-path and signatures exclude each other", { hint: "What is signed is the list of checksums of a release." });
    }
    const [core, { catchInterrupts }] = await Promise.all([import("@tspack/core"), import("../interrupts.ts")]);
    const lines = pluginLines(core, host);
    const interrupts = catchInterrupts();
    try {
      const options = { ...host, signal: interrupts.signal, log: lines.note, progress: lines.progress };
      if (flags.path !== undefined) {
        lines.installed(await core.installLocalPlugin(source, flags.path, options));
        return 0;
      }
      const conditions = core.requireConstraint(constraint ?? "");
      const request = { address: core.parsePluginAddress(source), conditions, upgrade: true, force: flags.force };
      const trustedKeys = await trustedKeysOf(core, flags, host);
      const { status, plugin } = await core.installPlugin(request, { ...options, trustedKeys });
      if (status === "installed") lines.installed(plugin);
      return 0;
    } finally {
      interrupts.release();
    }
  },
);
