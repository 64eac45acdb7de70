import { findProgram } from "../files/find-program.ts";
import { type ArchiveFormat, unpackingProgram } from "./archive-format.ts";
import type { Location } from "./location.ts";
import type { Environment } from "./proxy.ts";

/** A program that a download runs. */
export interface NeededProgram {
  readonly program: string;
  /** Where to get it. */
  readonly debianPackage: string;
  /** What it is needed for: `to read xz`. */
  readonly purpose: string;
}

/** Programs that have to be there before something can be downloaded, and are not. */
export async function missingPrograms(
  location: Location,
  archive: ArchiveFormat | undefined,
  environment: Environment,
): Promise<readonly NeededProgram[]> {
  const needed: NeededProgram[] = [];
  if (location.kind === "repository") {
    const { tool } = location;
    needed.push({ program: tool, debianPackage: tool === "hg" ? "mercurial" : "git", purpose: "to fetch from a repository" });
  }
  const unpacking = archive === undefined ? undefined : await unpackingProgram(archive);
  if (unpacking !== undefined) needed.push(unpacking);
  const missing: NeededProgram[] = [];
  // As a program is started: nowhere else.
  const searchPath = environment.PATH ?? environment.Path ?? "/usr/bin:/bin";
  for (const one of needed) if ((await findProgram(one.program, searchPath, [])) === undefined) missing.push(one);
  return missing;
}
