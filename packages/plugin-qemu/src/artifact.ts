// What a build leaves behind (rows QM-158 to QM-162).
import type { Dirent } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type Artifact, BuildError } from "@tspack/core/sdk";

export interface QemuArtifactOptions {
  /** The output folder, as the user should see it. */
  readonly directory: string;
  /** Where it starts when it is relative. Absolute. */
  readonly workingDirectory: string;
  /** Names in the folder that do not belong to the artifact. */
  readonly without: readonly string[];
  readonly state: { readonly [name: string]: unknown };
}

/** The artifact of the machine's files: everything in its folder. Removing it removes the folder. */
export async function qemuArtifact({ directory, workingDirectory, without, state }: QemuArtifactOptions): Promise<Artifact> {
  const files = await filesBelow(directory, workingDirectory);
  return {
    builderId: "transcend.qemu",
    id: "VM",
    files: files.filter((file) => !without.some((name) => file === join(directory, name))),
    description: `VM files in directory: ${directory}`,
    state: async (name) => (Object.hasOwn(state, name) ? state[name] : undefined),
    async destroy() {
      try {
        await rm(resolve(workingDirectory, directory), { recursive: true, force: true });
      } catch (cause) {
        throw new BuildError(`could not remove ${directory}`, { cause });
      }
    },
  };
}

// --- internal ---

/** Paths below a folder, in the order of their names. */
async function filesBelow(folder: string, workingDirectory: string): Promise<string[]> {
  const entries: Dirent[] = await readdir(resolve(workingDirectory, folder), { withFileTypes: true });
  const sorted = entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const found: string[] = [];
  for (const entry of sorted) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...(await filesBelow(path, workingDirectory)));
    else found.push(path);
  }
  return found;
}
