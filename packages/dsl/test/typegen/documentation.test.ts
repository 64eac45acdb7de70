// What is read of a plugin's documentation: made-up pages in the forms that plugins have.
import type { ConfigSpec, OptionSpec, SpecType } from "@tspack/core";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { documentOutput, documentSpec } from "../../src/typegen/documentation/document-spec.ts";
import { readOptionLists } from "../../src/typegen/documentation/option-docs.ts";
import { findPage } from "../../src/typegen/documentation/pages.ts";

const text: SpecType = { kind: "string" };

function spec(types: { readonly [option: string]: SpecType }): ConfigSpec {
  return { options: Object.fromEntries(Object.entries(types).map(([name, type]) => [name, { type, required: false }])) };
}

/** The description of an option, by the names that lead to it. */
function description({ options }: ConfigSpec, name: string, ...inner: readonly string[]): string | undefined {
  const option: OptionSpec | undefined = options[name];
  const [next, ...rest] = inner;
  if (next === undefined) return option?.description;
  return option?.type.kind === "block" || option?.type.kind === "block-list" ? description(option.type.spec, next, ...rest) : undefined;
}

const from = (struct: string): string =>
  `<!-- Code generated from the comments of the ${struct} struct in a.go; DO NOT EDIT MANUALLY -->\n`;
const page = `
### Required:

${from("Config")}
- \`image\` (string) - Where to begin. See [images](/packer/docs)
  for more.

  Mind the **version**

  Another paragraph @here.
  - \`inner\` (string) - part of a list inside

- \`pull\` (bool) - Pulls it.

<!-- End of code generated from the comments of the Config struct -->
Some words.
## Optional

${from("Config")}
- \`build\` (Build) - How to build:
  \`\`\`hcl
  - \`fake\` (string) - in code
  \`\`\`
- \`disks\` (config.Disks) - Disks.
- \`tag\` ([]{name string, value string}) - Tags.
- \`self\` (\\*Config) - Of its own kind.
${from("Build")}
- \`pull\` (boolean) - Pulls for the build.
${from("Disk")}
- \`size\` (\\*int64) - In GB.
${from("DatasourceOutput")}
- \`id\` (string) - What was found.

**Required**

- \`hand\` (string) - By hand.
- \`words\` that are no option (at all)
`;

test("options get what the page says, those of blocks what their struct says, and lists by hand count too", () => {
  const block: SpecType = { kind: "block", spec: spec({ pull: text }) };
  const documented = documentSpec(
    spec({
      image: text,
      pull: text,
      build: block,
      disks: { kind: "block-list", spec: spec({ size: text, other: text }) },
      self: { kind: "block", spec: spec({ image: text }) },
      hand: text,
      inner: text,
      fake: text,
      words: text,
      id: text,
    }),
    page,
  );
  const cases: readonly (readonly [string | undefined, readonly [string, ...string[]]])[] = [
    ["Where to begin. See images for more. Mind the version. Another paragraph \\@here. Listed as required.", ["image"]],
    ["Pulls it. Listed as required.", ["pull"]],
    ["How to build.", ["build"]],
    ["Pulls for the build.", ["build", "pull"]],
    ["Disks.", ["disks"]],
    ["In GB.", ["disks", "size"]],
    [undefined, ["disks", "other"]],
    ["By hand. Listed as required.", ["hand"]],
    [undefined, ["inner"]],
    [undefined, ["fake"]],
    [undefined, ["words"]],
    [undefined, ["id"]],
  ];
  for (const [expected, [name, ...inner]] of cases)
    assert.is(description(documented, name, ...inner), expected, [name, ...inner].join("."));
  assert.is(description(documentOutput(spec({ id: text, image: text }), page), "id"), "What was found.");
  assert.is(description(documentOutput(spec({ id: text, image: text }), page), "image"), undefined);
});

test("what the specification says itself stays, and nothing becomes required", () => {
  const own: ConfigSpec = {
    options: { image: { type: text, required: true, description: "Own." }, pull: { type: text, required: false } },
  };
  const { image, pull } = documentSpec(own, page).options;
  assert.equal(image, own.options.image);
  assert.is(pull?.required, false);
});

test("long texts end with a sentence, and pages without end are read in part", () => {
  const long = `- \`a\` (string) - ${"A sentence. ".repeat(100)}\n`;
  const [list] = readOptionLists(long);
  const words = list?.options[0]?.text ?? "";
  assert.ok(words.length <= 600 && words.endsWith("sentence."), words);
  const started = process.hrtime.bigint();
  const many = readOptionLists(long.repeat(5_000)).flatMap(({ options }) => options).length;
  assert.ok(many > 100 && many < 1_000, `${many} options`);
  // Text that would make a careless pattern go on for ever.
  for (const hostile of [
    "- `a` (".repeat(50_000),
    `- \`a\` (${"(".repeat(100_000)}`,
    `- \`a\` (string) ${"[".repeat(100_000)}`,
    "<".repeat(500_000),
  ]) {
    readOptionLists(hostile);
  }
  assert.ok(process.hrtime.bigint() - started < 20_000_000_000n);
});

test("the page of a component is found in either layout, with its partials", () => {
  const owner = { kind: "builder", type: "acme-ebs", inside: "ebs" } as const;
  const cases: readonly (readonly [{ readonly [path: string]: string }, string | undefined])[] = [
    [{ "docs/builders/ebs.mdx": "page", "docs/provisioners/ebs.mdx": "other", "docs/builders/ebsvolume.mdx": "other" }, "page"],
    [{ "docs/builders/acme-ebs.mdx": "page" }, "page"],
    [{ "x-1.0/docs/builders/ebs.mdx": "old", "x-1.0/.web-docs/components/builder/ebs/README.md": "page" }, "page"],
    [{ "docs/builders/ebs/index.mdx": "page", "docs/builders/ebs/a/index.mdx": "other" }, "page"],
    [
      {
        "x-1.0/docs/builders/ebs.mdx": "A\n@include 'builder/a.mdx'\n  @include \"none.mdx\"\nB",
        "x-1.0/docs-partials/builder/a.mdx": "one\n@include 'builder/a.mdx'",
      },
      "A\none\none\none\none\none\n\n\nB",
    ],
    [{ "docs-partials/builder/ebs.mdx": "part", "README.md": "other" }, undefined],
  ];
  for (const [files, expected] of cases) assert.is(findPage(new Map(Object.entries(files)), owner), expected);
  const data = { kind: "datasource", type: "acme", inside: undefined } as const;
  for (const path of ["docs/datasources/acme.mdx", "p/.web-docs/components/data-source/acme/README.md"]) {
    assert.is(findPage(new Map([[path, "page"]]), data), "page");
  }
});

test.run();
