import type { SourcePosition, SourceRange } from "@tspack/core";
import { graphemes } from "./graphemes.ts";

/**
 * The text of one source file and the way from offsets to positions. The syntax tree keeps offsets (UTF-16 units into `text`) alone;
 * lines, columns and bytes are worked out when a message needs them, so that parsing pays nothing for them.
 */
export class SourceText {
  /** Path as the user would write it. */
  readonly file: string;
  /** The whole text, without a byte order mark. */
  readonly text: string;
  /** Bytes in front of `text`: 3 where the file began with a byte order mark. */
  readonly #leadingBytes: number;
  #lines: readonly LineStart[] | undefined;
  /** The last position far into a line: those behind it are counted from there, so that many in one endless line stay cheap. */
  #lastFar: (LineStart & { readonly line: number; readonly columns: number }) | undefined;

  constructor(file: string, text: string) {
    this.file = file;
    const hasMark = text.charCodeAt(0) === 0xfeff;
    this.text = hasMark ? text.slice(1) : text;
    this.#leadingBytes = hasMark ? 3 : 0;
  }

  /** The range between two offsets, `end` exclusive. Columns count grapheme clusters, bytes are UTF-8. */
  range(start: number, end: number): SourceRange {
    return { file: this.file, start: this.position(start), end: this.position(end) };
  }

  /** Line and column (from 1, in grapheme clusters) and byte of an offset. A position behind a line end is column 1 of the next line. */
  position(offset: number): SourcePosition {
    const lines = this.#lineStarts();
    let low = 0;
    let high = lines.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((lines[middle]?.offset ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    const line = lines[low] ?? { offset: 0, byte: 0 };
    const known = this.#lastFar;
    const from = known !== undefined && known.line === low && known.offset <= offset ? known : { ...line, line: low, columns: 0 };
    const between = this.text.slice(from.offset, offset);
    const columns = from.columns + graphemes(between);
    const byte = from.byte + Buffer.byteLength(between);
    if (offset - line.offset > FAR) this.#lastFar = { line: low, offset, byte, columns };
    return { line: low + 1, column: columns + 1, byte: this.#leadingBytes + byte };
  }

  #lineStarts(): readonly LineStart[] {
    if (this.#lines !== undefined) return this.#lines;
    const lines: LineStart[] = [{ offset: 0, byte: 0 }];
    let byte = 0;
    let start = 0;
    for (let end = this.text.indexOf("\n"); end >= 0; end = this.text.indexOf("\n", start)) {
      byte += Buffer.byteLength(this.text.slice(start, end + 1));
      start = end + 1;
      lines.push({ offset: start, byte });
    }
    this.#lines = lines;
    return lines;
  }
}

// --- internal ---

/** From this offset in a line on, positions are remembered. */
const FAR = 4096;

interface LineStart {
  readonly offset: number;
  readonly byte: number;
}
