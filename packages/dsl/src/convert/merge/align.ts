// Lines up several lists: which elements stand for the same thing.

/** What stands at one place of the merged list: the element of each list, by the list's position; none where it lacks it. */
export type Column<T> = ReadonlyMap<number, T>;

/** A list to line up. */
export interface Row<T> {
  readonly index: number;
  readonly items: readonly T[];
}

/**
 * Lines up lists, one after another with what the ones before gave. `likeness` says from 0 to 1 how alike two elements are; 0 keeps them
 * apart. The order of each list is kept.
 */
export function alignRows<T>(rows: readonly Row<T>[], likeness: (a: T, b: T) => number): readonly Column<T>[] {
  let columns: Map<number, T>[] = [];
  for (const { index, items } of rows) {
    // One element speaks for its column: the first, which the others were found to be like.
    const heads = columns.flatMap((column) => [...column.values()].slice(0, 1));
    const pairs = partners(heads, items, likeness);
    const merged: Map<number, T>[] = [];
    let at = 0;
    for (const [itemIndex, item] of items.entries()) {
      const partner = pairs[itemIndex];
      if (partner === undefined) {
        merged.push(new Map([[index, item]]));
        continue;
      }
      merged.push(...columns.slice(at, partner));
      merged.push(new Map([...(columns[partner] ?? []), [index, item]]));
      at = partner + 1;
    }
    merged.push(...columns.slice(at));
    columns = merged;
  }
  return columns;
}

// --- internal ---

/** Longer rests are lined up by their positions: comparing each with each would take too long. */
const MOST_COMPARED = 1000;

/** For each item the position of its partner. What is alike at both ends is paired without a search. */
function partners<A, B>(left: readonly A[], right: readonly B[], likeness: (a: A, b: B) => number): readonly (number | undefined)[] {
  const isPair = (i: number, j: number): boolean => {
    const [a, b] = [left[i], right[j]];
    return a !== undefined && b !== undefined && likeness(a, b) === 1;
  };
  let start = 0;
  while (isPair(start, start)) start++;
  let end = 0;
  while (end < Math.min(left.length, right.length) - start && isPair(left.length - 1 - end, right.length - 1 - end)) end++;
  const [ours, theirs] = [left.slice(start, left.length - end), right.slice(start, right.length - end)];
  const inside =
    ours.length * theirs.length > MOST_COMPARED ** 2
      ? theirs.map((_, at) => (at < ours.length ? at : undefined))
      : matching(ours, theirs, likeness);
  return right.map((_, at) => {
    if (at < start) return at;
    if (at >= right.length - end) return left.length - (right.length - at);
    const partner = inside[at - start];
    return partner === undefined ? undefined : partner + start;
  });
}

/** For each item the position of its partner, so that the sum of likenesses is largest and the order is kept. */
function matching<A, B>(left: readonly A[], right: readonly B[], likeness: (a: A, b: B) => number): readonly (number | undefined)[] {
  const width = right.length + 1;
  const scores = right.length === 0 ? [] : left.map((a) => right.map((b) => likeness(a, b)));
  const best = new Float64Array((left.length + 1) * width);
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      const score = scores[i]?.[j] ?? 0;
      const paired = score > 0 ? score + (best[(i + 1) * width + j + 1] ?? 0) : 0;
      best[i * width + j] = Math.max(paired, best[(i + 1) * width + j] ?? 0, best[i * width + j + 1] ?? 0);
    }
  }
  const partners: (number | undefined)[] = right.map(() => undefined);
  for (let i = 0, j = 0; i < left.length && j < right.length; ) {
    const score = scores[i]?.[j] ?? 0;
    const now = best[i * width + j] ?? 0;
    if (score > 0 && now === score + (best[(i + 1) * width + j + 1] ?? 0)) partners[j++] = i++;
    else if (now === best[i * width + j + 1]) j++;
    else i++;
  }
  return partners;
}
