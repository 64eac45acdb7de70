// `required_version` (rows FIL-05, MSG-06): checked before anything else, since a template for another version may be full of what
// this one does not know.
import type { Diagnostic } from "@tspack/core";
import { packerReference } from "../../program/packer-version.ts";
import { constantText } from "./constant.ts";
import type { PackerBlock } from "./declarations.ts";
import { problemAt } from "./problem.ts";
import { parseConstraint, parseVersion, satisfies } from "./version-constraint.ts";

/** What is wrong with the versions that `packer` blocks ask for; all of them must be satisfied. */
export function checkRequiredVersions(blocks: readonly PackerBlock[], version: string = packerReference): Diagnostic[] {
  const running = parseVersion(version);
  const diagnostics: Diagnostic[] = [];
  for (const { requiredVersion } of blocks) {
    if (requiredVersion === undefined || running === undefined) continue;
    const { value } = requiredVersion;
    const where = "in packer";
    const text = constantText(value);
    const conditions = text === undefined ? undefined : parseConstraint(text);
    if (conditions === undefined) {
      diagnostics.push(
        problemAt(value, {
          code: "TPK2205",
          summary: "Invalid version constraint",
          detail: text === undefined ? "required_version must be plain text." : `"${text}" is no version constraint.`,
          hint: 'Write conditions separated by commas: required_version = ">= 1.7.0, < 2.0.0"',
          where,
        }),
      );
    } else if (!satisfies(running, conditions)) {
      diagnostics.push(
        problemAt(value, {
          code: "TPK2205",
          summary: "Unsupported version",
          detail: `The template asks for Packer ${text}, and tspack does what Packer ${version} does.`,
          hint: "Change the constraint if you know that the template works with this version; it may use what is missing or different here.",
          where,
        }),
      );
    }
  }
  return diagnostics;
}
