import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { BuildError } from "../../diagnostics/error.ts";

/** What a build has to itself in its run. */
export interface OutputClaim {
  /** Lets another build have it. */
  release(): Promise<void>;
}

/** Who wants a directory, and in which run. */
export interface OutputClaimOptions {
  /** Absolute. */
  readonly path: string;
  /** The same as the user wrote it. */
  readonly directory: string;
  /** Where tspack keeps the files of the run; without them, as under Packer, nothing is known of other builds. */
  readonly runDirectory: string | undefined;
  readonly build: string;
}

/**
 * Writes down among the files of the run that a build has this directory. Throws a `BuildError` (TPK6007) when another build of the run
 * has it already: with `-force` each would remove what the other makes.
 */
export async function claimOutput({ path, directory, runDirectory, build }: OutputClaimOptions): Promise<OutputClaim> {
  if (!runDirectory) return { release: async () => undefined };
  const claim = join(runDirectory, "outputs", createHash("sha256").update(path).digest("hex").slice(0, 16));
  try {
    await mkdir(dirname(claim), { recursive: true, mode: 0o700 });
    await writeFile(claim, build, { flag: "wx", mode: 0o600 });
    return { release: () => rm(claim, { force: true }) };
  } catch (error) {
    // A run goes on where it cannot keep files.
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) return { release: async () => undefined };
    const other = await readFile(claim, "utf8").catch(() => "");
    throw new BuildError(`the output directory ${directory} is that of another build of this run${other === "" ? "" : `, ${other}`}`, {
      code: "TPK6007",
      option: "output_directory",
      hint: "Give each build an output_directory of its own.",
    });
  }
}
