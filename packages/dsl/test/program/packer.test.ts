import { test } from "uvu";
import * as assert from "uvu/assert";
import { type PackerSettings, packer } from "../../src/program/packer.ts";
import { loadContext, loading, told } from "./loading.ts";

const sample = { source: "github.com/acme/sample", version: "~> 1.0" };

/** What calls of `packer` leave behind: requirements, and what is wrong with them. */
function required(...calls: readonly unknown[]): { readonly requirements: unknown; readonly problems: readonly string[] } {
  const context = loadContext();
  // As a program that no type checker has seen.
  loading(context, () => {
    for (const settings of calls) packer(settings as PackerSettings);
  });
  const paths = context.diagnostics.map(({ path = [] }) => path.join("."));
  return { requirements: context.requirements, problems: told(context.diagnostics).map((text, index) => `${paths[index]}: ${text}`) };
}

test("what is wrong with a requirement is told where it stands, and does not count", () => {
  const plugin = (changes: object): object => ({ required_plugins: { sample: { ...sample, ...changes } } });
  const cases: readonly (readonly [settings: object, problem: RegExp])[] = [
    [plugin({ version: "^1.0" }), /^required_plugins\.sample\.version: TPK2206 "\^1\.0" is no version constraint\. Write conditions/],
    [plugin({ version: "" }), /TPK2206 "" is no version constraint/],
    [plugin({ version: ">= 1.0-beta" }), /names a pre-release/],
    [plugin({ version: 1 }), /required_plugins\.sample\.version: TPK1006 .*version is a number, not text/],
    [plugin({ version: undefined }), /^required_plugins\.sample: TPK1006 .*has no version\. Write: /],
    [plugin({ source: "acme/sample" }), /^required_plugins\.sample\.source: TPK2206 .*: github\.com\/acme\/sample\.$/],
    [plugin({ source: "npm:tspack-plugin-x" }), /They are in package\.json/],
    [plugin({ sorce: "x" }), /has no "sorce"\. Did you mean "source"\?/],
    [{ required_plugins: { Sample: sample } }, /^required_plugins\.Sample: TPK2206 "Sample" is no name of a plugin/],
    [{ required_plugins: { sample: "~> 1.0" } }, /is text, not an object/],
    [{ required_plugins: ["sample"] }, /required_plugins is a list/],
    [{ required_plugin: {} }, /^required_plugin: TPK1006 .*Did you mean "required_plugins"\?/],
    [{ required_version: ">= 99" }, /^required_version: TPK2205 .*asks for Packer >= 99/],
    [{ required_version: "new" }, /TPK2205 "new" is no version constraint/],
    [{ trusted_keys: "key.asc" }, /trusted_keys is text, not a list/],
  ];
  for (const [settings, problem] of cases) {
    const { requirements, problems } = required(settings);
    assert.is(problems.length, 1, problems.join("\n"));
    assert.match(problems[0] ?? "", problem);
    assert.equal(
      Object.keys((requirements as PackerSettings | undefined)?.required_plugins ?? {}).filter((name) => name !== "sample"),
      [],
    );
  }
});

test("modules that require the same plugin add up; from two places they cannot have it", () => {
  const from = (source: string, version: string): object => ({ required_plugins: { sample: { source, version } } });
  const both = required(from(sample.source, "~> 1.0"), from("github.com/Acme/sample", ">= 1.2"), from(sample.source, "~> 1.0, >= 1.2"));
  assert.equal(both.problems, []);
  assert.equal(both.requirements, {
    required_version: undefined,
    required_plugins: { sample: { source: sample.source, version: "~> 1.0, >= 1.2" } },
  });
  const { problems } = required(from(sample.source, "~> 1.0"), from("github.com/other/sample", "~> 1.0"));
  assert.match(
    problems.join(),
    /^required_plugins\.sample\.source: TPK2206 .*asked for twice, the other time from github\.com\/acme\/sample/,
  );
});

test.run();
