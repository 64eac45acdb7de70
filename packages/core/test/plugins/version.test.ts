// Versions and constraints against what hashicorp/go-version 1.6.0 answers, which Packer reads them with. The answers are recorded.
import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import * as z from "zod";
import { compareVersions, parseConstraint, parseVersion, satisfies } from "../../src/plugins/version.ts";

const recorded = z
  .object({
    /** By text: the numbers and the pre-release, or null where it is no version. */
    versions: z.record(z.string(), z.string().nullable()),
    /** Of each version how it compares with all others, in turn. */
    order: z.array(z.string()),
    /** By text: the versions that fulfil it, or null where it is no constraint. */
    constraints: z.record(z.string(), z.array(z.string()).nullable()),
  })
  .parse(JSON.parse(readFileSync(new URL("../fixtures/plugin-versions/go-version-1.6.0.json", import.meta.url), "utf8")));

/** Versions that both understand. */
const versions = Object.keys(recorded.versions).flatMap((text) => {
  const version = parseVersion(text);
  return version === undefined ? [] : [{ text, version }];
});

test("versions are read as Packer reads them", () => {
  for (const [text, expected] of Object.entries(recorded.versions)) {
    const version = parseVersion(text);
    const shown = version === undefined ? null : `${version.numbers.slice(0, 3).join(".")}|${version.prerelease}`;
    assert.is(shown, expected, JSON.stringify(text));
  }
});

test("INS-02: constraints take the versions that they take in Packer, and the same texts are none", () => {
  for (const [text, expected] of Object.entries(recorded.constraints)) {
    const conditions = parseConstraint(text);
    const taken = conditions === undefined ? null : versions.filter(({ version }) => satisfies(version, conditions)).map((one) => one.text);
    assert.equal(taken?.sort() ?? null, expected?.sort() ?? null, JSON.stringify(text));
  }
});

test("versions come in the order that they have in Packer", () => {
  for (const row of recorded.order) {
    const [, text = "", signs = ""] = /^(.*):([<=>]+)$/.exec(row) ?? [];
    const version = parseVersion(text);
    assert.ok(version, text);
    const others = recorded.order.map((one) => one.replace(/:[<=>]+$/, ""));
    assert.is(signs.length, others.length);
    for (const [index, other] of others.entries()) {
      const second = parseVersion(other);
      assert.ok(second, other);
      const order = compareVersions(version, second);
      assert.is(order < 0 ? "<" : order > 0 ? ">" : "=", signs[index], `${text} and ${other}`);
    }
  }
});

test.run();
