import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const made: string[] = [];

/** A folder of one test's own, removed when the process ends. */
export function tmp(name = "test"): string {
  if (made.length === 0) process.on("exit", () => made.forEach(remove));
  const folder = mkdtempSync(join(tmpdir(), `tspack-${name}-`));
  made.push(folder);
  return folder;
}

// --- internal ---

/** A process that a test has killed may have left one that still writes there: nothing that the result of the tests depends on. */
function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  } catch (error) {
    console.error(`${folder} could not be removed: ${error instanceof Error ? error.message : error}`);
  }
}
