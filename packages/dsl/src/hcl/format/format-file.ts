import { type Diagnostic, hasErrors } from "@tspack/core";
import { decodeSource } from "../syntax/decode-source.ts";
import { parseConfig } from "../syntax/parse.ts";
import { formatHcl } from "./format.ts";

/** What formatting a file came to. With errors in the diagnostics, `formatted` is the text as it was. */
export interface FormattedFile {
  readonly original: string;
  readonly formatted: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** Formats the bytes of a file; `file` is its name in messages. What does not parse is left alone (row DET-14). */
export function formatHclFile(file: string, bytes: Uint8Array): FormattedFile {
  const { source, diagnostics: encoding } = decodeSource(file, bytes);
  if (hasErrors(encoding)) return { original: "", formatted: "", diagnostics: encoding };
  const original = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  const { diagnostics } = parseConfig(source);
  return { original, formatted: hasErrors(diagnostics) ? original : formatHcl(original), diagnostics };
}
