// cmd.exe as far as clients and provisioners use it: chains, redirections, variables, batch files.

import { cmdCommands } from "./cmd-commands.ts";
import { readPowershell } from "./command-line.ts";
import { expandForCmd } from "./files.ts";
import type { MachineProcess } from "./machine.ts";
import { runPowershell } from "./powershell.ts";

/** The longest line that cmd.exe reads, in characters. */
const LONGEST_LINE = 8191;

/** Runs a line. Returns the exit code of the command that ended it. */
export async function runCmd(line: string, process: MachineProcess): Promise<number> {
  if (line.length > LONGEST_LINE) {
    process.err("The command line is too long.\r\n");
    return 1;
  }
  return (await runChain(line, process)).code;
}

/** What ran, and whether `exit` ended more than itself. */
interface Ran {
  readonly code: number;
  readonly exits: boolean;
}

// --- internal ---

async function runChain(line: string, process: MachineProcess): Promise<Ran> {
  let code = 0;
  // Variables are put in before anything runs, so a line does not see what it sets itself.
  for (const { operator, command } of splitChain(expandForCmd(line, process.environment))) {
    if ((operator === "&&" && code !== 0) || (operator === "||" && code === 0)) continue;
    const ran = await runCommand(command, process, code);
    code = ran.code;
    if (ran.exits || process.signal.aborted) return { code, exits: true };
  }
  return { code, exits: false };
}

async function runCommand(written: string, process: MachineProcess, last: number): Promise<Ran> {
  const { command, target } = takeRedirection(written.replace(/^[\s@]+/, ""));
  if (command.trim() === "") return { code: 0, exits: false };
  const exit = /^exit\b(?:\s+\/b)?(?:\s+(-?\d+))?\s*$/i.exec(command);
  if (exit !== null) return { code: exit[1] === undefined ? last : Number(exit[1]), exits: true };
  if (target === undefined) return { code: await runPlain(command, process), exits: false };
  const output: Uint8Array[] = [];
  const take = (data: string | Uint8Array): void => {
    output.push(Buffer.from(data));
  };
  const code = await runPlain(command, { ...process, out: take, err: target.errors ? take : process.err });
  const before = target.append ? (process.machine.files.get(target.path) ?? Buffer.alloc(0)) : Buffer.alloc(0);
  if (target.path.toLowerCase() !== "nul") process.machine.files.set(target.path, Buffer.concat([before, ...output]));
  return { code, exits: false };
}

async function runPlain(command: string, process: MachineProcess): Promise<number> {
  for (const handler of [...process.machine.handlers, ...cmdCommands]) {
    const match = handler.language === "cmd" ? handler.matches.exec(command) : null;
    if (match !== null) return await handler.run(process, match);
  }
  const powershell = readPowershell(command);
  if (powershell !== undefined) return await runPowershell(powershell.script, process);
  const nested = /^"?(?:[a-z]:\S*\\)?cmd(?:\.exe)?"?\s+(?:\/\w\s+)*\/c\s+(.*)$/is.exec(command)?.[1];
  if (nested !== undefined) return (await runChain(nested.replace(/^"(.*)"$/s, "$1"), process)).code;
  return await runFile(command, process);
}

/** A batch file of the machine. */
async function runFile(command: string, process: MachineProcess): Promise<number> {
  const parts = /^(?:call\s+)?(?:"([^"]+)"|(\S+))(.*)$/is.exec(command);
  const path = parts?.[1] ?? parts?.[2] ?? "";
  const found = [path, `${path}.bat`, `${path}.cmd`].find((name) => /\.(bat|cmd)$/i.test(name) && process.machine.files.has(name));
  const data = found === undefined ? undefined : process.machine.files.get(found);
  if (data === undefined) {
    process.err(`'${path}' is not recognized as an internal or external command,\r\noperable program or batch file.\r\n`);
    return 9009;
  }
  let code = 0;
  for (const line of Buffer.from(data).toString().split(/\r?\n/)) {
    // None of these changes the exit code.
    if (/^\s*(?:$|::|rem\b|@?echo\s+(?:off|on)\s*$)/i.test(line)) continue;
    const ran = await runChain(line, process);
    code = ran.code;
    if (ran.exits) break;
  }
  return code;
}

/** Splits at `&`, `&&` and `||` outside of double quotes. */
function splitChain(line: string): readonly { operator: string; command: string }[] {
  const parts: { operator: string; command: string }[] = [];
  let [operator, command, quoted] = ["", "", false];
  for (let at = 0; at < line.length; at += 1) {
    const char = line[at] ?? "";
    if (char === '"') quoted = !quoted;
    if (!quoted && char === "^" && at + 1 < line.length) {
      at += 1;
      command += line[at] ?? "";
      continue;
    }
    const found = quoted || line[at - 1] === ">" ? undefined : /^(?:&&|\|\||&)/.exec(line.slice(at, at + 2))?.[0];
    if (found === undefined) {
      command += char;
      continue;
    }
    parts.push({ operator, command });
    [operator, command] = [found, ""];
    at += found.length - 1;
  }
  return [...parts, { operator, command }].filter((part) => part.command.trim() !== "");
}

interface Redirection {
  readonly path: string;
  readonly append: boolean;
  /** Whether the error stream goes there too. */
  readonly errors: boolean;
}

/** Takes `> file` or `>> file` off the end. White space before it stays: `echo` writes it. */
function takeRedirection(command: string): { command: string; target?: Redirection } {
  const found = /^((?:[^">]|"[^"]*")*?)(>>?)\s*("[^"]*"|[^\s"&|<>]+)\s*(2>&1)?\s*$/s.exec(command);
  if (found === null) return { command };
  return {
    command: found[1] ?? "",
    target: { path: (found[3] ?? "").replaceAll('"', ""), append: found[2] === ">>", errors: found[4] !== undefined },
  };
}
