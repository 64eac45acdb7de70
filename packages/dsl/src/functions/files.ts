// Functions that read files (row FUN-06). Where relative paths start: rows FUD-09 and FUD-10.
import { existsSync, statSync } from "node:fs";
import { posix } from "node:path";
import { boolType, stringType } from "../hcl/eval/type.ts";
import { boolValue, stringValue } from "../hcl/eval/value.ts";
import { readRegularFile } from "../load/read-regular-file.ts";
import { textOf } from "./argument.ts";
import { type FunctionEnvironment, FunctionError, type HclFunction, MissingFileError } from "./function.ts";
import { locate, pathParameter } from "./path.ts";

/** `file`: the text of a file; relative paths start in the folder of the template. */
export const file: HclFunction = {
  name: "file",
  parameters: [pathParameter],
  impure: true,
  returns: () => stringType,
  call: ([path], environment) => stringValue(readText(textOf(path), environment).text),
  doc: {
    summary: "The text of a file, which must be UTF-8. Relative paths start in the template's folder.",
    signature: "file(path)",
    examples: [{ code: 'file("hello.txt")', result: '"Hello, world"' }],
  },
};

/** `filebase64`: the bytes of a file; relative paths start in the working directory. */
export const filebase64: HclFunction = {
  name: "filebase64",
  parameters: [pathParameter],
  impure: true,
  returns: () => stringType,
  call: ([path], environment) => {
    const shown = textOf(path);
    return stringValue(readBytes(shown, locate(shown, environment.workingDirectory, environment), environment).toString("base64"));
  },
  doc: {
    summary: "The bytes of a file in base64. Relative paths start in the working directory.",
    signature: "filebase64(path)",
    examples: [{ code: 'filebase64("hello.txt")', result: '"SGVsbG8sIHdvcmxk"' }],
  },
};

/** `fileexists`: true for a file, an error for a folder or device. */
export const fileexists: HclFunction = {
  name: "fileexists",
  parameters: [pathParameter],
  impure: true,
  returns: () => boolType,
  call: ([path], environment) => {
    const shown = textOf(path);
    const absolute = locate(shown, environment.templateDirectory, environment);
    environment.readFile?.(absolute);
    try {
      if (statSync(absolute).isFile()) return boolValue(true);
    } catch (error) {
      if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return boolValue(false);
      throw unreadable(shown, error);
    }
    throw new FunctionError(`${shown} is not a regular file`, 0);
  },
  doc: {
    summary: "Whether there is a file; anything else under that name is an error. Relative paths start in the template's folder.",
    signature: "fileexists(path)",
    examples: [{ code: 'fileexists("hello.txt")', result: "true" }],
  },
};

/** The text of a file as `file` reads it, and where it was found. Throws `FunctionError`. */
export function readText(shown: string, environment: FunctionEnvironment): { readonly text: string; readonly path: string } {
  const path = locate(shown, environment.templateDirectory, environment);
  const bytes = readBytes(shown, path, environment);
  try {
    // A byte order mark is part of the text, as it is in Go.
    return { text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes), path };
  } catch {
    // The only failure of a fatal decoder.
    throw new FunctionError(`the contents of ${shown} are not valid UTF-8; filebase64 gives the bytes of any file in base64`, 0);
  }
}

// --- internal ---

/** Texts are bounded by what a value may hold; this is for bytes that a hash is made of. */
const LARGEST_FILE = 256 * 1024 * 1024;

/** Messages name files as the template does. */
function readBytes(shown: string, path: string, environment: FunctionEnvironment): Buffer {
  // Told first: a file that is missing is worth watching for, too.
  environment.readFile?.(path);
  try {
    if (statSync(path).isDirectory()) throw new FunctionError(`${shown} is a folder, not a file`, 0);
    return readRegularFile(path, LARGEST_FILE);
  } catch (error) {
    if (error instanceof FunctionError) throw error;
    throw codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR" ? missing(shown, path, environment) : unreadable(shown, error);
  }
}

/** Options start paths in the working directory, and so does `path.root`; functions start them in the template's folder. */
function missing(shown: string, path: string, environment: FunctionEnvironment): FunctionError {
  const meant = locate(shown, environment.workingDirectory, environment);
  const way = posix.relative(environment.templateDirectory, meant);
  const advice = meant !== path && existsSync(meant) ? `. It starts in the template's folder: write ${JSON.stringify(way)}` : "";
  return new MissingFileError(`no file exists at ${shown === path ? path : `${shown} (${path})`}${advice}`, 0);
}

function unreadable(shown: string, error: unknown): FunctionError {
  return new FunctionError(`cannot read ${shown}: ${error instanceof Error ? error.message : String(error)}`, 0);
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
