import { readFileSync, statSync } from "node:fs";
import type { Diagnostic } from "@tspack/core";
import { decodeSource } from "../hcl/syntax/decode-source.ts";
import { SourceText } from "../hcl/syntax/source-text.ts";
import { displayPath } from "../load/display-path.ts";

/** The text of a file; empty, with diagnostics, when it cannot be had. */
export interface SourceFile {
  readonly source: SourceText;
  readonly diagnostics: readonly Diagnostic[];
}

/** No template or variable file is larger: more is a mistake, such as a disk image. */
const LARGEST_FILE = 64 * 1024 * 1024;

/** Reads a file (absolute) as UTF-8, with or without a byte order mark. */
export function readSourceFile(file: string, workingDirectory: string): SourceFile {
  const shown = displayPath(file, workingDirectory);
  let bytes: Buffer;
  try {
    const stats = statSync(file);
    // A pipe or device would be read for ever.
    if (!stats.isFile()) return unreadable(shown, `${shown} is ${stats.isDirectory() ? "a folder" : "not a file"}.`);
    if (stats.size > LARGEST_FILE)
      return unreadable(shown, `${shown} is larger than ${LARGEST_FILE / 1024 / 1024} MiB.`, "Is it a template at all?");
    bytes = readFileSync(file);
  } catch (error) {
    return unreadable(shown, `${shown} could not be read: ${reason(error)}.`);
  }
  const { source, diagnostics } = decodeSource(shown, bytes);
  return { source, diagnostics };
}

// --- internal ---

function unreadable(shown: string, detail: string, hint?: string): SourceFile {
  const diagnostic: Diagnostic = { severity: "error", code: "TPK2002", summary: "Cannot read the file", detail, hint };
  return { source: new SourceText(shown, ""), diagnostics: [diagnostic] };
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  switch ("code" in error ? error.code : undefined) {
    case "ENOENT":
    case "ENOTDIR":
      return "it does not exist";
    case "EACCES":
      return "permission denied";
    case "ELOOP":
      return "its symbolic links go in a circle";
    default:
      return error.message;
  }
}
