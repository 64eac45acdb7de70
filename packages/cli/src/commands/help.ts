import { UsageError } from "../argv.ts";
import { command } from "../command.ts";
import { commandHelp, programHelp } from "../help.ts";

/** `tspack help` and `tspack help COMMAND`. */
export const helpCommand = command(
  {
    name: "help",
    summary: "show this list, or the help of one command",
    about: "The same text as `tspack COMMAND -help`.",
    usage: "[COMMAND]",
    examples: [{ command: "tspack help run", does: "shows what `tspack run` takes" }],
    maxPositionals: 1,
    words: "commands",
    flags: {},
  },
  async ({ host, positionals: [name] }) => {
    if (name === undefined) {
      host.stdout.write(programHelp(host.version, await host.commands.list()));
      return 0;
    }
    const found = await host.commands.find(name);
    if (found === undefined)
      throw new UsageError(`there is no command "${name}"`, { unknown: { word: name, candidates: host.commands.names() } });
    host.stdout.write(commandHelp(found.info));
    return 0;
  },
);
