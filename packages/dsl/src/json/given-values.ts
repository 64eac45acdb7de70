// The values that a user hands to a JSON template (row JSD-03): variable files in order, then `-var`. The environment plays no part.
import { extname, resolve } from "node:path";
import type { Diagnostic } from "@tspack/core";
import type { LoadOptions } from "../load/options.ts";
import { readVariableFile } from "../variables/file.ts";
import { Problems } from "./problems.ts";
import { readSourceFile } from "./source-file.ts";
import { parseJsonTree } from "./syntax/parse.ts";

/** A value and where it is from: `-var`, or the name of a file. */
export interface GivenValue {
  readonly text: string;
  readonly from: string;
}

/** All values that were given. */
export interface GivenValues {
  readonly values: ReadonlyMap<string, GivenValue>;
  readonly diagnostics: readonly Diagnostic[];
  /** The variable files, absolute. */
  readonly files: readonly string[];
}

/** Reads the values; a later file wins over an earlier one, and `-var` over all files. No message shows a value. */
export async function readGivenValues(workingDirectory: string, options: LoadOptions): Promise<GivenValues> {
  const values = new Map<string, GivenValue>();
  const diagnostics: Diagnostic[] = [];
  const files: string[] = [];
  for (const path of options.variableFiles ?? []) {
    const file = await readFile(path, workingDirectory, options);
    diagnostics.push(...file.diagnostics);
    files.push(...file.files);
    for (const [name, text] of file.values) values.set(name, { text, from: file.shown });
  }
  for (const [name, value] of Object.entries(options.variables ?? {})) {
    if (typeof value === "string") values.set(name, { text: value, from: "-var" });
    else diagnostics.push(notText(name, "the options of the load"));
  }
  return { values, diagnostics, files };
}

// --- internal ---

interface VariableTexts {
  readonly shown: string;
  readonly values: readonly (readonly [string, string])[];
  readonly diagnostics: readonly Diagnostic[];
  readonly files: readonly string[];
}

async function readFile(path: string, workingDirectory: string, options: LoadOptions): Promise<VariableTexts> {
  const file = resolve(workingDirectory, path);
  if (/^\.[cm]?[jt]s$/.test(extname(file))) return readProgramFile(path, workingDirectory, options);
  const read = readSourceFile(file, workingDirectory);
  const failed = (diagnostics: readonly Diagnostic[]): VariableTexts => ({ shown: path, values: [], diagnostics, files: [file] });
  if (read.diagnostics.length > 0) {
    return failed(read.diagnostics.map((problem) => ({ ...problem, code: "TPK1104", summary: "Invalid variable file" })));
  }
  const { source } = read;
  if (extname(file) === ".hcl") {
    const detail = `${source.file} is HCL, and a JSON template takes its values from JSON.`;
    return failed([{ severity: "error", code: "TPK1104", summary: "Invalid variable file", detail }]);
  }
  // Packer reads these files with the last value of a name.
  const parsed = parseJsonTree(source, { duplicates: "last" });
  const problems = new Problems();
  const root = parsed.root === undefined ? undefined : problems.object(parsed.root, "What a variable file holds");
  const values = (root?.properties ?? []).flatMap(({ name, value }): (readonly [string, string])[] => {
    if (value.kind === "string") return [[name, value.value]];
    problems.unfit(value, `The value of ${JSON.stringify(name)}`, "text", "Write it in quotes.");
    return [];
  });
  return { shown: source.file, values, diagnostics: [...parsed.diagnostics, ...problems.diagnostics], files: [file] };
}

/** A TypeScript file with values, as for `image.ts`. */
async function readProgramFile(path: string, workingDirectory: string, options: LoadOptions): Promise<VariableTexts> {
  const { shown, values, diagnostics, files } = await readVariableFile(path, workingDirectory, options);
  const unfit = Object.keys(values).filter((name) => typeof values[name] !== "string");
  return {
    shown,
    files,
    values: Object.entries(values).flatMap(([name, value]): (readonly [string, string])[] =>
      typeof value === "string" ? [[name, value]] : [],
    ),
    diagnostics: [...diagnostics, ...unfit.map((name) => notText(name, shown))],
  };
}

function notText(name: string, from: string): Diagnostic {
  return {
    severity: "error",
    code: "TPK1103",
    summary: "Invalid value for variable",
    detail: `The value of ${JSON.stringify(name)} in ${from} is not text; the variables of a JSON template hold text alone.`,
    hint: "Write it in quotes.",
  };
}
