import { withoutControls } from "../console/plain-text.ts";

/** Keeps the last lines of a stream of text, without what would give commands to a terminal. */
export class LastWords {
  readonly #most: number;
  readonly #lines: string[] = [];

  /** `most` is how many lines are kept. */
  constructor(most: number) {
    this.#most = most;
  }

  add(line: string): void {
    this.#lines.push(withoutControls(line).slice(0, LONGEST));
    if (this.#lines.length > this.#most) this.#lines.shift();
  }

  /** The lines, oldest first. */
  lines(): readonly string[] {
    return [...this.#lines];
  }
}

// --- internal ---

/** Of a longer line the beginning is kept. */
const LONGEST = 400;
