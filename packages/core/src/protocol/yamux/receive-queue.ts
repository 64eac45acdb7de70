/** Pieces up to this size are copied together; a larger one keeps the whole chunk alive that it was cut from. */
const SMALL_PIECE = 8_192;
/** Blocks double up to this size from the first one on: most streams carry a few bytes in all. */
const LARGEST_BLOCK = 16_384;
const FIRST_BLOCK = 512;

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
  #nextBlock = FIRST_BLOCK;

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
    if (this.#block !== undefined && last !== undefined && this.#blockUsed + piece.length <= this.#block.length) {
      const start = this.#blockUsed - last.length;
      this.#blockUsed += piece.copy(this.#block, this.#blockUsed);
      this.#pieces[this.#pieces.length - 1] = this.#block.subarray(start, this.#blockUsed);
      return;
    }
    while (this.#nextBlock < piece.length) this.#nextBlock *= 2;
    this.#block = Buffer.allocUnsafeSlow(this.#nextBlock);
    this.#nextBlock = Math.min(2 * this.#nextBlock, LARGEST_BLOCK);
    this.#blockUsed = piece.copy(this.#block);
    this.#pieces.push(this.#block.subarray(0, this.#blockUsed));
  }

  /** Takes the oldest piece out, or so many bytes of it. */
  shift(most = Number.POSITIVE_INFINITY): Buffer | undefined {
    const piece = this.#pieces[this.#next];
    if (piece === undefined) return undefined;
    if (piece.length > most) {
      this.#pieces[this.#next] = piece.subarray(most);
      this.#length -= most;
      return piece.subarray(0, most);
    }
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
