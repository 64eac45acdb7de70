// What HCL expressions become in TypeScript: the text, its value, and that the compiler takes it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type Dependency, deferredOf, dependencyName } from "@tspack/core";
import { tmp } from "@tspack/test-support";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SourceText } from "../../../src/hcl/syntax/source-text.ts";
import type { Expression } from "../../../src/hcl/syntax/tree.ts";
import { evaluateAll, typeCheckAll } from "./generated.ts";
import { TestScope } from "./scope.ts";

const test = suite("convert: expressions");

const scope = new TestScope({
  name: { type: "string", value: "web" },
  os: { type: "string", value: "debian" },
  empty: { type: "string", value: "" },
  unset: { type: "string", value: null },
  limit: { type: "number", value: null },
  settings: { type: "object({a=string})", value: null },
  members: { type: "list(string)", value: null },
  count: { type: "number", value: 3 },
  port: { type: "string", value: "8080" },
  headless: { type: "bool", value: true },
  list: { type: "list(string)", value: ["a", "b"] },
  nums: { type: "list(number)", value: [1, 2] },
  tags: { type: "map(string)", value: { os: "debian", arch: "arm" } },
  zones: { type: "set(string)", value: ["x", "y"] },
  disk: { type: "object({size=number,name=string})", value: { size: 10, name: "root" } },
  disks: {
    type: "list(object({size=number,name=string}))",
    value: [
      { size: 10, name: "root" },
      { size: 5, name: "swap" },
    ],
  },
  images: {
    type: "object({debian=object({amd64=string}),ubuntu=object({amd64=string,arm64=string})})",
    value: { debian: { amd64: "d" }, ubuntu: { amd64: "u", arm64: "v" } },
    isConst: true,
  },
  flavor: { type: "string", value: "small", isConst: true },
  anything: { type: "any", value: { a: 1, "b-c": null } },
  ami: { type: "any", value: { id: "ami-1", names: ["a", "b"], body: '{"tag_name":"v1"}' }, isRef: true },
  token: { type: "string", value: "s3", isRef: true },
});

/** Pairs of lines: an expression, and indented what it becomes. */
const rows: readonly (readonly [hcl: string, typescript: string])[] = readFileSync(
  new URL("fixtures/expressions.txt", import.meta.url),
  "utf8",
)
  .split("\n")
  .flatMap((line, index, lines) => (line.startsWith("\t") ? [[lines[index - 1] ?? "", line.slice(1)] as const] : []));

test("they read as if written by hand", () => {
  const wrong = rows.filter(([hcl, typescript]) => scope.convert(hcl).code.text !== typescript);
  assert.equal(
    wrong.map(([hcl]) => [hcl, scope.convert(hcl).code.text]),
    wrong,
  );
});

test("they have the value that HCL gives", () => {
  const results = evaluateAll(
    rows.map(([hcl]) => scope.convert(hcl).code.text),
    scope.bindings(),
  );
  const wrong = rows.flatMap(([hcl], index) => {
    const [actual, expected] = [outcome(() => scope.settled(results[index])), outcome(() => scope.evaluate(hcl))];
    return isDeepStrictEqual(actual, expected) ? [] : [{ hcl, actual, expected }];
  });
  assert.equal(wrong, []);
});

test("they wait for what HCL waits for, at the same places", () => {
  const later = rows.filter(([hcl]) => /\b(ami|token)\b/.test(hcl));
  const results = evaluateAll(
    later.map(([hcl]) => scope.convert(hcl).code.text),
    scope.bindings(),
  );
  const wrong = later.flatMap(([hcl, text], index) => {
    const [actual, expected] = [canonical(results[index]), outcome(() => canonical(scope.programValue(hcl)))];
    return isDeepStrictEqual(actual, expected) ? [] : [{ hcl, text, actual, expected }];
  });
  assert.equal(wrong, []);
});

test("they pass the strict type check", async () => {
  // Null is an error in all of these: the compiler must not see it first.
  const nulls = [
    "upper(unset)",
    `"\${unset}-\${token}"`,
    `"\${unset}-x"`,
    "limit + 1",
    "limit > 2",
    "settings.a",
    "join(name, members)",
    "members[0]",
  ];
  const more = [
    "length(members)",
    "[for n in members : upper(n)]",
    "members[*]",
    "settings[*].a",
    "max(limit, 1)",
    "split(unset, name)",
    "-limit",
  ];
  const texts = [...rows.map(([hcl]) => hcl), ...nulls, ...more].map((hcl) => scope.convert(hcl).code.text);
  // The compiler would take `flavor` for the one text that it holds: the module is told to say its type.
  assert.equal(scope.convert('flavor == "large"').widened, ["flavor"]);
  const declarations = scope.declarations().replace("const flavor =", "const flavor: string =");
  assert.equal(await typeCheckAll(join(tmp(), "check"), texts, declarations), []);
});

test("they import what they use, and nothing else", () => {
  const used = (hcl: string): readonly string[] => scope.convert(hcl).imports.declarations();
  assert.equal(used("upper(name)"), []);
  assert.equal(used(`"\${token}-\${timestamp()}"`), ['import { fn, t } from "tspack";']);
  assert.equal(used("disk == disk"), ['import { isDeepStrictEqual } from "node:util";']);
  assert.equal(used("concat(list, [for k, v in tags : v], [for k, v in tags : k if v != name])"), [
    'import { entries, fn } from "tspack";',
  ]);
  for (const [hcl, text] of rows) {
    const written = ["all", "at", "entries", "fn", "t"].filter((name) => new RegExp(`(^|[^\\w$.]|\\.{3})${name}[(.\`]`).test(text));
    assert.equal(scope.convert(hcl).imports.of("tspack"), written, hcl);
  }
  // The index is looked at, and not needed.
  assert.equal(used('lookup(disk, "other", "none")'), []);
});

