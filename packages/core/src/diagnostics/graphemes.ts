/**
 * Hands the characters of a text as readers count them (grapheme clusters, UAX #29) to `visit`, one after another, until it answers
 * false. Linear in the text.
 * @internal
 */
export function visitGraphemes(text: string, visit: (cluster: string) => boolean): void {
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  let start = 0;
  let size = WINDOW;
  while (start < text.length) {
    // Not within a pair of surrogates: half a flag would end the cluster before it.
    const end = start + size - (/[\ud800-\udbff]/.test(text.charAt(start + size - 1)) ? 1 : 0);
    const isLast = end >= text.length;
    const clusters = Array.from(segmenter.segment(text.slice(start, end)), ({ segment }) => segment);
    // The last one may go on behind the window. Every other is whole, and the search goes on at a true boundary.
    if (!isLast) clusters.pop();
    for (const cluster of clusters) {
      if (!visit(cluster)) return;
      start += cluster.length;
    }
    size = clusters.length === 0 ? size * 2 : WINDOW;
  }
}

// --- internal ---

/** The segmenter copies its whole text for every segment, so it gets a long text piece by piece. */
const WINDOW = 128;

let segmenter: Intl.Segmenter | undefined;
