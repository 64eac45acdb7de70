/**
 * Text of a machine's, as messages show it: in one line, without the characters that give commands to terminals, and cut at 4,000
 * characters. Whoever answers at an address may send anything.
 */
export function printable(text: string): string {
  return text
    .replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, " ")
    .trim()
    .slice(0, LONGEST);
}

// --- internal ---

const LONGEST = 4_000;
