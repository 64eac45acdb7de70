// The formatter of converted modules.
import { ts } from "ts-morph";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { formatSource } from "../../src/convert/format/format-source.ts";

const long = "a".repeat(60);

const cases: readonly { readonly name: string; readonly before: string; readonly after: string }[] = [
  {
    name: "calls keep an object's brackets, and break it where it does not fit",
    before: `const a = source("qemu", "a", { first: "${long}", second: "${long}" });`,
    after: `const a = source("qemu", "a", {\n  first: "${long}",\n  second: "${long}",\n});\n`,
  },
  {
    name: "an object that was opened stays open; a list is closed where it fits",
    before: "const a = {\nb: [\n1\n] };",
    after: "const a = {\n  b: [1],\n};\n",
  },
  {
    name: "several records in a list stand below each other",
    before: 'const a = [["b", "c"], ["d", "e"]];',
    after: 'const a = [\n  ["b", "c"],\n  ["d", "e"],\n];\n',
  },
  {
    name: "comments stay with what they are about, and a comma goes in front of them",
    before: "const a = [\n// one\n1, // behind\n\n2\n// last\n];\n\n// end",
    after: "const a = [\n  // one\n  1, // behind\n\n  2,\n  // last\n];\n\n// end\n",
  },
  {
    name: "conditionals break below their condition",
    before: `const a = condition ? "${long}" : other ? "${long}" : "";`,
    after: `const a = condition\n  ? "${long}"\n  : other\n    ? "${long}"\n    : "";\n`,
  },
  {
    name: "what a comparison decides starts a line of its own",
    before: `const a = os === "windows" ? "${long}" : "${long}";`,
    after: `const a =\n  os === "windows"\n    ? "${long}"\n    : "${long}";\n`,
  },
  {
    name: "so does a long fallback, but not one in brackets",
    before: `const a = given ?? (b ? "${long}" : "${long.slice(30)}");\nconst c = given ?? [\n"d", "e"];`,
    after: `const a =\n  given ?? (b ? "${long}" : "${long.slice(30)}");\n\nconst c = given ?? [\n  "d",\n  "e",\n];\n`,
  },
  {
    name: "a conditional needs no parentheses below its arrow",
    before: `const a = list.map((b) => (b ? "c" : "d"));\nconst e = list.map((b) => (b === "x" ? "${long}" : "${long}"));`,
    after: `const a = list.map((b) => (b ? "c" : "d"));\n\nconst e = list.map((b) =>\n  b === "x"\n    ? "${long}"\n    : "${long}");\n`,
  },
  {
    name: "a call that does not fit behind its arrow hangs below it",
    before: `const a = secret.map((${long}) => fn.templatefile(\`${long}\`, {\nb: 1 }));`,
    after: `const a = secret.map((${long}) =>\n  fn.templatefile(\`${long}\`, {\n    b: 1,\n  }));\n`,
  },
  {
    name: "a mark stays with what it marks",
    before: "const a = undefined as never /* TODO(tspack): b */;\nconst c = f(undefined as never /* TODO(tspack): d */, 1);",
    after: "const a = undefined as never /* TODO(tspack): b */;\nconst c = f(undefined as never /* TODO(tspack): d */, 1);\n",
  },
  {
    name: "chains of calls break at their points",
    before: `const a = Object.entries(b).sort(([c], [d]) => (c < d ? -1 : 1)).map(([key, value]) => ({ key, value, text: "${long}" }));`,
    after: `const a = Object.entries(b)\n  .sort(([c], [d]) => (c < d ? -1 : 1))\n  .map(([key, value]) => ({ key, value, text: "${long}" }));\n`,
  },
  {
    name: "lines of a template literal keep their own indentation",
    before: "const a = f({\nb: `one\n  two\n`,\n});",
    after: "const a = f({\n  b: `one\n  two\n`,\n});\n",
  },
  {
    name: "statements of several lines are set off, short ones keep the empty lines they have",
    before: "const a = 1;\nconst b = 2;\n\nconst c = 3;\nconst d = {\ne: 1 };\nconst f = 4;",
    after: "const a = 1;\nconst b = 2;\n\nconst c = 3;\n\nconst d = {\n  e: 1,\n};\n\nconst f = 4;\n",
  },
];

test("lays out code", () => {
  for (const { name, before, after } of cases) assert.is(formatSource(ts, before), after, name);
});

test("formatting again changes nothing", () => {
  for (const { name, after } of cases) assert.is(formatSource(ts, after), after, name);
});

test("says where text is no TypeScript", () => {
  assert.throws(() => formatSource(ts, "const a = ;\n"), /in line 1/);
});

test.run();
