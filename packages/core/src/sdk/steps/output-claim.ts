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
export async function claimOutput(options: OutputClaimOptions): Promise<OutputClaim> {
  const claim = claimFile(options);
  if (claim === undefined) return { release: async () => undefined };
  try {
    await mkdir(dirname(claim), { recursive: true, mode: 0o700 });
    await writeFile(claim, options.build, { flag: "wx", mode: 0o600 });
    return { release: () => rm(claim, { force: true }) };
  } catch (error) {
    // A run goes on where it cannot keep files.
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) return { release: async () => undefined };
    throw claimedError(options.directory, await readFile(claim, "utf8").catch(() => ""));
  }
}

/** What `claimOutput` would throw, when a build of another name has the directory; claims nothing. */
export async function claimedByOther(options: OutputClaimOptions): Promise<BuildError | undefined> {
  const claim = claimFile(options);
  const owner = claim === undefined ? options.build : await readFile(claim, "utf8").catch(() => options.build);
  return owner === options.build ? undefined : claimedError(options.directory, owner);
}

// --- internal ---

function claimFile({ path, runDirectory }: OutputClaimOptions): string | undefined {
  return runDirectory ? join(runDirectory, "outputs", createHash("sha256").update(path).digest("hex").slice(0, 16)) : undefined;
}

function claimedError(directory: string, owner: string): BuildError {
  return new BuildError(`the output directory ${directory} is that of another build of this run${owner === "" ? "" : `, ${owner}`}`, {
    code: "TPK6007",
    option: "output_directory",
    hint: "Give each build an output_directory of its own.",
  });
}
