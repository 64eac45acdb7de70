// Files that a template reads and that no corpus of templates holds: scripts, cloud-init data. Text is put in their place.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, isAbsolute, relative, resolve } from "node:path";
import type { Diagnostic } from "@tspack/core";

/** Most files that are made for one template. */
const LIMIT = 40;

/** Makes the files that diagnostics name as missing, below `folder`; false if there is nothing more to make. */
export function makeMissingFiles(diagnostics: readonly Diagnostic[], folder: string, made: Set<string>): boolean {
  const before = made.size;
  for (const { detail = "" } of diagnostics) {
    const [, name, absolute] = /no file exists at (\S+?)(?: \((\/[^)]+)\))?\.?$/.exec(detail) ?? [];
    const path = absolute ?? (name !== undefined && isAbsolute(name) ? name : undefined);
    if (path === undefined) continue;
    const below = relative(folder, resolve(path));
    if (below.startsWith("..") || made.has(path) || made.size >= LIMIT) continue;
    made.add(path);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, "key: value\n");
  }
  return made.size > before;
}
