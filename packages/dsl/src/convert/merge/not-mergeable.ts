/** A program that cannot be merged with the others. */
export class NotMergeable extends Error {
  /** Position of its template. */
  readonly index: number;

  constructor(index: number, reason: string) {
    super(reason);
    this.name = "NotMergeable";
    this.index = index;
  }
}
