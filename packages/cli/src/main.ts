import { UsageError } from "./argv.ts";
import { type Host, runWords } from "./command.ts";
import { commandTable } from "./commands/table.ts";
import { programHelp } from "./help.ts";

const versionWords = new Set(["-v", "-version", "--version"]);
const machineReadableWords = new Set(["-machine-readable", "--machine-readable"]);
/** Packer's words for installing completion (row INV-08), and ours. */
const completionWords: { readonly [word: string]: string } = { "autocomplete-install": "-install", "autocomplete-uninstall": "-uninstall" };
const helpWords = new Set(["-h", "-help", "--help"]);

/** Runs one command line (without node and the script) to its end and answers the exit code (rows EXIT). */
export async function main(words: readonly string[], host: Omit<Host, "isMachineReadable" | "commands">): Promise<number> {
  // In every place (row INV-07), and with two dashes too, which Packer takes and ignores. What follows `--` is not for us.
  const end = words.includes("--") ? words.indexOf("--") : words.length;
  const rest = words.filter((word, index) => index > end || !machineReadableWords.has(word));
  const fullHost: Host = { ...host, isMachineReadable: rest.length < words.length, commands: commandTable };
  try {
    return await dispatch(rest, fullHost);
  } catch (error) {
    return await reportFailure(error, fullHost);
  }
}

async function dispatch(words: readonly string[], host: Host): Promise<number> {
  const position = words.findIndex((word) => !word.startsWith("-"));
  const before = position === -1 ? words : words.slice(0, position);
  // All other words are dropped then (row INV-06).
  if (before.some((word) => versionWords.has(word))) return execute("version", [], host);
  if (before.some((word) => helpWords.has(word))) return printHelp(host, 0);
  const stray = before[0];
  const completion = completionWords[stray?.replace(/^--?/, "") ?? ""];
  if (completion !== undefined) return execute("completion", [completion], host);
  if (stray !== undefined) {
    throw new UsageError(`"${stray}" stands before the command`, { hint: "Flags belong after it: tspack run -force image.ts." });
  }
  const name = words[position];
  if (name === undefined) return printHelp(host, 127);
  return execute(name, words.slice(position + 1), host);
}

async function execute(name: string, words: readonly string[], host: Host): Promise<number> {
  const command = await host.commands.find(name);
  if (command === undefined) {
    const [{ didYouMean }, { aboutPackerCommand }] = await Promise.all([import("@tspack/core"), import("./commands/packer-commands.ts")]);
    const more = aboutPackerCommand(name) ?? didYouMean(name, host.commands.names());
    host.stderr.line([`There is no command "${name}".`, more].filter(Boolean).join(" "));
    host.stderr.line("");
    return printHelp(host, 127);
  }
  const result = await runWords(command, words, host);
  return typeof result === "number" ? result : 0;
}

async function printHelp(host: Host, exitCode: number): Promise<number> {
  const text = programHelp(host.version, await host.commands.list());
  (exitCode === 0 ? host.stdout : host.stderr).write(text);
  return exitCode;
}

/** Prints what stopped a command, in the form that fits the command line. */
async function reportFailure(error: unknown, host: Host): Promise<number> {
  const { reportError } = await import("./report.ts");
  await reportError(error, host);
  return 1;
}
