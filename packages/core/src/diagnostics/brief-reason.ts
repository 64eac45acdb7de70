/**
 * The reason of a failure where it is given once more: one line of what `told`, the texts of diagnostics, has in full already, else all of
 * it. A sentence that only announces the lines behind it is left out.
 *
 * @internal
 */
export function briefReason(reason: string, told: readonly string[]): string {
  // A diagnostic begins with a capital letter, and may end with a period.
  const words = reason.trimEnd().slice(1);
  const [first = "", ...rest] = reason.split("\n");
  if (rest.length === 0 || !told.some((text) => text.includes(words))) return reason;
  if (!first.endsWith(":")) return first;
  const last = first.lastIndexOf(". ");
  return last === -1 ? first.slice(0, -1) : first.slice(0, last);
}
