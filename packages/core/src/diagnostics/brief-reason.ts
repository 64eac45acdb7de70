/**
 * The reason of a failure where it is given once more: the first sentence of what `told`, the texts of diagnostics, has in full already,
 * else all of it. A sentence that only announces the lines behind it is left out.
 *
 * @internal
 */
export function briefReason(reason: string, told: readonly string[]): string {
  // A diagnostic begins with a capital letter, and may end with a period.
  const words = reason.trimEnd().slice(1);
  if (words === "" || !told.some((text) => text.includes(words))) return reason;
  const [first = "", ...rest] = reason.trimEnd().split("\n");
  const end = first.search(SENTENCE_END);
  if (end !== -1) return first.slice(0, end);
  return rest.length > 0 && first.endsWith(":") ? first.slice(0, -1) : first;
}

// --- internal ---

/** What follows is advice, or what was seen besides. */
const SENTENCE_END = /[.?!] (?=[A-Z])/;
