import { UsageError } from "../argv.ts";
import { type Command, type CommandInfo, type Host, runWords, wordsOf } from "../command.ts";
import { commandHelp } from "../help.ts";

/** The commands of the group. A module is loaded when its command is used, or when the group says what it has. */
const loaders: { readonly [name: string]: () => Promise<Command> } = {
  install: async () => (await import("./plugins-install.ts")).pluginsInstallCommand,
  installed: async () => (await import("./plugins-installed.ts")).pluginsInstalledCommand,
  inspect: async () => (await import("./plugin-inspect.ts")).pluginInspectCommand,
  remove: async () => (await import("./plugins-remove.ts")).pluginsRemoveCommand,
  required: async () => (await import("./plugins-required.ts")).pluginsRequiredCommand,
  types: async () => (await import("./plugin-types.ts")).pluginTypesCommand,
  vendor: async () => (await import("./plugins-vendor.ts")).pluginsVendorCommand,
  verify: async () => (await import("./plugins-verify.ts")).pluginsVerifyCommand,
};

/** `tspack plugins` (rows CMD-09 to CMD-13), and `tspack plugin`, which is the same and not shown (row CMD-18). */
export async function pluginsCommand(): Promise<Command> {
  const commands = await Promise.all(Object.values(loaders).map((load) => load()));
  const info: CommandInfo = {
    name: "plugins",
    summary: "install, list and remove Packer plugins",
    about: [
      "Plugins lie in Packer's folder: both tools use the same ones. `tspack plugins COMMAND -help` shows the flags of one command.",
      ...commands.map(({ info: one }) => `${one.name.replace("plugins ", "")}: ${one.summary}`),
    ].join("\n\n"),
    usage: `${Object.keys(loaders).join("|")} [flags] [...]`,
    examples: commands.flatMap(({ info: { examples } }) => examples.slice(0, 1)),
    maxPositionals: 3,
    words: Object.keys(loaders),
    // For completion and the page of the command line: each command takes its own alone.
    flags: Object.assign({}, ...commands.map((one) => one.info.flags)),
  };
  return {
    info,
    definition: { meta: { name: info.name, description: info.summary }, run: ({ rawArgs, data }) => run(wordsOf(rawArgs), data, info) },
  };
}

// --- internal ---

const helpWords = new Set(["-h", "-help", "--help", "--h"]);

async function run(words: readonly string[], host: Host, info: CommandInfo): Promise<number> {
  const position = words.findIndex((word) => !word.startsWith("-"));
  const name = words[position];
  if (name === undefined) {
    const isAsked = words.some((word) => helpWords.has(word));
    // Row EXIT-03.
    (isAsked ? host.stdout : host.stderr).write(commandHelp(info));
    return isAsked ? 0 : 1;
  }
  const load = Object.hasOwn(loaders, name) ? loaders[name] : undefined;
  if (load === undefined) {
    throw new UsageError(`\`tspack plugins\` has no "${name}"`, {
      unknown: { word: name, candidates: Object.keys(loaders) },
      hint: `It has ${Object.keys(loaders).join(", ")}.`,
    });
  }
  const result = await runWords(
    await load(),
    words.filter((_, index) => index !== position),
    host,
  );
  return typeof result === "number" ? result : 1;
}
