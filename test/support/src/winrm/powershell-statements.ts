// Statements of PowerShell that the machine knows, wherever they stand in a script. A provisioner that needs another one adds a row.
import { expandForPowershell, powershellPath } from "./files.ts";
import type { MachineProcess, WinrmHandler } from "./machine.ts";

/** Looked through in this order, after what the test has brought. Their exit code tells whether they failed. */
export const powershellStatements: readonly WinrmHandler[] = [
  {
    language: "powershell",
    matches: /^(?:Write-Output|Write-Host|Write-Information|echo)\s+([\s\S]+)$/i,
    run: (process, match) => {
      process.out(`${textOf(match[1] ?? "", process)}\r\n`);
      return 0;
    },
  },
  {
    language: "powershell",
    matches: /^(?:Write-Error\s+|\[Console\]::Error\.WriteLine\()([^)]+)\)?$/i,
    run: (process, match) => {
      process.err(`${textOf(match[1] ?? "", process)}\r\n`);
      return 0;
    },
  },
  {
    // A string, or a variable of the environment, is written as it is.
    language: "powershell",
    matches: /^("[^"]*"|'[^']*'|\$env:\w+)$/i,
    run: (process, match) => {
      process.out(`${textOf(match[1] ?? "", process)}\r\n`);
      return 0;
    },
  },
  {
    language: "powershell",
    matches: /^\$(?:env:(\w+)|\{env:(\w+)\})\s*=\s*([\s\S]+)$/i,
    run: (process, match) => {
      process.environment.set((match[1] ?? match[2] ?? "").toLowerCase(), textOf(match[3] ?? "", process));
      return 0;
    },
  },
  {
    // The registry is empty; a test that wants a key there brings a handler.
    language: "powershell",
    matches: /^Test-Path\s+(?:-\w+\s+)*("[^"]*"|'[^']*'|\S+)$/i,
    run: (process, match) => {
      const path = pathOf(match[1] ?? "", process);
      const { files } = process.machine;
      process.out(`${!/^(?:HK\w+|Registry):/i.test(path) && (files.has(path) || files.hasFolder(path)) ? "True" : "False"}\r\n`);
      return 0;
    },
  },
  {
    // Preferences change nothing here.
    language: "powershell",
    matches:
      /^(?:\$(?:global:)?\w+Preference\s*=.*|Set-Variable \w+Preference\b.*|if\s*\(Test-Path variable:global:ProgressPreference\)\s*\{[^}]*\}|Set-StrictMode\b.*)$/i,
    run: () => 0,
  },
  {
    language: "powershell",
    matches: /^(?:Remove-Item|rm|del)\s+(?:-\w+\s+)*("[^"]*"|'[^']*'|\S+)(?:\s+-.*)?$/i,
    run: (process, match) => {
      process.machine.files.delete(pathOf(match[1] ?? "", process));
      return 0;
    },
  },
  {
    language: "powershell",
    matches: /^(?:Get-Content|cat|type)\s+(?:-\w+\s+)*("[^"]*"|'[^']*'|\S+)$/i,
    run: (process, match) => {
      const data = process.machine.files.get(pathOf(match[1] ?? "", process));
      if (data === undefined) process.err(`Get-Content : Cannot find path ${match[1]} because it does not exist.\r\n`);
      else process.out(data);
      return data === undefined ? 1 : 0;
    },
  },
];

// --- internal ---

/** The value of a literal: `'…'` as it is, `"…"` and bare words with variables put in, and a format of these with the host's name. */
function textOf(literal: string, process: MachineProcess): string {
  const text = literal.trim();
  const format = /^\(\s*("[^"]*"|'[^']*')\s*-f\s*(?:\[System\.Net\.Dns\]::GetHostName\(\)|\$env:COMPUTERNAME)\s*\)$/i.exec(text)?.[1];
  if (format !== undefined) return textOf(format, process).replace("{0}", process.environment.get("computername") ?? "");
  if (/^'(?:[^']|'')*'$/.test(text)) return text.slice(1, -1).replaceAll("''", "'");
  const plain = /^"[\s\S]*"$/.test(text) ? text.slice(1, -1) : text;
  return expandForPowershell(plain, process.environment).replace(/`([\s\S])/g, (_whole, char: string) => escapes.get(char) ?? char);
}

function pathOf(literal: string, process: MachineProcess): string {
  return powershellPath(textOf(literal, process), process.environment);
}

const escapes = new Map([
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["0", "\0"],
]);
