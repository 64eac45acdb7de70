// The screen of the machine: as a picture, and as text where it is in text mode (row QM-191).
import { createHash } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Qmp } from "../machine/qmp.ts";

/** Looks at the screen of one machine. QEMU writes what it shows into `folder`, which is the caller's. */
export class Screen {
  readonly #qmp: Qmp;
  readonly #folder: string;
  readonly #isPc: boolean;
  #dumps = 0;

  constructor(qmp: Qmp, folder: string, { isPc = true }: { readonly isPc?: boolean } = {}) {
    this.#qmp = qmp;
    this.#folder = folder;
    this.#isPc = isPc;
  }

  /**
   * Writes a picture and resolves to its path: `path` with `.png`, or with `.ppm` where QEMU is older than 7.1 and has no other format.
   * Throws a `BuildError` when the machine has no screen or is gone.
   */
  async writePicture(path: string): Promise<string> {
    const [major = 0, minor = 0] = this.#qmp.version.split(".").map(Number);
    const isPng = major > 7 || (major === 7 && minor >= 1);
    const file = `${path}.${isPng ? "png" : "ppm"}`;
    await this.#qmp.execute("screendump", isPng ? { filename: file, format: "png" } : { filename: file });
    return file;
  }

  /** A digest of what is shown: it differs for different pictures. */
  async digest(): Promise<string> {
    // Two may look at once.
    const path = join(this.#folder, `screen-${++this.#dumps}.ppm`);
    try {
      await this.#qmp.execute("screendump", { filename: path });
      return createHash("sha256")
        .update(await readFile(path))
        .digest("hex");
    } finally {
      await rm(path, { force: true });
    }
  }

  /** The rows of a PC's text mode. In a graphics mode this is what was there before, or noise. Other machines have none. */
  async textRows(): Promise<readonly string[]> {
    // Their firmware or a device may be there instead.
    if (!this.#isPc) return [];
    const path = join(this.#folder, `screen-${++this.#dumps}.txt`);
    try {
      await this.#qmp.execute("pmemsave", { val: TEXT_ADDRESS, size: TEXT_BYTES, filename: path });
      return rowsOf(await readFile(path));
    } finally {
      await rm(path, { force: true });
    }
  }

  /** What stands on the screen while it is a PC's in text mode; undefined in any other mode, and on other machines. */
  async visibleRows(): Promise<readonly string[] | undefined> {
    const path = join(this.#folder, `mode-${++this.#dumps}.ppm`);
    try {
      await this.#qmp.execute("screendump", { filename: path });
      if (!TEXT_MODE.test((await readFile(path)).toString("latin1", 0, 20))) return undefined;
      return await this.textRows();
    } finally {
      await rm(path, { force: true });
    }
  }

  /** Resolves when the text stands in a row of the text mode. Rejects with the signal's reason. */
  async waitForText(text: string, signal: AbortSignal): Promise<void> {
    while (!(await this.textRows()).some((row) => row.includes(text))) await wait(LOOK_MS, undefined, { signal });
  }

  /** Resolves when the picture has been the same for so long. Rejects with the signal's reason. */
  async waitUntilStill(durationMs: number, signal: AbortSignal): Promise<void> {
    let shown = await this.digest();
    let since = performance.now();
    while (performance.now() - since < durationMs) {
      await wait(Math.min(LOOK_MS, durationMs), undefined, { signal });
      const next = await this.digest();
      if (next !== shown) since = performance.now();
      shown = next;
    }
  }

  /** Resolves when the picture is another than that of a digest. Rejects with the signal's reason. */
  async waitForChange(digest: string, signal: AbortSignal): Promise<void> {
    while ((await this.digest()) === digest) await wait(LOOK_MS, undefined, { signal });
  }
}

// --- internal ---

/** The text of a PC's text memory: pairs of a character in code page 437 and its colours, 80 to a row. */
function rowsOf(memory: Uint8Array): readonly string[] {
  const rows: string[] = [];
  for (let start = 0; start + ROW_BYTES <= memory.length; start += ROW_BYTES) {
    let row = "";
    for (let at = start; at < start + ROW_BYTES; at += 2) {
      const code = memory[at] ?? 0;
      row += code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : " ";
    }
    rows.push(row.trimEnd());
  }
  return rows;
}

const TEXT_ADDRESS = 0xb8000;
/** All of the text memory: a console scrolls through it. */
const TEXT_BYTES = 0x8000;
const ROW_BYTES = 160;
/** Beginning of a picture of 80 by 25 characters, each 9 by 16 points: no graphics mode has that size. */
const TEXT_MODE = /^P6\s720 400\s/;
/** QEMU has no event for a change of the screen, so it is looked at this often. */
const LOOK_MS = 200;
