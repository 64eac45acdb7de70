import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import { BuildError } from "../diagnostics/error.ts";
import type { Artifact } from "./artifact.ts";

/** What an artifact made of files on this machine consists of. */
export interface FileArtifactOptions {
  readonly builderId: string;
  readonly id: string;
  /** As the user should see them: relative to `workingDirectory` or absolute. Folders are allowed. */
  readonly files: readonly string[];
  readonly description: string;
  /** Answers of `state` by name, such as `generated_data`. */
  readonly state?: { readonly [name: string]: unknown } | undefined;
  /** Where relative files start when they are removed; the process's working directory unless given. */
  readonly workingDirectory?: string | undefined;
}

/**
 * An artifact that is files on this machine. `destroy` removes them, folders with all they hold; one that is gone already
 * is fine. If some cannot be removed the others still are, and a `BuildError` (TPK6001) names those that are left.
 */
export function fileArtifact(options: FileArtifactOptions): Artifact {
  const { builderId, id, description } = options;
  const files = [...options.files];
  const state = options.state ?? {};
  const directory = options.workingDirectory ?? "";
  return {
    builderId,
    id,
    files,
    description,
    state: async (name) => (Object.hasOwn(state, name) ? state[name] : undefined),
    async destroy() {
      const results = await Promise.allSettled(files.map((file) => rm(resolve(directory, file), { recursive: true, force: true })));
      const left = files.filter((_, index) => results[index]?.status === "rejected");
      if (left.length === 0) return;
      const causes: unknown[] = results.filter((result) => result.status === "rejected").map((result) => result.reason);
      throw new BuildError(`could not remove ${left.join(", ")}`, {
        cause: causes.length === 1 ? causes[0] : new AggregateError(causes, ""),
      });
    },
  };
}
