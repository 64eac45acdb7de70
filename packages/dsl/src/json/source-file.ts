import { type Diagnostic, fileTrouble } from "@tspack/core";
import { decodeSource } from "../hcl/syntax/decode-source.ts";
import { SourceText } from "../hcl/syntax/source-text.ts";
import { displayPath } from "../load/display-path.ts";
import { readRegularFile } from "../load/read-regular-file.ts";

/** The text of a file; empty, with diagnostics, when it cannot be had. */
export interface SourceFile {
  readonly source: SourceText;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads a file (absolute) as UTF-8, with or without a byte order mark. */
export function readSourceFile(file: string, workingDirectory: string): SourceFile {
  const shown = displayPath(file, workingDirectory);
  let bytes: Buffer;
  try {
    bytes = readRegularFile(file);
  } catch (error) {
    const detail = `${shown} could not be read: ${fileTrouble(error)}.`;
    const diagnostic: Diagnostic = { severity: "error", code: "TPK2002", summary: "Cannot read the file", detail };
    return { source: new SourceText(shown, ""), diagnostics: [diagnostic] };
  }
  return decodeSource(shown, bytes);
}
