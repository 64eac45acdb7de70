// Whole scripts that the machine knows. Those of winrmcp and Packer are recognised by what they must contain, whatever is around it.
import { elevatedScripts } from "./elevated.ts";
import { fileTransferScripts } from "./file-transfer.ts";
import { powershellPath } from "./files.ts";
import type { WinrmHandler } from "./machine.ts";

/** Looked through in this order, after what the test has brought. */
export const powershellScripts: readonly WinrmHandler[] = [
  {
    // winrmcp: the lines of base64 that `echo` has gathered become the file.
    language: "powershell",
    matches:
      /^\$tmp_file_path = .*?GetFullPath\("([^"]+)"\)\s+\$dest_file_path = .*?GetFullPath\("([^"]+)"\.Trim\("'"\)\)[\s\S]*FromBase64String/,
    run: ({ machine, environment, err }, match) => {
      const [source = "", destination = ""] = match.slice(1).map((path) => powershellPath(path.replace(/^'+|'+$/g, ""), environment));
      if (machine.files.hasFolder(destination)) return 1;
      const lines = machine.files.get(source);
      const encoded = lines === undefined ? [] : Buffer.from(lines).toString().split("\r\n");
      if (encoded.some((line) => !/^[0-9A-Za-z+/]*={0,2}\s*$/.test(line))) {
        err("FromBase64String: the input is not a valid Base-64 string\r\n");
        return 1;
      }
      machine.files.set(destination, Buffer.concat(encoded.map((line) => Buffer.from(line, "base64"))));
      return 0;
    },
  },
  {
    // winrmcp: the lines go away.
    language: "powershell",
    matches: /^\$tmp_file_path = .*?GetFullPath\("([^"]+)"\)\s+if \(Test-Path \$tmp_file_path\) \{\s+Remove-Item/,
    run: ({ machine }, match) => {
      machine.files.delete(match[1] ?? "");
      return 0;
    },
  },
  {
    // Packer: the whole file in base64.
    language: "powershell",
    matches: /^\$file=\[System\.IO\.File\]::ReadAllBytes\("([^"]+)"\); Write-Output \$\(\[System\.Convert\]::ToBase64String\(\$file\)\)$/,
    run: ({ machine, environment, out, err }, match) => {
      const data = machine.files.get(powershellPath(match[1] ?? "", environment));
      if (data === undefined) {
        err(`Exception calling "ReadAllBytes" with "1" argument(s): "Could not find file '${match[1]}'."\r\n`);
        return 1;
      }
      out(`${Buffer.from(data).toString("base64")}\r\n`);
      return 0;
    },
  },
  {
    // winrmcp: what is in a folder.
    language: "powershell",
    matches: /^Get-ChildItem (.+?) \| ConvertTo-Xml -NoTypeInformation -As String$/,
    run: ({ machine, environment, out }, match) => {
      const objects = machine.files.children(powershellPath(match[1] ?? "", environment)).map((key) => {
        const property = (name: string, value: string | number): string => `<Property Name="${name}">${value}</Property>`;
        const mode = machine.files.hasFolder(key) ? "d-----" : "-a----";
        const size = machine.files.get(key)?.length ?? 0;
        return `<Object>${property("Name", machine.files.nameOf(key))}${property("FullName", key)}${property("Mode", mode)}${property("Length", size)}</Object>`;
      });
      out(`<?xml version="1.0" encoding="utf-8"?>\r\n<Objects>${objects.join("")}</Objects>\r\n`);
      return 0;
    },
  },
  ...fileTransferScripts,
  ...elevatedScripts,
];
