import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rejects, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { goGlob } from "../../src/paths/go-glob.ts";
import { compileGoPattern } from "../../src/paths/go-match.ts";

// Patterns, names and results from the documentation of Go's filepath.Match; undefined is ErrBadPattern.
const cases: readonly (readonly [pattern: string, name: string, matches: boolean | undefined])[] = [
  ["abc", "abc", true],
  ["*", "abc", true],
  ["*c", "abc", true],
  ["a*", "ab/c", false],
  ["a*/b", "abc/b", true],
  ["a*b*c*d*e*/f", "axbxcxdxe/f", true],
  ["a*b?c*x", "abxbbxdbxebxczzx", true],
  ["a*b?c*x", "abxbbxdbxebxczzy", false],
  ["ab[c]", "abc", true],
  ["ab[b-d]", "abc", true],
  ["ab[e-g]", "abc", false],
  ["ab[^c]", "abc", false],
  ["ab[^e-g]", "abc", true],
  ["a\\*b", "a*b", true],
  ["a\\*b", "ab", false],
  ["a?b", "a☺b", true],
  ["a[^a]b", "a☺b", true],
  ["a?b", "a/b", false],
  ["a???b", "a☺b", false],
  ["[a-ζ]*", "α", true],
  ["*[a-ζ]", "A", false],
  ["[\\]a]", "]", true],
  ["[\\-]", "-", true],
  ["[x\\-]", "z", false],
  ["[z-a]", "m", false],
  ["a.c", "abc", false],
  ["a-(b)+{c}|/^$", "a-(b)+{c}|/^$", true],
  ["[a", "a", undefined],
  ["[]a]", "]", undefined],
  ["[-]", "-", undefined],
  ["[a-]", "-", undefined],
  ["[-x]", "x", undefined],
  ["[^", "a", undefined],
  ["a\\", "a", undefined],
];

test("patterns mean what they mean in Go", () => {
  for (const [pattern, name, matches] of cases) assert.is(compileGoPattern(pattern)?.test(name), matches, `${pattern} ${name}`);
});

test("files are found in order, relative as the pattern is, hidden ones too", async () => {
  const folder = tmp();
  for (const name of ["b", "a", "c"]) {
    mkdirSync(join(folder, name));
    for (const file of ["2.img", "1.img", ".hidden", "x[1]"]) writeFileSync(join(folder, name, file), "");
  }
  symlinkSync("nowhere", join(folder, "dangling"));
  const found = async (pattern: string): Promise<readonly string[]> => goGlob(pattern, folder);
  assert.equal(await found("a/*.img"), ["a/1.img", "a/2.img"]);
  assert.equal(await found("./a/*.img"), ["a/1.img", "a/2.img"]);
  assert.equal(await found("[ab]/1*"), ["a/1.img", "b/1.img"]);
  assert.equal(await found("a/*"), ["a/.hidden", "a/1.img", "a/2.img", "a/x[1]"]);
  assert.equal(await found("a/x\\[1\\]"), ["a/x[1]"]);
  assert.equal(await found("./a/1.img"), ["./a/1.img"]);
  assert.equal(await found("dangling"), ["dangling"]);
  assert.equal(await found("?"), ["a", "b", "c"]);
  assert.equal(await found("a/**"), await found("a/*"));
  assert.equal(await found(`${folder}/a/2*`), [`${folder}/a/2.img`]);
  assert.equal(await found("a/1.img/*"), []);
  assert.equal(await found("gone/*"), []);
  assert.equal(await found("gone"), []);
  await rejects(found("a/["), { message: /not a valid pattern/ });
});

test.run();
