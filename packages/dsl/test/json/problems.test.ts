// What is told about JSON templates and their variable files.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Diagnostic } from "@tspack/core";
import { load } from "@tspack/dsl";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { folder, line, template, told } from "./loading-json.ts";

// [what, template, what is told…]
const problems: readonly (readonly [string, string, ...RegExp[]])[] = [
  ["a list in place of an object", "[1]", /^TPK2301 1:1 A template must be an object, not a list/],
  ["no builders", '{"variables": {}}', /^TPK2301 1:1 A template needs at least one builder/],
  [
    "unknown keys, each of them",
    '{"builder": [],\n"builders": [{"type": "null"}], "locals": {}, "_c": "ok"}',
    /^TPK2301 1:2 .*"builder"\. Did you mean "builders"/,
    /^TPK2301 2:33 .*"locals"\. A JSON template has no locals/,
  ],
  ["comments that are no text", '{"builders": [{"type": "null"}], "_c": 1}', /^TPK2301 1:40 The comment "_c" must be text, not a number/],
  ["keys that stand twice", '{"builders": [{"type": "null", "type": "null"}]}', /^TPK2202 1:32 The object has the name "type" twice/],
  [
    "variables that are no text",
    '{"builders": [{"type": "null"}], "variables": {"a": 1, "b": true, "c": []}}',
    /^TPK2301 1:53 The variable "a" must be text or null, not a number\. Write it in quotes: "1"/,
    /"b" must be .* not true/,
    /"c" must be .* not a list/,
  ],
  [
    "variables without a value, all of them",
    '{"builders": [{"type": "null"}], "variables": {"a": null, "b": null}}',
    /^TPK1101 1:48 The variable "a" has no value/,
    /^TPK1101 1:59 The variable "b" has no value/,
  ],
  [
    "two builders of one name",
    '{"builders": [{"type": "null"}, {"type": "null"}]}',
    /^TPK2202 1:33 Another builder has the name "null", which is its type, already/,
  ],
  [
    "two builders of one rendered name",
    '{"variables": {"a": "x"}, "builders": [{"type": "null", "name": "x"}, {"type": "null", "name": "{{user `a`}}"}]}',
    /^TPK2202 1:96 Two builders have the name "x"/,
  ],
  ["a builder without a type", '{"builders": [{"typ": "null"}]}', /^TPK2301 1:15 Builder 1 has no "type"\. Is "typ" meant to be "type"/],
  [
    "provisioners that are no list",
    '{"builders": [{"type": "null"}], "provisioners": {"type": "shell"}}',
    /^TPK2301 1:50 "provisioners" must be a list, not an object/,
  ],
  [
    "nested chains",
    '{"builders": [{"type": "null"}], "post-processors": [["manifest", ["manifest"]], 5]}',
    /^TPK2301 1:67 Post-processor 1\.2 is a list inside a chain/,
    /Post-processor 2 must be the name of a type/,
  ],
  [
    "keep_input_artifact as text",
    '{"builders": [{"type": "null"}], "post-processors": [{"type": "manifest", "keep_input_artifact": "true"}]}',
    /^TPK2301 1:98 .* must be true or false, not text/,
  ],
  [
    "filters of both kinds",
    '{"builders": [{"type": "null"}], "provisioners": [{"type": "shell", "only": ["null"], "except": ["null"]}]}',
    /^TPK2301 1:87 Provisioner 1 has both/,
  ],
  [
    "filters by a rendered name",
    '{"variables": {"a": "x"}, "builders": [{"type": "null", "name": "{{user `a`}}"}], "provisioners": [{"type": "shell", "only": ["x"]}]}',
    /^TPK3109 1:127 "only" of "shell" names "x".* as it is written/,
  ],
  [
    "overrides for nobody",
    '{"builders": [{"type": "null"}], "provisioners": [{"type": "shell", "override": {"nul": {}}}]}',
    /^TPK3109 1:82 "override" of "shell" names "nul".*Did you mean "null"/,
  ],
  [
    "retries that are no number",
    '{"builders": [{"type": "null"}], "provisioners": [{"type": "shell", "max_retries": "{{user `x`}}"}]}',
    /^TPK2301 .*max_retries/,
    /^TPK2302 .*no variable "x"/,
  ],
  [
    "a newer version",
    '{"builders": [{"type": "null"}], "min_packer_version": "9.0"}',
    /^TPK2205 1:56 The template needs Packer 9\.0 or newer/,
  ],
  ["a version that is none", '{"builders": [{"type": "null"}], "min_packer_version": ">= 1.0"}', /^TPK2205 1:56 .* is no version/],
  [
    "variables in a circle",
    '{"builders": [{"type": "null"}], "variables": {"a": "{{user `b`}}", "b": "{{user `a`}}"}}',
    /^TPK2203 .*"a" uses "b" uses "a"/,
  ],
  [
    "a variable of itself",
    '{"builders": [{"type": "null"}], "variables": {"a": "{{user `a`}}"}}',
    /^TPK2203 1:53 The variable "a" uses itself\. Set it with/,
  ],
  [
    "undeclared variables in variables",
    '{"builders": [{"type": "null"}], "variables": {"ab": "{{user `ac`}}"}}',
    /^TPK2302 1:54 .*no variable "ac".*Did you mean "ab"/,
  ],
  [
    "undeclared variables in options, which are empty",
    '{"builders": [{"type": "null", "x": "{{user `ac`}}"}]}',
    /^TPK2302 1:37 There is no variable "ac": it is empty/,
  ],
  [
    "values of builds in variables",
    '{"builders": [{"type": "null"}], "variables": {"a": "{{build_name}}"}}',
    /^TPK2302 1:53 .*cannot use values of builds/,
  ],
  [
    "the environment in options",
    '{"builders": [{"type": "null", "x": "{{env `HOME`}}"}]}',
    /^TPK2302 1:37 The call env works in the section "variables" alone/,
  ],
  ["secrets stores in options", '{"builders": [{"type": "null", "x": "{{vault `a` `b`}}"}]}', /^TPK2302 1:37 The call vault works/],
  [
    "templates that cannot be parsed",
    '{"builders": [{"type": "null", "x": "{{user `a`"}], "variables": {"a": "1"}}',
    /^TPK2302 1:37 The text cannot be rendered: the action is not closed/,
  ],
  [
    "names that are known too late",
    '{"builders": [{"type": "null", "x": "{{user .Name}}"}]}',
    /^TPK2302 1:37 .*only known during the build/,
  ],
  [
    "what was left of a service that is no more",
    '{"builders": [{"type": "null"}], "push": {"name": "x"}}',
    /^TPK2207 1:34 "push" has no effect/,
  ],
  [
    "variables that double each other",
    JSON.stringify({
      builders: [{ type: "null" }],
      variables: Object.fromEntries(
        Array.from({ length: 60 }, (_, index) => [`v${index}`, index === 0 ? "x" : `{{user \`v${index - 1}\`}}{{user \`v${index - 1}\`}}`]),
      ),
    }),
    /^TPK2003 .*would be longer than/,
  ],
];
for (const [what, text, ...expected] of problems) {
  test(`tells ${what}`, async () => {
    const found = await told(text);
    assert.is(found.length, expected.length, found.join("\n"));
    for (const pattern of expected)
      assert.ok(
        found.some((one) => pattern.test(one)),
        `${pattern} is not in\n${found.join("\n")}`,
      );
  });
}

