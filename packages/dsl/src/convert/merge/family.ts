// Which templates are enough alike to be merged.

/** Share of lines that a template must have in common with the one that the others are most like. */
const ENOUGH = 0.5;

/** A template that is too different from the others. */
export interface Outsider {
  readonly index: number;
  /** From 0 to 1. */
  readonly likeness: number;
}

/** A family: the program that the others are most like comes first. */
export interface Family {
  readonly members: readonly number[];
  readonly outsiders: readonly Outsider[];
}

/** Sorts programs by what their lines say, values aside. */
export function findFamily(programs: readonly string[]): Family {
  const bags = programs.map(bagOf);
  let best: { readonly base: number; readonly likenesses: readonly number[] } | undefined;
  for (const base of bags.keys()) {
    const likenesses = bags.map((bag, index) => (index === base ? 1 : likeness(bags[base] ?? bag, bag)));
    if (best === undefined || rank(likenesses) > rank(best.likenesses)) best = { base, likenesses };
  }
  if (best === undefined) return { members: [], outsiders: [] };
  const { base, likenesses } = best;
  const inside = [...likenesses.entries()].filter(([, value]) => value >= ENOUGH).map(([index]) => index);
  return {
    members: [base, ...inside.filter((index) => index !== base)],
    outsiders: [...likenesses.entries()].filter(([, value]) => value < ENOUGH).map(([index, value]) => ({ index, likeness: value })),
  };
}

// --- internal ---

interface Bag {
  readonly counts: ReadonlyMap<string, number>;
  readonly total: number;
}

function bagOf(program: string): Bag {
  const counts = new Map<string, number>();
  let total = 0;
  for (const line of program.split("\n")) {
    const words = line
      .replaceAll(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`/g, '""')
      .replaceAll(/\b\d[\d.]*\b/g, "0")
      .trim();
    if (words === "" || words.startsWith("//") || words.startsWith("import ") || /^[[\](){},;]+$/.test(words)) continue;
    counts.set(words, (counts.get(words) ?? 0) + 1);
    total++;
  }
  return { counts, total };
}

/** Dice's coefficient of lines. */
function likeness(a: Bag, b: Bag): number {
  let shared = 0;
  for (const [line, count] of a.counts) shared += Math.min(count, b.counts.get(line) ?? 0);
  return a.total + b.total === 0 ? 1 : (2 * shared) / (a.total + b.total);
}

/** First the number of those that are alike, then how much. */
function rank(likenesses: readonly number[]): number {
  return likenesses.filter((value) => value >= ENOUGH).length * 1000 + likenesses.reduce((sum, value) => sum + value, 0);
}
