/** Random numbers below `limit`, the same in every run. */
export function seededRandom(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    // A linear congruence with the multiplier of Numerical Recipes; the high bits are the good ones.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

/** Damaged copies of bytes: bits flipped, pieces cut out, repeated or overwritten, the end missing. */
export function* mutations(bytes: Buffer, { count, seed }: { readonly count: number; readonly seed: number }): Generator<Buffer> {
  const random = seededRandom(seed);
  for (let made = 0; made < count; made++) {
    let copy: Buffer = Buffer.from(bytes);
    for (let edits = 1 + random(3); edits > 0 && copy.length > 0; edits--) {
      const at = random(copy.length);
      const length = 1 + random(8);
      switch (random(5)) {
        case 0:
          copy[at] = (copy[at] ?? 0) ^ (1 << random(8));
          break;
        case 1:
          copy[at] = [0, 1, 0x7f, 0x80, 0xf8, 0xff][random(6)] ?? 0;
          break;
        case 2:
          copy = Buffer.concat([copy.subarray(0, at), copy.subarray(at + length)]);
          break;
        case 3:
          copy = Buffer.concat([copy.subarray(0, at + length), copy.subarray(at)]);
          break;
        default:
          copy = copy.subarray(0, at);
      }
    }
    yield copy;
  }
}
