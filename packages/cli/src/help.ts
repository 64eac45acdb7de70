import { type FlagDefinition, type FlagDefinitions, placeholder } from "./argv.ts";
import type { CommandInfo } from "./command.ts";

/** Heading of flags that are there for Packer's sake. Stands last. */
export const IDLE_GROUP = "Packer's flags without effect here";

const width = 80;

/** Help of one command: examples first, then what it does, then each flag. */
export function commandHelp(info: CommandInfo): string {
  const names = [info.name, ...(info.aliases ?? [])];
  return [
    `tspack ${info.name}: ${info.summary}`,
    "",
    "Examples",
    ...info.examples.flatMap(({ command, does }) => [`  ${command}`, ...wrap(does, "      ")]),
    "",
    "Usage",
    `  tspack ${names.join("|")} ${info.usage}`.trimEnd(),
    "",
    ...info.about.split("\n\n").flatMap((paragraph) => [...wrap(paragraph, ""), ""]),
    ...flagSections(info.flags),
  ]
    .join("\n")
    .replace(/\n*$/, "\n");
}

/** Help of the program: the commands, and where to begin. */
export function programHelp(version: string, commands: readonly CommandInfo[]): string {
  const longest = Math.max(...commands.map((command) => command.name.length));
  return [
    `tspack ${version}: builds machine images from TypeScript`,
    "",
    "Examples",
    "  tspack new my-image      start with a program that works",
    "  tspack run my-image      build everything that my-image/image.ts exports",
    "  tspack validate          check image.ts here, starting nothing",
    "",
    "Usage",
    "  tspack COMMAND [flags] [FILE or FOLDER]",
    "",
    "Commands",
    ...commands.map((command) => {
      const aliases = command.aliases === undefined ? "" : ` (also: ${command.aliases.join(", ")})`;
      return `  ${command.name.padEnd(longest)}   ${command.summary}${aliases}`;
    }),
    "",
    "`tspack COMMAND -help` shows a command's flags. Flags take one dash or two.",
    "",
  ].join("\n");
}

function flagSections(flags: FlagDefinitions): string[] {
  const groups = new Map<string, [string, FlagDefinition][]>();
  for (const entry of Object.entries(flags)) {
    const group = groups.get(entry[1].group) ?? [];
    group.push(entry);
    groups.set(entry[1].group, group);
  }
  const sections = [...groups].sort(([a], [b]) => Number(a === IDLE_GROUP) - Number(b === IDLE_GROUP));
  return sections.flatMap(([title, entries]) => [title, ...entries.flatMap(([name, flag]) => flagLines(name, flag)), ""]);
}

function flagLines(name: string, flag: FlagDefinition): string[] {
  const text = `  -${name}${flag.kind === "switch" ? "" : `=${placeholder(flag)}`}`;
  const indent = " ".repeat(28);
  const [first = "", ...rest] = wrap(flag.summary, indent);
  if (text.length > indent.length - 2) return [text, first, ...rest];
  return [text.padEnd(indent.length) + first.trimStart(), ...rest];
}

/** Breaks text at spaces. Each line starts with `indent`. */
function wrap(text: string, indent: string): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(/\s+/)) {
    if (line.trim() !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = indent;
    }
    line += line.trim() === "" ? word : ` ${word}`;
  }
  return [...lines, line];
}
