/** Pieces up to this size are copied together; a larger one keeps the whole chunk alive that it was cut from. */
const SMALL_PIECE = 8_192;
const BLOCK_SIZE = 16_384;

/**
 * Bytes that nobody has read yet. Small pieces share blocks, so that a peer that sends its window in single bytes makes us hold
 * little more than the window.
 */
export class ReceiveQueue {
  #pieces: Buffer[] = [];
  #next = 0;
  #length = 0;
  /** The block that the last piece lies in, if it can grow there. */
  #block: Buffer | undefined;
  #blockUsed = 0;

  /** Bytes in the queue. */
  get length(): number {
    return this.#length;
  }

  append(piece: Buffer): void {
    this.#length += piece.length;
    if (piece.length > SMALL_PIECE) {
      this.#pieces.push(piece);
      this.#block = undefined;
      return;
    }
    const last = this.#pieces.at(-1);
    if (this.#block !== undefined && last !== undefined && this.#blockUsed + piece.length <= BLOCK_SIZE) {
      const start = this.#blockUsed - last.length;
      this.#blockUsed += piece.copy(this.#block, this.#blockUsed);
      this.#pieces[this.#pieces.length - 1] = this.#block.subarray(start, this.#blockUsed);
      return;
    }
    this.#block = Buffer.allocUnsafeSlow(BLOCK_SIZE);
    this.#blockUsed = piece.copy(this.#block);
    this.#pieces.push(this.#block.subarray(0, this.#blockUsed));
  }

  /** Takes the oldest piece out. */
  shift(): Buffer | undefined {
    const piece = this.#pieces[this.#next];
    if (piece === undefined) return undefined;
    this.#next++;
    this.#length -= piece.length;
    if (this.#next === this.#pieces.length) this.clear();
    return piece;
  }

  clear(): void {
    this.#pieces = [];
    this.#next = 0;
    this.#length = 0;
    this.#block = undefined;
  }
}
