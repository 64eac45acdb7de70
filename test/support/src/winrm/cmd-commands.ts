// The commands of cmd.exe that the machine knows. A provisioner that needs another one adds a row.
import type { WinrmHandler } from "./machine.ts";
import { powerCommands } from "./power-commands.ts";

/** Looked through in this order, after what the test has brought. */
export const cmdCommands: readonly WinrmHandler[] = [
  ...powerCommands,
  {
    language: "cmd",
    matches: /^echo(?:[ .(](.*))?$/is,
    run: (process, match) => {
      process.out(`${match[1] ?? ""}\r\n`);
      return 0;
    },
  },
  {
    language: "cmd",
    matches: /^type\s+(.+)$/is,
    run: (process, match) => {
      const data = process.machine.files.get(match[1] ?? "");
      if (data === undefined) {
        process.err("The system cannot find the file specified.\r\n");
        return 1;
      }
      process.out(data);
      return 0;
    },
  },
  {
    // `set "NAME=value"`, and `set NAME=value` with all the white space behind it.
    language: "cmd",
    matches: /^set\s+(?:"([^"=]+)=(.*)"\s*|([^"=]+)=(.*))$/is,
    run: (process, match) => {
      process.environment.set((match[1] ?? match[3] ?? "").trim().toLowerCase(), match[2] ?? match[4] ?? "");
      return 0;
    },
  },
  {
    language: "cmd",
    matches: /^del\s+(?:\/\w\s+)*(.+)$/is,
    run: (process, match) => {
      process.machine.files.delete(match[1] ?? "");
      return 0;
    },
  },
  {
    language: "cmd",
    matches: /^(?:mkdir|md|cd|chcp|setlocal|endlocal)\b.*$/is,
    run: () => 0,
  },
  {
    language: "cmd",
    matches: /^(hostname|whoami|ver)\s*$/i,
    run: (process, match) => {
      const name = (match[1] ?? "").toLowerCase();
      if (name === "ver") process.out("\r\nMicrosoft Windows [Version 10.0.20348.587]\r\n");
      else if (name === "hostname") process.out(`${process.environment.get("computername")}\r\n`);
      else process.out(`${process.environment.get("computername")?.toLowerCase()}\\${process.environment.get("username")}\r\n`);
      return 0;
    },
  },
  {
    // A task ends, and goes away, before the script that has registered it does.
    language: "cmd",
    matches: /^schtasks(?:\.exe)?\s+\/(?:end|delete)\s+\/tn\s+.*$/is,
    run: (process) => {
      process.err("ERROR: The system cannot find the file specified.\r\n");
      return 1;
    },
  },
  {
    // Gives back what it reads, as the real one does.
    language: "cmd",
    matches: /^(?:more|findstr\s+"?\^"?)\s*$/i,
    run: async (process) => {
      for await (const chunk of process.stdin) process.out(chunk);
      return 0;
    },
  },
];
