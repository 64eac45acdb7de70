// How a command line calls PowerShell, and what the log of a server shows of it.

/** A call of PowerShell: its script, with `-EncodedCommand` decoded. */
export interface PowershellCall {
  readonly script: string;
  readonly encoded: boolean;
}

/** The script of `powershell -EncodedCommand …` or `powershell -Command …`, or undefined where the line calls something else. */
export function readPowershell(commandLine: string): PowershellCall | undefined {
  const call = /^\s*"?(?:[a-z]:[^"]*\\)?(?:powershell|pwsh)(?:\.exe)?"?(?:\s+(?<rest>[\s\S]*))?$/i.exec(commandLine);
  if (call === null) return undefined;
  let rest = call.groups?.rest ?? "";
  for (;;) {
    const option = /^[-/](\w+)\s*/.exec(rest);
    if (option === null) break;
    const name = (option[1] ?? "").toLowerCase();
    const after = rest.slice(option[0].length);
    // PowerShell takes any beginning of a name, and `-e` and `-ec` for -EncodedCommand.
    if (name === "ec" || "encodedcommand".startsWith(name)) return { script: decodePayload(after), encoded: true };
    if (name === "c" || "command".startsWith(name)) return { script: unquote(after), encoded: false };
    if (name === "f" || "file".startsWith(name)) return { script: `& ${after}; exit $LastExitCode`, encoded: false };
    rest = switches.has(name) ? after : after.replace(/^\S+\s*/, "");
  }
  return { script: unquote(rest), encoded: false };
}

/** A line of `WinrmServer.commands`: the command line as it came, and on the next line the script where that was encoded. */
export function describeCommand(commandLine: string): string {
  const call = readPowershell(commandLine);
  return call?.encoded === true ? `${commandLine}\n${call.script}` : commandLine;
}

// --- internal ---

const switches = new Set(["noprofile", "nop", "noninteractive", "noni", "nologo", "mta", "sta", "noexit"]);

/** UTF-16LE in base64. */
function decodePayload(text: string): string {
  return Buffer.from(/^"?([0-9A-Za-z+/=]*)/.exec(text)?.[1] ?? "", "base64").toString("utf16le");
}

function unquote(text: string): string {
  const quoted = /^\s*"([\s\S]*)"\s*$/.exec(text)?.[1];
  return quoted === undefined ? text : quoted.replaceAll('\\"', '"');
}
