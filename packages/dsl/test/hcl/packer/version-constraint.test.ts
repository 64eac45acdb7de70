import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseConstraint, parseVersion, satisfies } from "../../../src/hcl/packer/version-constraint.ts";

function fits(version: string, constraint: string): boolean | undefined {
  const conditions = parseConstraint(constraint);
  const parsed = parseVersion(version);
  return conditions === undefined || parsed === undefined ? undefined : satisfies(parsed, conditions);
}

const cases: readonly (readonly [version: string, constraint: string, fits: boolean | undefined])[] = [
  ["1.9.0", "1.9", true],
  ["1.9.0", "= 1.9.1", false],
  ["1.16.0", ">= 1.7.0", true],
  ["1.16.0", ">= 1.7.0, < 1.16", false],
  ["1.16.0", "!= 1.16.0", false],
  ["1.16.0", ">1.2,<=1.16.0", true],
  ["1.9.0", "~> 1.2", true],
  ["2.0.0", "~> 1.2", false],
  ["1.1.9", "~> 1.2", false],
  ["1.2.9", "~> 1.2.3", true],
  ["1.3.0", "~> 1.2.3", false],
  ["3.0.0", "~> 2", true],
  ["1.9.0", "v1.9.0", true],
  // A pre-release fits only what names a pre-release of the same version.
  ["1.9.0-beta1", ">= 1.8.0", false],
  ["1.9.0-beta2", ">= 1.9.0-beta1", true],
  ["1.9.0-beta.11", "> 1.9.0-beta.2", true],
  ["1.9.0", ">= 1.9.0-beta1", true],
  ["1.9.0+linux", "= 1.9.0", true],
  ["1.9.0", ">= ", undefined],
  ["1.9.0", "latest", undefined],
  ["1.9.0", "", undefined],
  ["1.9.0", "^1.9", undefined],
];

test("versions fit constraints as Packer's do", () => {
  for (const [version, constraint, expected] of cases) assert.is(fits(version, constraint), expected, `${version} ${constraint}`);
});

test.run();
