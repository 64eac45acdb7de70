/** Of what is not there so many paths are kept, and of each so many characters. */
const MOST_MISSING = 5;
const SHOWN_CHARACTERS = 200;

/** What a guest has asked its HTTP server for, for the error of a build whose machine does not come up. */
export class AskedFor {
  #last: string | undefined;
  readonly #missing = new Set<string>();

  /** Notes a request that was answered: its target, and the status of the answer. */
  note(target: string, status: number): void {
    const path = target.replace(/\?.*$/s, "").slice(0, SHOWN_CHARACTERS);
    this.#last = path;
    if (status === 404 && this.#missing.size < MOST_MISSING) this.#missing.add(path);
    if (status < 400) this.#missing.delete(path);
  }

  /** In words, with what was not there: a name that is misspelt in a boot command is seen here. */
  toString(): string {
    if (this.#last === undefined) return "The machine has asked the HTTP server for nothing";
    const missing = this.#missing.size === 0 ? "" : `; not there: ${[...this.#missing].join(", ")}`;
    return `The machine has asked the HTTP server last for ${this.#last}${missing}`;
  }
}
