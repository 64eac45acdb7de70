import { closeSync, openSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Diagnostic, fileTrouble } from "@tspack/core";

/** Why a path is nothing that can be converted, and what to name instead. A legacy JSON template is named as a file, never as its folder. */
export function whyNoTemplate(path: string, workingDirectory: string): Pick<Diagnostic, "summary" | "detail" | "hint"> {
  const folder = resolve(workingDirectory, path);
  let names: readonly string[] | undefined;
  try {
    names = namesIn(folder);
  } catch (error) {
    return { summary: "Template cannot be read", detail: `${path} could not be read: ${fileTrouble(error)}.`, hint: hintFor(error) };
  }
  const summary = "Not a template";
  if (names === undefined) {
    return {
      summary,
      detail: `${path} is no template.`,
      hint: "Name a .pkr.hcl file, a legacy JSON template, or a folder with HCL templates.",
    };
  }
  const [template, ...others] = names.filter((name) => name.endsWith(".json") && isTemplate(join(folder, name)));
  if (template === undefined) {
    return {
      summary,
      detail: `The folder ${path} holds no template.`,
      hint: "Name a .pkr.hcl file or a legacy JSON template, or a folder with HCL templates.",
    };
  }
  const more = others.length === 0 ? "" : ` The others are ${others.slice(0, 5).join(", ")}${others.length > 5 ? ", …" : ""}.`;
  return {
    summary,
    detail: `The folder ${path} holds no HCL templates, and a legacy JSON template is converted by its own name.`,
    hint: `Name the file: tspack convert ${join(path, template)}.${more}`,
  };
}

// --- internal ---

/** undefined: it is no folder. Throws Node's error for what cannot be read. */
function namesIn(path: string): readonly string[] | undefined {
  const stats = statSync(path);
  if (stats.isDirectory()) return readdirSync(path).sort();
  // A pipe would be waited for.
  if (stats.isFile()) closeSync(openSync(path, "r"));
  return undefined;
}

function hintFor(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EACCES" || code === "EPERM") return "Check the permissions of the file and of its folders.";
  return code === "ENOENT" ? "Name a .pkr.hcl file, a legacy JSON template, or a folder with HCL templates." : undefined;
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
