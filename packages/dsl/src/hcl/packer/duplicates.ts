import type { Diagnostic } from "@tspack/core";
import type { Node } from "../syntax/tree.ts";
import { problemAt } from "./problem.ts";

/** Something that has a name, and the node that gives it. */
export interface Named {
  readonly name: string;
  readonly at: Node;
}

/** Two things of one kind with one name: each later one is told, with the place of the first (row MSG-05). */
export function duplicates(kind: string, things: readonly Named[]): Diagnostic[] {
  const first = new Map<string, Node>();
  const diagnostics: Diagnostic[] = [];
  for (const { name, at } of things) {
    const earlier = first.get(name);
    if (earlier === undefined) {
      first.set(name, at);
      continue;
    }
    diagnostics.push(
      problemAt(at, {
        code: "TPK2202",
        summary: `Duplicate ${kind}`,
        detail: `There is another ${kind} named "${name}".`,
        hint: "Names are shared by all files of the folder: remove or rename one of the two.",
        related: [{ at: earlier.source.range(earlier.start, earlier.end), message: "The other one is here." }],
      }),
    );
  }
  return diagnostics;
}
