import { PluginError } from "../../diagnostics/error.ts";
import { parseConstraint, type VersionCondition } from "../version.ts";

/** Reads a version constraint (row INS-02). No text means any release. Throws `PluginError` (TPK4007) for what is none, or names a pre-release. */
export function requireConstraint(text: string): readonly VersionCondition[] {
  if (text.trim() === "") return [];
  const conditions = parseConstraint(text);
  if (conditions === undefined) {
    throw new PluginError(`${JSON.stringify(text)} is no version constraint`, {
      code: "TPK4007",
      hint: 'Write conditions separated by commas: ">= 1.0.0, < 2.0.0".',
    });
  }
  const prerelease = conditions.find(({ version }) => version.prerelease !== "");
  if (prerelease === undefined) return conditions;
  throw new PluginError(`"${prerelease.text}" names a pre-release, which cannot be asked for`, {
    code: "TPK4007",
    hint: "Name a release. A -dev version is installed with -path.",
  });
}
