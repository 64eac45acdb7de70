// Builds of a run that would write to the same place, found before any of them starts.
import { resolve } from "node:path";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { BuildOutput } from "../sdk/component.ts";

/** Remembers which build has which output to itself. */
export class OutputClashes {
  readonly #workingDirectory: string;
  /** Names of builds, by absolute path. */
  readonly #owners = new Map<string, string>();

  /** `workingDirectory`: where relative paths start. Absolute. */
  constructor(workingDirectory: string) {
    this.#workingDirectory = workingDirectory;
  }

  /** Gives the outputs to a build. Says which another build has already: `-force` does not help, each would remove what the other makes. */
  claim(build: string, outputs: readonly BuildOutput[]): Diagnostic[] {
    return outputs.flatMap(({ kind, path, option }) => {
      const place = resolve(this.#workingDirectory, path);
      const owner = this.#owners.get(place);
      if (owner === undefined) this.#owners.set(place, build);
      return owner === undefined || owner === build ? [] : [clash({ kind, path, option }, owner)];
    });
  }
}

// --- internal ---

function clash({ kind, path, option }: BuildOutput, owner: string): Diagnostic {
  return {
    severity: "error",
    code: "TPK6007",
    summary: "Invalid argument value",
    detail: `The output ${kind} ${path} is that of another build of this run, ${owner}.`,
    hint: `Give each build ${/^[aeiou]/.test(option) ? "an" : "a"} ${option} of its own.`,
    path: [option],
  };
}
