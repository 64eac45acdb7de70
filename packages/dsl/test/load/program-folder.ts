import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { tmp } from "@tspack/test-support";

/** A folder of the test's own with these files in it. */
export function programFolder(files: { readonly [path: string]: string }): string {
  const folder = tmp("program");
  addFiles(folder, files);
  return folder;
}

/** Writes files below a folder, making the folders they need. */
export function addFiles(folder: string, files: { readonly [path: string]: string }): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}
