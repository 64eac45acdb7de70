import type { FlagDefinition } from "../argv.ts";
import type { CommandInfo } from "../command.ts";
import { commandNames, rootFlags } from "./words.ts";

/** Completion for fish 3.0 and newer. */
export function fishCompletion(commands: readonly CommandInfo[]): string {
  const names = commands.flatMap(commandNames);
  const without = `not __fish_seen_subcommand_from ${names.join(" ")}`;
  return [
    "# Completion of tspack for fish. Printed by `tspack completion fish`.",
    "complete -c tspack -f",
    ...commands.flatMap((info) => commandNames(info).map((name) => line(without, "-a", name, "-d", info.summary))),
    ...rootFlags.map((name) => line(without, "-o", name)),
    ...commands.flatMap((info) => commandLines(info, names)),
    "",
  ].join("\n");
}

function commandLines(info: CommandInfo, names: readonly string[]): string[] {
  const within = `__fish_seen_subcommand_from ${commandNames(info).join(" ")}`;
  const words = positional(info, names);
  return [
    ...Object.entries(info.flags).map(([name, flag]) => line(within, "-o", name, ...value(flag), "-d", flag.summary)),
    line(within, "-o", "help", "-d", "Shows the help of the command."),
    ...(words === undefined ? [] : [line(within, "-a", words)]),
  ];
}

function value(flag: FlagDefinition): string[] {
  if (flag.kind === "switch") return [];
  if (flag.kind === "choice") return ["-x", "-a", flag.choices.join(" ")];
  // Of files fish offers all; its function for endings does not know that the name stands after "-flag=".
  return flag.kind === "list" && flag.files !== undefined ? ["-r", "-F"] : ["-x"];
}

function positional({ words }: CommandInfo, names: readonly string[]): string | undefined {
  // Folders too.
  if (words === "programs") return "(__fish_complete_suffix .ts; __fish_complete_suffix .pkr.hcl; __fish_complete_suffix .json)";
  if (words === "templates") return "(__fish_complete_suffix .pkr.hcl; __fish_complete_suffix .pkrvars.hcl)";
  if (words === "folders") return "(__fish_complete_directories)";
  return words === "commands" ? names.join(" ") : words?.join(" ");
}

function line(condition: string, ...words: readonly string[]): string {
  return ["complete -c tspack", "-n", quoted(condition), ...words.map((word) => (/^-?[\w-]+$/.test(word) ? word : quoted(word)))].join(" ");
}

/** In fish's single quotes only a quote and a backslash are special. */
function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
