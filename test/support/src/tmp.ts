import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const made: string[] = [];

/** A folder of one test's own, removed when the process ends. */
export function tmp(name = "test"): string {
  if (made.length === 0) {
    process.on("exit", () => {
      // A process that was killed a moment ago may have left one that still writes there.
      for (const folder of made) rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    });
  }
  const folder = mkdtempSync(join(tmpdir(), `tspack-${name}-`));
  made.push(folder);
  return folder;
}
