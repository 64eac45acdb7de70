import type { Command, CommandTable } from "../command.ts";

/** Every command of the program. A module is loaded when its command is used, or when help lists them all. */
const commands: { readonly [name: string]: () => Promise<Command> } = {
  run: async () => (await import("./run.ts")).runCommand,
  validate: async () => (await import("./validate.ts")).validateCommand,
  inspect: async () => (await import("./inspect.ts")).inspectCommand,
  console: async () => (await import("./console.ts")).consoleCommand,
  convert: async () => (await import("./convert.ts")).convertCommand,
  hcl2_upgrade: async () => (await import("./hcl2-upgrade.ts")).hcl2UpgradeCommand,
  fix: async () => (await import("./fix.ts")).fixCommand,
  fmt: async () => (await import("./fmt.ts")).fmtCommand,
  init: async () => (await import("./init.ts")).initCommand,
  plugins: async () => (await import("./plugins.ts")).pluginsCommand(),
  types: async () => (await import("./types.ts")).typesCommand,
  new: async () => (await import("./new.ts")).newCommand,
  completion: async () => (await import("./completion.ts")).completionCommand,
  version: async () => (await import("./version.ts")).versionCommand,
  help: async () => (await import("./help.ts")).helpCommand,
};

/** Commands for programs, which help and suggestions leave out. */
const unlisted: { readonly [name: string]: () => Promise<Command> } = {
  execute: async () => (await import("./execute.ts")).executeCommand,
};

/** Other names of commands. `build` is Packer's word for `run`, `plugin` one that it does not show (row CMD-18). */
const aliases: { readonly [name: string]: string } = { build: "run", plugin: "plugins" };

export const commandTable: CommandTable = {
  names: () => [...Object.keys(commands), ...Object.keys(aliases)],
  async find(name) {
    if (Object.hasOwn(unlisted, name)) return unlisted[name]?.();
    const main = Object.hasOwn(aliases, name) ? aliases[name] : name;
    return main !== undefined && Object.hasOwn(commands, main) ? commands[main]?.() : undefined;
  },
  list: () => Promise.all(Object.values(commands).map(async (load) => (await load()).info)),
};