test("services are awaited; in functions, where nothing can be, they become constants; the environment is read", () => {
  const text = (hcl: string, constants?: Map<string, string>): string => scope.convert(hcl, "expr", constants).code.text;
  assert.is(text('vault("secret/data/x", "key")'), 'await fn.vault("secret/data/x", "key")');
  assert.is(text(`"pw=\${vault("a", "b")}"`), `t\`pw=\${await fn.vault("a", "b")}\``);
  assert.is(text('upper(consul_key("a"))'), '(await fn.consul_key("a")).map((value) => value.toUpperCase())');
  const constants = new Map<string, string>();
  assert.is(text('upper(consul_key("a"))', constants), "consul_key1.map((value) => value.toUpperCase())");
  assert.equal([...constants.keys()], ['await fn.consul_key("a")']);
  assert.is(text('env("EDITOR")'), 'process.env.EDITOR ?? ""');
  assert.is(text('upper(env("EDITOR"))'), '(process.env.EDITOR ?? "").toUpperCase()');
});

test("comments, line breaks and blank lines of lists and objects stay", () => {
  const hcl = `[
  # first
  "a", // behind a

  /* both
     lines */
  { # not kept apart from b
    b = 1
    # last
  },
  # end
]`;
  const { text } = scope.convert(hcl).code;
  assert.match(text, '  // first\n  "a", // behind a\n\n  /* both\n');
  assert.match(text, "    b: 1,\n    // last\n  },\n  // end\n]");
});

test("heredocs are template literals, whose lines are not indented", () => {
  const hcl = `{
  a = [
    <<-EOT
      #!/bin/sh
        echo \`hi\` $\${HOME} \${name}
    EOT
  ]
}`;
  const { text } = scope.convert(hcl).code;
  assert.match(
    text,
    `\`#!/bin/sh
  echo \\\`hi\\\` \\\${HOME} \${name}
\``,
  );
  const [value] = evaluateAll([text], scope.bindings());
  assert.equal(value, scope.evaluate(hcl));
});

test("what cannot be expressed is marked with the original, told once, and type-checks", async () => {
  const cases = [
    "upper(nope)",
    "tostring(count)",
    "[nope, name]",
    "{ a = nope.b }",
    "headless ? nope : name",
    "[for x in list : nope]",
    `"a\${nope}"`,
  ];
  const converted = cases.map((hcl) => scope.convert(hcl));
  assert.equal(
    converted.map(({ code }) => code.text),
    [
      "undefined as never /* TODO(tspack): upper(nope) */",
      "undefined as never /* TODO(tspack): tostring(count) */",
      "[undefined as never /* TODO(tspack): nope */, name]",
      "{ a: undefined as never /* TODO(tspack): nope.b */ }",
      "headless ? undefined as never /* TODO(tspack): nope */ : name",
      "undefined as never /* TODO(tspack): [for x in list : nope] */",
      `undefined as never /* TODO(tspack): "a\${nope}" */`,
    ],
  );
  for (const { notes } of converted) assert.is(notes.length, 1);
  assert.equal(
    await typeCheckAll(
      join(tmp(), "check"),
      converted.map(({ code }) => code.text),
      scope.declarations(),
    ),
    [],
  );
});

test("expressions that nest deeply are converted, and what no parser lets through is marked: the stack holds", () => {
  for (const hcl of [`${"!".repeat(490)}headless`, `${"[".repeat(240)}name${"]".repeat(240)}`, Array(490).fill("count").join(" + ")]) {
    assert.equal(scope.convert(hcl).notes, []);
  }
  const source = new SourceText("test.hcl", "deep");
  let tree: Expression = { kind: "bool", value: true, source, start: 0, end: 4 };
  for (let level = 0; level < 50_000; level++) tree = { kind: "unary", operator: "!", operand: tree, source, start: 0, end: 4 };
  const { code, notes } = scope.convertTree(tree);
  assert.is(code.text, "undefined as never /* TODO(tspack): deep */");
  assert.is(notes.length, 1);
});

test("nested conditionals, tries and loops take time in proportion to their number", () => {
  let conditional = "name";
  let attempt = "name";
  let merged = "{ a = token }";
  for (let level = 0; level < 40; level++) {
    conditional = `headless ? ${conditional} : ${level}`;
    attempt = `try(upper(${attempt}), lower(name))`;
    merged = `merge(tags, ${merged})`;
  }
  for (const hcl of [conditional, attempt, merged]) assert.ok(scope.convert(hcl).code.text.length > 100);
});

/** A value of the Program as `inspect --json` has it: for what is known later, what it waits for and a sample. */
function canonical(value: unknown): unknown {
  const deferred = deferredOf(value);
  if (deferred !== undefined) {
    const probes = { value: (dependency: Dependency) => `<${dependencyName(dependency)}>` };
    const sample = outcome(() => canonical(deferred.evaluate(probes)), "<no sample>");
    return deferred.waitsFor.length === 0 ? sample : { waits: [...new Set(deferred.waitsFor.map(dependencyName))].sort(), sample };
  }
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== "object" || value === null) return value ?? null;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, canonical(item)]));
}

function outcome(evaluate: () => unknown, failure?: string): unknown {
  try {
    return nulls(evaluate());
  } catch (error) {
    return failure ?? String(error);
  }
}

/** null and undefined are one: HCL's null. */
function nulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(nulls);
  if (value instanceof Error) throw value;
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, nulls(item)]));
  return value ?? null;
}

test.run();
