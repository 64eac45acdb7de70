let segmenter: Intl.Segmenter | undefined;

/** Latin, Cyrillic and Chinese characters, none of which joins its neighbours, and no CR, which joins LF. */
const simple = /^[\0-\x0c\x0e-\u02ff\u0400-\u0482\u048a-\u052f\u4e00-\u9fff]*$/;

/** Number of grapheme clusters. The segmenter, which is slow, is asked only where it is not simply the length. */
export function graphemes(text: string): number {
  if (simple.test(text)) return text.length;
  segmenter ??= new Intl.Segmenter(undefined, { granularity: "grapheme" });
  let count = 0;
  for (const _cluster of segmenter.segment(text)) count++;
  return count;
}
