import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const live = new Set<TemporaryDirectory>();
let watching = false;

/** One folder for all temporary files of a run. Removed when the run ends, and at the latest, synchronously, when the process exits. */
export class TemporaryDirectory {
  readonly path: string;

  /** `parent` is `TMPDIR` of the run's environment; the system's folder for temporary files unless given. */
  constructor(parent: string | undefined) {
    this.path = mkdtempSync(join(parent === undefined || parent === "" ? tmpdir() : parent, "tspack-"));
    live.add(this);
    if (watching) return;
    watching = true;
    process.on("exit", () => {
      for (const directory of live) directory.remove();
    });
  }

  remove(): void {
    live.delete(this);
    rmSync(this.path, { recursive: true, force: true, maxRetries: 3 });
  }
}
