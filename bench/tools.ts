import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findLabProgram } from "@tspack/test-support";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The built `tspack`, as `npx tspack` starts it. */
export const tspack: readonly [string, string] = [process.execPath, join(root, "packages/cli/bin/tspack.cjs")];

/** Debian's Packer, where it is installed. */
export const packer: string | undefined = findLabProgram("packer");

/** A folder for one benchmark, removed afterwards. */
export async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "tspack-bench-"));
  try {
    await body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
