import type { CommandInfo } from "../command.ts";

/** Flags that stand in place of a command. */
export const rootFlags: readonly string[] = ["help", "version", "machine-readable", "autocomplete-install", "autocomplete-uninstall"];

export function commandNames({ name, aliases = [] }: CommandInfo): string[] {
  return [name, ...aliases];
}

/** A word for a POSIX shell or zsh, in single quotes. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
