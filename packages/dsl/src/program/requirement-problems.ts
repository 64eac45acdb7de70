// What can be wrong with what a program requires, in `packer()` and in HCL's `packer` block (rows BLK-02, FIL-05).
import { parseConstraint, parsePluginAddress, parseVersion, satisfies, TspackError } from "@tspack/core";
import { packerReference } from "./packer-version.ts";

/** What is wrong with a requirement, and what to write. */
export interface RequirementProblem {
  readonly summary: string;
  readonly detail: string;
  readonly hint?: string | undefined;
}

/** What is wrong with a version of Packer that a program asks for: `version` is the one that there is. */
export function requiredVersionProblem(text: string, version: string = packerReference): RequirementProblem | undefined {
  const running = parseVersion(version);
  const conditions = parseConstraint(text);
  if (conditions === undefined) {
    return {
      summary: "Invalid version constraint",
      detail: `${JSON.stringify(text)} is no version constraint.`,
      hint: 'Write conditions separated by commas: ">= 1.7.0, < 2.0.0".',
    };
  }
  if (running === undefined || satisfies(running, conditions)) return undefined;
  return {
    summary: "Unsupported version",
    detail: `The template asks for Packer ${text}, and tspack does what Packer ${version} does.`,
    hint: "Change the constraint if you know that the template works with this version; it may use what is missing or different here.",
  };
}

/** What is wrong with the local name of a required plugin. */
export function pluginNameProblem(name: string): RequirementProblem | undefined {
  if (/^[a-z0-9][a-z0-9_-]*$/.test(name)) return undefined;
  return invalid(`${JSON.stringify(name)} is no name of a plugin: lower-case letters, digits, dashes and underscores are.`);
}

/** What is wrong with the version of a required plugin. */
export function pluginVersionProblem(text: string): RequirementProblem | undefined {
  const conditions = parseConstraint(text);
  if (conditions === undefined) {
    return invalid(`${JSON.stringify(text)} is no version constraint.`, 'Write conditions separated by commas: ">= 1.0.0, < 2.0.0".');
  }
  const prerelease = conditions.find(({ version }) => version.prerelease !== "");
  return prerelease && invalid(`"${prerelease.text}" names a pre-release, which cannot be asked for here.`, "Name a release.");
}

/** What is wrong with the address of a required plugin. */
export function pluginSourceProblem(text: string): RequirementProblem | undefined {
  try {
    parsePluginAddress(text);
    return undefined;
  } catch (error) {
    if (!TspackError.is(error)) throw error;
    return invalid(`${error.message}.`, error.hint);
  }
}

// --- internal ---

function invalid(detail: string, hint?: string): RequirementProblem {
  return { summary: "Invalid plugin requirement", detail, hint };
}
