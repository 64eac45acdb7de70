/**
 * A regular expression source that matches any of the given texts, the longest one at each place. Built as a tree of common
 * beginnings, so that each character of the searched text is compared with a few alternatives, however many texts there are.
 */
export function literalsPattern(texts: Iterable<string>): string {
  const sorted = [...new Set(texts)].filter((text) => text !== "").sort();
  return sorted.length === 0 ? "(?!)" : branch(sorted, 0, 0, sorted.length);
}

/** The alternatives among `sorted[from, to)` after their first `offset` characters, which they share. */
function branch(sorted: readonly string[], offset: number, from: number, to: number): string {
  const alternatives: string[] = [];
  // Sorted order puts the text that ends here first.
  const endsHere = (sorted[from]?.length ?? 0) === offset;
  let start = endsHere ? from + 1 : from;
  while (start < to) {
    const first = sorted[start] ?? "";
    let end = start + 1;
    while (end < to && sorted[end]?.[offset] === first[offset]) end++;
    // Sorted, the first and the last of a group have the least in common.
    const shared = sharedLength(first, sorted[end - 1] ?? "", offset);
    alternatives.push(escapeLiteral(first.slice(offset, shared)) + (end - start === 1 ? "" : branch(sorted, shared, start, end)));
    start = end;
  }
  if (alternatives.length === 0) return "";
  const [only] = alternatives;
  const choice = alternatives.length === 1 && !endsHere ? (only ?? "") : `(?:${alternatives.join("|")})`;
  return endsHere ? `${choice}?` : choice;
}

function sharedLength(a: string, b: string, from: number): number {
  let length = from;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}

function escapeLiteral(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&").replace(/[\n\r\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
