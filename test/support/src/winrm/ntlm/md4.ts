/** MD4 (RFC 1320), which NTLM hashes passwords with; OpenSSL 3 has it no more. */
export function md4(data: Uint8Array): Buffer {
  const padded = Buffer.alloc((Math.floor((data.length + 8) / 64) + 1) * 64);
  padded.set(data);
  padded[data.length] = 0x80;
  padded.writeBigUInt64LE(BigInt(data.length) * 8n, padded.length - 8);
  const state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
  for (let at = 0; at < padded.length; at += 64) mix(state, padded.subarray(at, at + 64));
  const hash = Buffer.alloc(16);
  for (const [index, word] of state.entries()) hash.writeUInt32LE(word, index * 4);
  return hash;
}

// --- internal ---

/** For each round: its function, its constant, the order of words, and the rotations. */
const rounds = [
  {
    f: (x: number, y: number, z: number) => (x & y) | (~x & z),
    constant: 0,
    words: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    shifts: [3, 7, 11, 19],
  },
  {
    f: (x: number, y: number, z: number) => (x & y) | (x & z) | (y & z),
    constant: 0x5a827999,
    words: [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15],
    shifts: [3, 5, 9, 13],
  },
  {
    f: (x: number, y: number, z: number) => x ^ y ^ z,
    constant: 0x6ed9eba1,
    words: [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15],
    shifts: [3, 9, 11, 15],
  },
];

function mix(state: number[], block: Buffer): void {
  let [a = 0, b = 0, c = 0, d = 0] = state;
  for (const { f, constant, words, shifts } of rounds) {
    for (const [step, word] of words.entries()) {
      const sum = (a + f(b, c, d) + block.readUInt32LE(word * 4) + constant) >>> 0;
      const shift = shifts[step % 4] ?? 0;
      [a, b, c, d] = [d, ((sum << shift) | (sum >>> (32 - shift))) >>> 0, b, c];
    }
  }
  for (const [index, word] of [a, b, c, d].entries()) state[index] = ((state[index] ?? 0) + word) >>> 0;
}
