/**
 * The characters of a text as its readers count them (grapheme clusters, UAX #29): a family emoji or a letter with its accent is one
 * (row FUD-12).
 */
export function graphemesOf(text: string): string[] {
  // Of ASCII only CR LF is one cluster of two.
  if (/^[\x00-\x0c\x0e-\x7f]*$/.test(text)) return text.split("");
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  const found: string[] = [];
  let start = 0;
  let size = WINDOW;
  while (start < text.length) {
    // Not within a pair of surrogates: half a flag would end the cluster before it.
    const end = start + size - (/[\ud800-\udbff]/.test(text.charAt(start + size - 1)) ? 1 : 0);
    const isLast = end >= text.length;
    const segments = Array.from(segmenter.segment(text.slice(start, end)), ({ segment }) => segment);
    // The last one may go on behind the window. Every other is whole, and the search goes on at a true boundary.
    const whole = isLast ? segments : segments.slice(0, -1);
    for (const segment of whole) {
      found.push(segment);
      start += segment.length;
    }
    size = whole.length === 0 ? size * 2 : WINDOW;
  }
  return found;
}

// --- internal ---

/** The segmenter copies its whole text for every segment, so it gets a long text piece by piece. */
const WINDOW = 128;

let segmenter: Intl.Segmenter | undefined;
