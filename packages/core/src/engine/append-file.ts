import { closeSync, openSync, writeSync } from "node:fs";

const FLUSH_BYTES = 64 * 1024;

/**
 * A text file that grows by lines, readable by its owner alone. Lines are gathered and written together and synchronously, so that
 * memory stays bounded whatever the speed of the disk, and nothing is lost when the process ends in an orderly way. The file is open
 * only while it is written: a run may have hundreds of them.
 */
export class AppendFile {
  readonly path: string;
  #pending: string[] = [];
  #pendingLength = 0;
  #broken = false;

  /** Creates nothing yet; the file appears with its first line. */
  constructor(path: string) {
    this.path = path;
  }

  /** Adds a line. Throws what writing throws (a full disk), once; after that lines are dropped. */
  write(line: string): void {
    if (this.#broken) return;
    this.#pending.push(line);
    this.#pendingLength += line.length + 1;
    if (this.#pendingLength >= FLUSH_BYTES) this.flush();
  }

  /** Writes what was gathered. */
  flush(): void {
    if (this.#broken || this.#pending.length === 0) return;
    const text = `${this.#pending.join("\n")}\n`;
    this.#pending = [];
    this.#pendingLength = 0;
    let file: number | undefined;
    try {
      file = openSync(this.path, "a", 0o600);
      const bytes = Buffer.from(text);
      for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
    } catch (error) {
      this.#broken = true;
      throw error;
    } finally {
      if (file !== undefined) closeSync(file);
    }
  }
}
