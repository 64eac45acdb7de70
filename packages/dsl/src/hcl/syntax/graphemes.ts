let segmenter: Intl.Segmenter | undefined;

/** Number of grapheme clusters, without the segmenter for plain ASCII, where it is the length (but for CR LF). */
export function graphemes(text: string): number {
  if (/^[\0-\x0c\x0e-\x7f]*$/.test(text)) return text.length;
  segmenter ??= new Intl.Segmenter(undefined, { granularity: "grapheme" });
  let count = 0;
  for (const _cluster of segmenter.segment(text)) count++;
  return count;
}
