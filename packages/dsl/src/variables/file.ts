// One file with values for variables: an object in JSON, attributes in HCL, or the default export of a TypeScript module (rows FIL-06, FIL-07).
// A file may hold secrets, and which of its values are is not known yet. So no message shows anything of it but names.
import { extname, resolve } from "node:path";
import { type Diagnostic, fileTrouble, hasErrors } from "@tspack/core";
import { displayPath } from "../load/display-path.ts";
import type { LoadOptions } from "../load/options.ts";
import { readRegularFile } from "../load/read-regular-file.ts";
import { readModule } from "./module.ts";

/** The values in a variable file. */
export interface VariableFile {
  /** Its path as the user would write it. */
  readonly shown: string;
  readonly values: { readonly [name: string]: unknown };
  readonly diagnostics: readonly Diagnostic[];
  /** The file and what it imports, absolute. */
  readonly files: readonly string[];
}

/** Reads a variable file, JSON, HCL or TypeScript by its name. */
export async function readVariableFile(path: string, workingDirectory: string, options: LoadOptions): Promise<VariableFile> {
  const file = resolve(workingDirectory, path);
  const shown = displayPath(file, workingDirectory);
  const failed = (detail: string, hint?: string, files: readonly string[] = [file]): VariableFile => {
    return {
      shown,
      values: {},
      files,
      diagnostics: [{ severity: "error", code: "TPK1104", summary: "Invalid variable file", detail, hint }],
    };
  };
  const extension = extname(file).toLowerCase();
  if (extension === ".hcl") return readHcl(file, shown);
  if (extension !== ".json" && !/^\.[cm]?[jt]s$/.test(extension)) {
    return failed(`${shown} is neither HCL nor JSON nor TypeScript.`, "Variable files end in .hcl, .json or .ts.");
  }
  let text: string;
  try {
    text = readRegularFile(file).toString("utf8");
  } catch (error) {
    return failed(`${shown} could not be read: ${fileTrouble(error)}.`);
  }
  if (extension !== ".json") {
    const module = await readModule(file, shown, workingDirectory, options);
    if ("diagnostics" in module) return { shown, values: {}, ...module };
    const values = valuesOf(module.value);
    if (values === undefined)
      return failed(
        `The default export of ${shown} is not an object of values.`,
        'Write: export default { release: "trixie" };',
        module.files,
      );
    return { shown, values, diagnostics: [], files: module.files };
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    return failed(`${shown} is not valid JSON${placeOf(error, text)}.`);
  }
  const values = valuesOf(parsed);
  if (values === undefined) return failed(`${shown} does not hold an object of values.`, 'Write: { "release": "trixie" }');
  // A comment, as in the JSON form of HCL.
  const { "//": _comment, ...named } = values;
  return { shown, values: named, diagnostics: [], files: [file] };
}

async function readHcl(file: string, shown: string): Promise<VariableFile> {
  // Loaded only where it is needed: programs in TypeScript start quickly without HCL.
  const [{ readHclVariables }, { toPlain }] = await Promise.all([import("./hcl-file.ts"), import("../hcl/eval/plain.ts")]);
  const { values, diagnostics } = readHclVariables(file, shown);
  const plain = hasErrors(diagnostics) ? [] : Array.from(values, ([name, value]) => [name, toPlain(value)] as const);
  return { shown, values: Object.fromEntries(plain), diagnostics, files: [file] };
}

function valuesOf(value: unknown): { readonly [name: string]: unknown } | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}

/** Where the JSON goes wrong. Node's own message would quote the text. */
function placeOf(error: unknown, text: string): string {
  const offset = error instanceof Error ? /\bposition (\d+)/.exec(error.message)?.[1] : undefined;
  if (offset === undefined) return "";
  const before = text.slice(0, Number(offset)).split("\n");
  return ` (line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1})`;
}
