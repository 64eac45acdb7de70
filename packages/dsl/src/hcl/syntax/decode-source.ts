import type { Diagnostic } from "@tspack/core";
import { SourceText } from "./source-text.ts";

/** The text of a file from its bytes: UTF-8 and nothing else. What is no text is refused with one diagnostic; then `source` is empty. */
export function decodeSource(
  file: string,
  bytes: Uint8Array,
): { readonly source: SourceText; readonly diagnostics: readonly Diagnostic[] } {
  const trouble = encodingTrouble(bytes);
  // The byte order mark is kept: SourceText counts it.
  if (trouble === undefined)
    return { source: new SourceText(file, new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes)), diagnostics: [] };
  const place = { line: lineOf(bytes, trouble.at), column: 1, byte: trouble.at };
  return {
    source: new SourceText(file, ""),
    diagnostics: [{ severity: "error", code: "TPK2002", ...trouble.words, subject: { file, start: place, end: place } }],
  };
}

// --- internal ---

interface Trouble {
  readonly at: number;
  readonly words: Pick<Diagnostic, "summary" | "detail" | "hint">;
}

function encodingTrouble(bytes: Uint8Array): Trouble | undefined {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return {
      at: 0,
      words: { summary: "Wrong encoding", detail: "The file is text in UTF-16. Templates are UTF-8.", hint: "Save it as UTF-8." },
    };
  }
  const nul = bytes.indexOf(0);
  if (nul >= 0) {
    return {
      at: nul,
      words: {
        summary: "Not a text file",
        detail: `The file holds a NUL character (byte ${nul + 1}), so that it is no template, but binary data or text in another encoding.`,
        hint: "Templates are text in UTF-8.",
      },
    };
  }
  const at = firstInvalid(bytes);
  if (at === undefined) return undefined;
  return {
    at,
    words: {
      summary: "Invalid UTF-8",
      detail: `Byte ${at + 1} of the file, on line ${lineOf(bytes, at)}, is no part of UTF-8 text.`,
      hint: "Save the file as UTF-8; it may be in Latin-1 or Windows-1252.",
    },
  };
}

/** Offset of the first byte that is no UTF-8: what stands in front of it decodes, and with it no longer does. */
function firstInvalid(bytes: Uint8Array): number | undefined {
  const decodes = (end: number, stream: boolean): boolean => {
    try {
      new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, end), { stream });
      return true;
    } catch {
      return false; // The decoder says no more than that.
    }
  };
  if (decodes(bytes.length, false)) return undefined;
  let good = 0;
  let bad = bytes.length + 1;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (middle <= bytes.length && decodes(middle, true)) good = middle;
    else bad = middle;
  }
  return sequenceStart(bytes, Math.min(good, bytes.length));
}

/** Where the sequence begins that is not complete at `end`; `end` itself when the byte there is the wrong one. */
function sequenceStart(bytes: Uint8Array, end: number): number {
  for (let back = 1; back <= 3; back++) {
    const byte = bytes[end - back] ?? 0;
    if (byte < 0x80) break;
    if (byte >= 0xc0) return (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) > back ? end - back : end;
  }
  return end;
}

function lineOf(bytes: Uint8Array, at: number): number {
  let line = 1;
  for (let index = bytes.indexOf(10); index >= 0 && index < at; index = bytes.indexOf(10, index + 1)) line++;
  return line;
}
