import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TspackError } from "../diagnostics/error.ts";

const live = new Set<TemporaryDirectory>();
let watching = false;

/** One folder for all temporary files of a run. Removed when the run ends, and at the latest, synchronously, when the process exits. */
export class TemporaryDirectory {
  readonly path: string;

  /** `parent` is `TMPDIR` of the run's environment; the system's folder for temporary files unless given. Throws `TPK6011`. */
  constructor(parent: string | undefined) {
    const folder = parent === undefined || parent === "" ? tmpdir() : parent;
    try {
      this.path = mkdtempSync(join(folder, "tspack-"));
    } catch (cause) {
      throw new TspackError(`no folder for temporary files can be made in ${folder}`, {
        code: "TPK6011",
        hint: "Set TMPDIR to a folder that can be written.",
        cause,
      });
    }
    live.add(this);
    if (watching) return;
    watching = true;
    process.on("exit", () => {
      for (const directory of live) {
        try {
          directory.remove();
        } catch {
          // Nobody is left to be told, and the next one has to go too.
        }
      }
    });
  }

  /** Throws when something in it cannot be removed, such as a place where something is mounted. */
  remove(): void {
    live.delete(this);
    rmSync(this.path, { recursive: true, force: true, maxRetries: 3 });
  }
}
