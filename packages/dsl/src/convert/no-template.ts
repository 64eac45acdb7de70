import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Diagnostic } from "@tspack/core";

/** Why a path is nothing that can be converted, and what to name instead. A legacy JSON template is named as a file, never as its folder. */
export function whyNoTemplate(path: string, workingDirectory: string): Required<Pick<Diagnostic, "detail" | "hint">> {
  const folder = resolve(workingDirectory, path);
  const names = namesIn(folder);
  if (names === undefined)
    return { detail: `${path} is no template.`, hint: "Name a .pkr.hcl file, a legacy JSON template, or a folder with HCL templates." };
  const [template, ...others] = names.filter((name) => name.endsWith(".json") && isTemplate(join(folder, name)));
  if (template === undefined) {
    return {
      detail: `The folder ${path} holds no template.`,
      hint: "Name a .pkr.hcl file or a legacy JSON template, or a folder with HCL templates.",
    };
  }
  const more = others.length === 0 ? "" : ` The others are ${others.slice(0, 5).join(", ")}${others.length > 5 ? ", …" : ""}.`;
  return {
    detail: `The folder ${path} holds no HCL templates, and a legacy JSON template is converted by its own name.`,
    hint: `Name the file: tspack convert ${join(path, template)}.${more}`,
  };
}

// --- internal ---

/** undefined: it is no folder, or cannot be read. */
function namesIn(folder: string): readonly string[] | undefined {
  try {
    return statSync(folder).isDirectory() ? readdirSync(folder).sort() : undefined;
  } catch {
    // Whoever opens it says what is wrong.
    return undefined;
  }
}

/** Larger files are not looked into: this is for a message. */
const LARGEST_LOOKED_AT = 4 * 1024 * 1024;

function isTemplate(file: string): boolean {
  try {
    const { size, isFile } = { size: statSync(file).size, isFile: statSync(file).isFile() };
    if (!isFile || size > LARGEST_LOOKED_AT) return false;
    return /"builders"\s*:/.test(readFileSync(file, "utf8"));
  } catch {
    // Unreadable: it cannot be converted either.
    return false;
  }
}
