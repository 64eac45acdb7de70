import { readFileSync, statSync } from "node:fs";
import type { Diagnostic } from "@tspack/core";
import { SourceText } from "../hcl/syntax/source-text.ts";
import { displayPath } from "../load/display-path.ts";

/** The text of a file, or what kept it from being read. */
export type SourceFile = { readonly source: SourceText } | { readonly diagnostic: Diagnostic };

/** No template or variable file is larger: more is a mistake, such as a disk image. */
const LARGEST_FILE = 64 * 1024 * 1024;

/** Reads a file (absolute) as UTF-8, with or without a byte order mark. */
export function readSourceFile(file: string, workingDirectory: string): SourceFile {
  const shown = displayPath(file, workingDirectory);
  let bytes: Buffer;
  try {
    const stats = statSync(file);
    // A pipe or device would be read for ever.
    if (!stats.isFile()) return unreadable(`${shown} is ${stats.isDirectory() ? "a folder" : "not a file"}.`);
    if (stats.size > LARGEST_FILE)
      return unreadable(`${shown} is larger than ${LARGEST_FILE / 1024 / 1024} MiB.`, "Is it a template at all?");
    bytes = readFileSync(file);
  } catch (error) {
    return unreadable(`${shown} could not be read: ${reason(error)}.`);
  }
  try {
    // The mark stays in the text: SourceText counts its bytes.
    return { source: new SourceText(shown, new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)) };
  } catch {
    const { line, column, byte } = firstInvalid(bytes);
    return unreadable(
      `${shown} is not text in UTF-8: the bytes at line ${line}, column ${column}, offset ${byte} are no character.`,
      "Save it as UTF-8.",
    );
  }
}

// --- internal ---

function unreadable(detail: string, hint?: string): SourceFile {
  return { diagnostic: { severity: "error", code: "TPK2002", summary: "Cannot read the file", detail, hint } };
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

/** Where the first bytes stand that are no UTF-8. Decodes twice the bytes at most: halves until the place is found. */
function firstInvalid(bytes: Buffer): { readonly line: number; readonly column: number; readonly byte: number } {
  let valid = 0;
  let invalid = bytes.length;
  while (invalid - valid > 1) {
    const middle = (valid + invalid) >> 1;
    if (isValidStart(bytes.subarray(valid, middle))) valid = middle - incompleteTail(bytes.subarray(valid, middle));
    else invalid = middle;
    if (invalid - valid <= 4) break;
  }
  const before = bytes.subarray(0, valid).toString("utf8").split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1, byte: valid };
}

/** True if the bytes are UTF-8, but perhaps for a last character that is cut. */
function isValidStart(bytes: Buffer): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

function incompleteTail(bytes: Buffer): number {
  for (let length = 1; length <= Math.min(3, bytes.length); length++) {
    const byte = bytes[bytes.length - length] ?? 0;
    if (byte >= 0xc0) return (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) > length ? length : 0;
    if (byte < 0x80) return 0;
  }
  return 0;
}
