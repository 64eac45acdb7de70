import { visitGraphemes } from "@tspack/core";

/**
 * The characters of a text as its readers count them (grapheme clusters, UAX #29): a family emoji or a letter with its accent is one
 * (row FUD-12).
 */
export function graphemesOf(text: string): string[] {
  // Of ASCII only CR LF is one cluster of two.
  if (/^[\x00-\x0c\x0e-\x7f]*$/.test(text)) return text.split("");
  const found: string[] = [];
  visitGraphemes(text, (cluster) => {
    found.push(cluster);
    return true;
  });
  return found;
}
