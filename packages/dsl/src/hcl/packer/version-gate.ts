// `required_version` (rows FIL-05, MSG-06): checked before anything else, since a template for another version may be full of what
// this one does not know.
import type { Diagnostic } from "@tspack/core";
import { packerReference } from "../../program/packer-version.ts";
import { requiredVersionProblem } from "../../program/requirement-problems.ts";
import { constantText } from "./constant.ts";
import type { PackerBlock } from "./declarations.ts";
import { problemAt } from "./problem.ts";

/** What is wrong with the versions that `packer` blocks ask for; all of them must be satisfied. */
export function checkRequiredVersions(blocks: readonly PackerBlock[], version: string = packerReference): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  for (const { requiredVersion } of blocks) {
    if (requiredVersion === undefined) continue;
    const { value } = requiredVersion;
    const text = constantText(value);
    const problem =
      text === undefined
        ? { summary: "Invalid version constraint", detail: "required_version must be plain text." }
        : requiredVersionProblem(text, version);
    if (problem !== undefined) diagnostics.push(problemAt(value, { code: "TPK2205", ...problem, where: "in packer" }));
  }
  return diagnostics;
}
