// One LZ4 block (LZ4 block format description): a greedy search with a hash table of the last place each four bytes were
// seen, looking further apart the longer nothing is found.

const HASH_BITS = 14;
const MIN_MATCH = 4;
/** The format's end conditions: the last match starts at least 12 bytes before the end, the last 5 bytes are literals. */
const LAST_MATCH_DISTANCE = 12;
const LAST_LITERALS = 5;
const MAX_OFFSET = 65535;
/** Doubles the step after 64 fruitless tries. */
const SKIP_BITS = 6;

/** Finds matches in blocks; keep one per stream, it owns the hash table. */
export class Lz4BlockEncoder {
  readonly #table = new Int32Array(1 << HASH_BITS);

  /** Compresses `input` on its own. Undefined when that would not make it smaller: store it then. */
  encode(input: Buffer): Buffer | undefined {
    const table = this.#table;
    table.fill(0);
    const output = Buffer.allocUnsafe(input.length);
    const lastMatch = input.length - LAST_MATCH_DISTANCE;
    const matchEnd = input.length - LAST_LITERALS;
    let written = 0;
    let anchor = 0;
    let at = 0;
    let misses = 1 << SKIP_BITS;
    while (at <= lastMatch) {
      const sequence = word(input, at);
      const slot = Math.imul(sequence, 0x9e3779b1) >>> (32 - HASH_BITS);
      // Positions are stored plus one, so that 0 means empty.
      const candidate = (table[slot] as number) - 1;
      table[slot] = at + 1;
      if (candidate < 0 || at - candidate > MAX_OFFSET || word(input, candidate) !== sequence) {
        at += misses++ >> SKIP_BITS;
        continue;
      }
      let start = at;
      let from = candidate;
      while (start > anchor && from > 0 && input[start - 1] === input[from - 1]) {
        start--;
        from--;
      }
      let end = at + MIN_MATCH;
      let same = candidate + MIN_MATCH;
      while (end < matchEnd && input[end] === input[same]) {
        end++;
        same++;
      }
      const literals = start - anchor;
      const match = end - start - MIN_MATCH;
      // The longest this sequence can get; a block that does not shrink is stored.
      if (written + literals + 3 + Math.ceil((literals + match + 2) / 255) + 1 > output.length) return undefined;
      written = putLengths(output, written, literals, match);
      written += input.copy(output, written, anchor, start);
      written = putOffsetAndRest(output, written, start - from, match);
      at = end;
      anchor = end;
      misses = 1 << SKIP_BITS;
    }
    const literals = input.length - anchor;
    if (written + literals + Math.ceil((literals + 1) / 255) + 1 > output.length) return undefined;
    written = putLengths(output, written, literals, 0);
    written += input.copy(output, written, anchor);
    return output.subarray(0, written);
  }
}

/** The token and what of the literal length does not fit into it. */
function putLengths(output: Buffer, at: number, literals: number, match: number): number {
  output[at] = (Math.min(literals, 15) << 4) | Math.min(match, 15);
  return putRest(output, at + 1, literals);
}

function putOffsetAndRest(output: Buffer, at: number, offset: number, match: number): number {
  output[at] = offset & 0xff;
  output[at + 1] = offset >> 8;
  return putRest(output, at + 2, match);
}

function putRest(output: Buffer, start: number, length: number): number {
  if (length < 15) return start;
  let at = start;
  let rest = length - 15;
  for (; rest >= 255; rest -= 255) output[at++] = 255;
  output[at++] = rest;
  return at;
}

function word(bytes: Buffer, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24);
}