test("variable files hold text alone", async () => {
  writeFileSync(join(folder, "numbers.json"), '{"a": 5}');
  writeFileSync(join(folder, "broken.json"), '{"a": ');
  const text = template({ variables: { a: "1" } });
  assert.match(
    (await told(text, { variableFiles: ["numbers.json"] }))[0] ?? "",
    /^TPK2301 1:7 The value of "a" must be text, not a number/,
  );
  assert.match((await told(text, { variableFiles: ["broken.json"] }))[0] ?? "", /^TPK2001 1:7/);
  assert.match((await told(text, { variableFiles: ["none.json"] }))[0] ?? "", /^TPK1104 none\.json could not be read: it does not exist/);
  assert.match((await told(text, { variableFiles: ["template.json"], variables: { b: "" }, undeclared: "warn" })).join(), /TPK2301/);
});

test("files that are no templates are told in one line", async () => {
  for (const [bytes, expected] of [
    [Buffer.from([0x7b, 0xff, 0xfe]), /UTF-8/],
    [Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0]), /NUL|text/],
    [Buffer.alloc(0), /empty/],
  ] as const) {
    writeFileSync(join(folder, "bytes.json"), bytes);
    const { diagnostics } = await load("bytes.json", { workingDirectory: folder });
    assert.is(diagnostics.length, 1);
    assert.match(line(diagnostics[0] as Diagnostic), expected);
  }
  const missing = await load("missing.json", { workingDirectory: folder });
  assert.match(line(missing.diagnostics[0] as Diagnostic), /^TPK2002 missing\.json could not be read: it does not exist/);
});

test.run();
