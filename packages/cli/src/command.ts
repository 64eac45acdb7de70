import { type CommandDef, defineCommand, runCommand } from "citty";
import { type FlagDefinitions, type ParsedArguments, parseArguments, UsageError } from "./argv.ts";
import { commandHelp } from "./help.ts";
import type { Output } from "./output.ts";

/** What the process gives to a command. Commands read nothing else of it. */
export interface Host {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly environment: { readonly [name: string]: string | undefined };
  readonly workingDirectory: string;
  /** Folder of the program as it was started: single plugins may lie beside it. */
  readonly executableDirectory?: string | undefined;
  /** Folder of the package that the program is in: plugins that it depends on are there without installation. */
  readonly packageDirectory?: string | undefined;
  readonly version: string;
  /** All of standard input, as text. Rejects when it is no valid UTF-8. */
  readInput(): Promise<string>;
  /** `-machine-readable` was given (row INV-07). */
  readonly isMachineReadable: boolean;
  readonly commands: CommandTable;
}

/** The commands there are. */
export interface CommandTable {
  /** Names that may be typed, aliases among them. */
  names(): string[];
  find(name: string): Promise<Command | undefined>;
  /** What help says about each command, in its order. */
  list(): Promise<CommandInfo[]>;
}

/** What help shows about a command, and what its command line may hold. */
export interface CommandInfo<F extends FlagDefinitions = FlagDefinitions> {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** A few words for the list of commands. */
  readonly summary: string;
  /** Sentences under the examples. */
  readonly about: string;
  /** The words after the name: `[flags] [FILE or FOLDER]`. */
  readonly usage: string;
  readonly examples: readonly { readonly command: string; readonly does: string }[];
  /** Most positional words. */
  readonly maxPositionals: number;
  /** What a positional word may be, for shell completion; without it nothing is offered. */
  readonly words?: "programs" | "templates" | "folders" | "commands" | readonly string[];
  readonly flags: F;
}

export interface CommandContext<F extends FlagDefinitions> extends ParsedArguments<F> {
  readonly host: Host;
}

/** A command of the table: what it is, and what citty runs. */
export interface Command {
  readonly info: CommandInfo;
  readonly definition: CommandDef;
}

/** Makes a command. `run` answers the exit code. Asking for help and wrong words are dealt with before it is called. */
export function command<const F extends FlagDefinitions>(
  info: CommandInfo<F>,
  run: (context: CommandContext<F>) => Promise<number>,
): Command {
  const definition = defineCommand({
    meta: { name: info.name, description: info.summary },
    async run({ rawArgs, data }) {
      const host: Host = data;
      const parsed = await parseFor(info, wordsOf(rawArgs), host);
      if (parsed.isHelpAsked) {
        host.stdout.write(commandHelp(info));
        return 0;
      }
      const extra = parsed.positionals[info.maxPositionals];
      if (extra !== undefined) {
        throw new UsageError(`"${extra}" is one word too many for \`tspack ${info.name}\``, {
          hint: `Usage: tspack ${info.name} ${info.usage}`,
        });
      }
      return run({ ...parsed, host });
    },
  });
  return { info, definition };
}

/**
 * Runs a command with the words that follow its name; answers its exit code. They stand behind `--`: citty would take `-var=a_b=1` apart
 * letter by letter, and fail at the underscore. `wordsOf` gives them to the command.
 */
export async function runWords({ definition }: Command, words: readonly string[], host: Host): Promise<unknown> {
  const { result } = await runCommand(definition, { rawArgs: ["--", ...words], data: host });
  return result;
}

/** The words that `runWords` was given. */
export function wordsOf(rawArgs: readonly string[]): readonly string[] {
  return rawArgs.slice(1);
}

// --- internal ---

/** Reads the words. A flag that the command lacks, but others have, is said to be theirs. */
async function parseFor<F extends FlagDefinitions>(
  info: CommandInfo<F>,
  words: readonly string[],
  host: Host,
): Promise<ParsedArguments<F>> {
  try {
    return parseArguments(words, info.flags);
  } catch (error) {
    if (!(error instanceof UsageError) || error.unknownFlag === undefined) throw error;
    const { unknownFlag } = error;
    const others = (await host.commands.list()).filter((other) => Object.hasOwn(other.flags, unknownFlag));
    if (others.length === 0) throw error;
    throw new UsageError(`\`tspack ${info.name}\` takes no flag -${unknownFlag}`, {
      hint: `It belongs to ${others.map((other) => `\`tspack ${other.name}\``).join(" and ")}.`,
    });
  }
}
