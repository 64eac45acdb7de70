// Scheduled tasks, which provisioners use to run a command with all rights of another account: the task is run at once.
import type { WinrmHandler } from "./machine.ts";
import { parseXml, type XmlElement } from "./xml.ts";

/** Part of `powershellScripts`. */
export const elevatedScripts: readonly WinrmHandler[] = [
  {
    // Any script that registers a task, waits for it and writes what the task has left in its log.
    language: "powershell",
    matches: /New-Object\s+-ComObject\s+["']?Schedule\.Service["']?[\s\S]*RegisterTaskDefinition/i,
    run: async (process, match) => {
      const task = taskFromXml(match.input) ?? taskFromProperties(match.input);
      if (task === undefined) {
        process.err("the emulated machine finds no task in this script\r\n");
        return 1;
      }
      const { user, line, log } = task;
      const password = /^\s*\$password\s*=\s*(?:"([^"]*)"|'((?:[^']|'')*)')/im.exec(match.input);
      const given = password?.[1]?.replace(/`(.)/g, "$1") ?? password?.[2]?.replaceAll("''", "'") ?? "";
      if (!process.machine.mayLogIn(user, given)) {
        process.err("The user name or password is incorrect. (Exception from HRESULT: 0x8007052E)\r\n");
        return 1;
      }
      const code = await process.run(line, { ...process, environment: new Map(process.machine.variables) });
      process.out(process.machine.files.get(log) ?? "");
      process.machine.files.delete(log);
      // Such a script holds a password: it names itself to be removed.
      const own = /["']([a-z]:[\\/][^"']*packer-elevated-shell-[\w-]+\.ps1)["']/i.exec(match.input)?.[1];
      if (own !== undefined) process.machine.files.delete(own);
      return code;
    },
  },
];

// --- internal ---

interface ScheduledTask {
  readonly user: string;
  /** What cmd.exe runs. */
  readonly line: string;
  /** Where its output goes. */
  readonly log: string;
}

/** A task that is defined as XML, as Packer does it. */
function taskFromXml(script: string): ScheduledTask | undefined {
  const xml = /<\?xml[\s\S]*?\?>\s*(<Task[\s\S]*<\/Task>)/.exec(script)?.[1];
  if (xml === undefined) return undefined;
  const task = parseXml(xml);
  const line = /^cmd(?:\.exe)?$/i.test(textIn(task, "Command")) ? textIn(task, "Arguments").replace(/^\s*\/c\s+/i, "") : "";
  return { user: textIn(task, "UserId"), line, log: />\s*(\S+)\s+2>&1\s*$/.exec(line)?.[1] ?? "" };
}

/** One that is defined by its properties, with its values in variables: `$user`, `$command`, and `$name` for the log. */
function taskFromProperties(script: string): ScheduledTask | undefined {
  const value = (name: string): string | undefined =>
    new RegExp(`^\\$${name} = '((?:[^']|'')*)'`, "m").exec(script)?.[1]?.replaceAll("''", "'");
  const [user, command, name] = [value("user"), value("command"), value("name")];
  if (user === undefined || command === undefined || name === undefined || !script.includes(".Actions.Create(")) return undefined;
  const log = `c:\\windows\\temp\\${name}.out`;
  return { user, line: `${command} > "${log}" 2>&1`, log };
}

function textIn(element: XmlElement, name: string): string {
  if (element.name === name) return element.text;
  for (const child of element.children) {
    const found = textIn(child, name);
    if (found !== "") return found;
  }
  return "";
}
