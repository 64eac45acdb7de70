import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import type { Diagnostic } from "@tspack/core";
import { programName } from "./find-program.ts";
import type { LoadOptions } from "./options.ts";

/** Stands for standard input in place of a path (row INV-11). */
export const standardInputPath = "-";

/**
 * What a path leads to, by its name and for a folder by what is in it (rows INV-10 to INV-12): a folder with `image.ts` is
 * TypeScript, else one with HCL templates is HCL. Whether the file exists is found out by whoever reads it.
 */
export function inputKind(
  path: string,
  options: Pick<LoadOptions, "workingDirectory" | "configType">,
): "typescript" | "hcl" | "json" | Diagnostic {
  const { configType } = options;
  if (path === standardInputPath) return configType === "hcl2" ? hclFromInput : "json";
  const wanted = resolve(options.workingDirectory ?? process.cwd(), path);
  if (isFolder(wanted)) return existsSync(join(wanted, programName)) || !hasTemplates(wanted) ? "typescript" : "hcl";
  const name = basename(path).toLowerCase();
  if (/\.[cm]?[jt]sx?$/.test(name)) return "typescript";
  if (/\.pkr\.(hcl|json)$/.test(name) || configType === "hcl2") return "hcl";
  if (name.endsWith(".hcl")) return wrongExtension(path);
  if (name.endsWith(".json") || configType === "json" || startsAsJson(wanted)) return "json";
  // A name without a known ending: TypeScript's loader says what is wrong with it.
  return "typescript";
}

// --- internal ---

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    // Missing or unreadable: told by whoever opens it.
    return false;
  }
}

function hasTemplates(folder: string): boolean {
  try {
    return readdirSync(folder).some((name) => /\.pkr\.(hcl|json)$/.test(name));
  } catch {
    // Unreadable: told by whoever opens it.
    return false;
  }
}

/** Packer takes a file of any other name for JSON; here it must look like it. */
function startsAsJson(path: string): boolean {
  let file: number | undefined;
  try {
    // A pipe or device would be waited for.
    if (!statSync(path).isFile()) return false;
    file = openSync(path, "r");
    const start = Buffer.alloc(256);
    const length = readSync(file, start);
    return /^\uFEFF?\s*\{/.test(start.toString("utf8", 0, length));
  } catch {
    // Missing or unreadable: told by whoever opens it.
    return false;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

const hclFromInput: Diagnostic = {
  severity: "error",
  code: "TPK2002",
  summary: "HCL cannot be read from standard input",
  detail: "Only a legacy JSON template can be piped in, as in Packer.",
  hint: "Write the template to a file that ends in .pkr.hcl, and name that.",
};

function wrongExtension(path: string): Diagnostic {
  const isVariables = /\.(pkrvars|tfvars)\.hcl$/i.test(path);
  return {
    severity: "error",
    code: "TPK2002",
    summary: "Not the name of a template",
    detail: isVariables
      ? `${path} holds values of variables, and is no template.`
      : `${path} ends in .hcl, but HCL templates end in .pkr.hcl.`,
    hint: isVariables
      ? `Hand it over with -var-file=${path}, and name the template or its folder.`
      : `Rename it to ${path.replace(/\.hcl$/i, ".pkr.hcl")}, or say what it is: -config-type=hcl2.`,
  };
}
