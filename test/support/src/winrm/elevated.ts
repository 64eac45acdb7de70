// Scheduled tasks, which provisioners use to run a command with all rights of another account: the task is run at once.
import type { WinrmHandler } from "./machine.ts";
import { parseXml, type XmlElement } from "./xml.ts";

export const elevatedScripts: readonly WinrmHandler[] = [
  {
    // Any script that registers a task from XML, waits for it and writes what the task has left in its log.
    language: "powershell",
    matches: /New-Object\s+-ComObject\s+["']?Schedule\.Service["']?[\s\S]*RegisterTaskDefinition/i,
    run: async (process, match) => {
      const script = match.input;
      const xml = /<\?xml[\s\S]*?\?>\s*(<Task[\s\S]*<\/Task>)/.exec(script)?.[1];
      if (xml === undefined) {
        process.err("the emulated machine finds no task in this script\r\n");
        return 1;
      }
      const task = parseXml(xml);
      const user = textIn(task, "UserId");
      const password = /^\s*\$password\s*=\s*(?:"([^"]*)"|'([^']*)')/im.exec(script);
      if (!process.machine.mayLogIn(user, (password?.[1] ?? password?.[2] ?? "").replace(/`(.)/g, "$1"))) {
        process.err("The user name or password is incorrect. (Exception from HRESULT: 0x8007052E)\r\n");
        return 1;
      }
      const line = /^cmd(?:\.exe)?$/i.test(textIn(task, "Command")) ? textIn(task, "Arguments").replace(/^\s*\/c\s+/i, "") : "";
      const code = await process.run(line, { ...process, environment: new Map(process.machine.variables) });
      const log = />\s*(\S+)\s+2>&1\s*$/.exec(line)?.[1] ?? "";
      process.out(process.machine.files.get(log) ?? "");
      process.machine.files.delete(log);
      return code;
    },
  },
];

// --- internal ---

function textIn(element: XmlElement, name: string): string {
  if (element.name === name) return element.text;
  for (const child of element.children) {
    const found = textIn(child, name);
    if (found !== "") return found;
  }
  return "";
}
