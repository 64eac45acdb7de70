/** Samples spread over a block: enough to see a stretch that can be compressed, few enough to cost nothing. */
const SAMPLES = 8;
const SAMPLE_BYTES = 4096;
/** Bits per byte. Random samples of this size show about 7.95, text 5, programs 6, base64 6. */
const NOISE_ENTROPY = 7.9;

/**
 * True if a block looks like noise all over, as what is already compressed or encrypted does: deflating it costs as much time as
 * text does several times over, and saves nothing. Depends on the bytes alone.
 */
export function looksLikeNoise(block: Buffer): boolean {
  if (block.length < SAMPLES * SAMPLE_BYTES) return false;
  const step = Math.floor((block.length - SAMPLE_BYTES) / (SAMPLES - 1));
  for (let sample = 0; sample < SAMPLES; sample++) {
    if (entropy(block.subarray(sample * step, sample * step + SAMPLE_BYTES)) < NOISE_ENTROPY) return false;
  }
  return true;
}

/** Shannon entropy of single bytes, in bits per byte. */
function entropy(bytes: Buffer): number {
  const counts = new Uint32Array(256);
  for (const byte of bytes) counts[byte] = (counts[byte] ?? 0) + 1;
  let bits = 0;
  for (const count of counts) if (count > 0) bits -= count * Math.log2(count / bytes.length);
  return bits / bytes.length;
}
