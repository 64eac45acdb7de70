import { visitGraphemes } from "@tspack/core";

/** Latin, Cyrillic and Chinese characters, none of which joins its neighbours, and no CR, which joins LF. */
const simple = /^[\0-\x0c\x0e-\u02ff\u0400-\u0482\u048a-\u052f\u4e00-\u9fff]*$/;

/** Number of grapheme clusters. The segmenter, which is slow, is asked only where it is not simply the length. */
export function graphemes(text: string): number {
  if (simple.test(text)) return text.length;
  let count = 0;
  visitGraphemes(text, () => {
    count++;
    return true;
  });
  return count;
}
