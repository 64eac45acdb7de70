import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const made: string[] = [];

/** A folder of one test's own, removed when the process ends. */
export function tmp(name = "test"): string {
  if (made.length === 0) {
    process.on("exit", () => {
      for (const folder of made) rmSync(folder, { recursive: true, force: true });
    });
  }
  const folder = mkdtempSync(join(tmpdir(), `tspack-${name}-`));
  made.push(folder);
  return folder;
}
