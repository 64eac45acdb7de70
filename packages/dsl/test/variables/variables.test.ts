import { join } from "node:path";
import type { Diagnostic } from "@tspack/core";
import { type LoadOptions, load } from "@tspack/dsl";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { addFiles, programFolder } from "../load/program-folder.ts";

/** A program that declares these variables and nothing of interest besides. */
function declaring(...variables: string[]): string {
  return `import { build, source, variable } from "tspack";
import * as z from "zod";
${variables.map((text) => `variable(${text});`).join("\n")}
export default build({ sources: [source("null", "one", {})] });`;
}

async function valuesOf(folder: string, options: LoadOptions = {}): Promise<{ readonly [name: string]: unknown }> {
  const { program, diagnostics } = await load(folder, options);
  assert.equal(diagnostics, []);
  return Object.fromEntries((program?.variables ?? []).map(({ name, value }) => [name, value]));
}

async function problemsOf(folder: string, options: LoadOptions = {}): Promise<readonly Diagnostic[]> {
  return (await load(folder, { workingDirectory: folder, ...options })).diagnostics;
}

function texts(diagnostics: readonly Diagnostic[]): string[] {
  return diagnostics.map(({ severity, code, detail, hint }) => `${severity} ${code} ${detail}${hint === undefined ? "" : ` ${hint}`}`);
}

test("default < environment < auto JSON in order of names < auto TypeScript < -var-file in order < -var", async () => {
  const names = ["a", "b", "c", "d", "e", "f", "g"];
  const folder = programFolder({ "image.ts": declaring(...names.map((name) => `"${name}", { default: "default" }`)) });
  const setAll = (value: string, from: number): string =>
    JSON.stringify(Object.fromEntries(names.slice(from).map((name) => [name, value])));
  addFiles(folder, {
    "one.auto.pkrvars.json": setAll("auto one", 2),
    "two.auto.pkrvars.json": setAll("auto two", 3),
    "auto.pkrvars.json": setAll("not an auto file", 0),
    "a.auto.pkrvars.ts": `export default ${setAll("auto ts", 4)};`,
    "files/one.json": setAll("file one", 5),
    "files/two.json": setAll("file two", 6),
  });
  const environment = Object.fromEntries(names.slice(1).map((name) => [`PKR_VAR_${name}`, "environment"]));
  const options = { environment, variableFiles: ["files/one.json", "files/two.json"], workingDirectory: folder };
  const expected = { a: "default", b: "environment", c: "auto one", d: "auto two", e: "auto ts", f: "file one", g: "file two" };
  assert.equal(await valuesOf(folder, options), expected);
  assert.equal(await valuesOf(folder, { ...options, variables: { a: "argument", g: "argument" } }), {
    ...expected,
    a: "argument",
    g: "argument",
  });
  // For a file as for its folder: differs from Packer (row FIL-01) on purpose.
  assert.equal(await valuesOf(join(folder, "image.ts"), options), expected);
  assert.equal(await valuesOf(folder, { autoVariableFiles: false }), Object.fromEntries(names.map((name) => [name, "default"])));
});

test("text is converted by the default's type or by the schema; typed values come from files and from scripts", async () => {
  const folder = programFolder({
    "image.ts": declaring(
      '"count", { default: 1 }',
      '"flag", { default: false }',
      '"list", { default: ["a"] }',
      '"size", z.coerce.number()',
      '"text"',
    ),
    "values.json": '{ "//": "a comment", "count": 2, "flag": true, "list": ["b", "c"], "size": 3, "text": "t" }',
  });
  const expected = { count: 2, flag: true, list: ["b", "c"], size: 3, text: "t" };
  assert.equal(await valuesOf(folder, { variables: { count: "2", flag: "true", list: '["b", "c"]', size: "3", text: "t" } }), expected);
  assert.equal(await valuesOf(folder, { variables: { count: 2, flag: true, list: ["b", "c"], size: 3, text: "t" } }), expected);
  assert.equal(await valuesOf(folder, { variableFiles: ["values.json"], workingDirectory: folder, undeclared: "warn" }), expected);
});

test("a TypeScript variable file may import, compute and await; it is watched but never cached", async () => {
  const folder = programFolder({
    "image.ts": declaring('"release"', '"where"'),
    "values/prod.ts": `import { base } from "./base.ts";
const values: { [name: string]: string } = { release: await Promise.resolve(base), where: import.meta.dirname };
export default values;`,
    "values/base.ts": 'export const base = "trixie";',
  });
  const loaded = await load(folder, { variableFiles: [join(folder, "values/prod.ts")] });
  assert.equal(
    loaded.program?.variables.map(({ value }) => value),
    ["trixie", join(folder, "values")],
  );
  assert.equal(loaded.dependencies.map((path) => path.slice(folder.length + 1)).sort(), ["image.ts", "values/base.ts", "values/prod.ts"]);
  const { existsSync } = await import("node:fs");
  assert.not(existsSync(join(folder, "values/.tspack")));
});

test("an unknown name: -var is an error with a suggestion, a file is silent or warns, the environment is ignored", async () => {
  const folder = programFolder({
    "image.ts": declaring('"release", { default: "x" }'),
    "more.auto.pkrvars.json": '{ "releese": "y", "other": 1 }',
  });
  assert.equal(texts(await problemsOf(folder, { environment: { PKR_VAR_nothing: "z" } })), []);
  assert.equal(texts(await problemsOf(folder, { undeclared: "warn" })), [
    'warning TPK1102 The program declares no variable "releese", which more.auto.pkrvars.json sets. Did you mean "release"?',
    'warning TPK1102 The program declares no variable "other", which more.auto.pkrvars.json sets. It declares: release.',
  ]);
  assert.equal(texts(await problemsOf(folder, { variables: { relase: "y" } })), [
    'error TPK1102 The program declares no variable "relase", which -var sets. Did you mean "release"?',
  ]);
  const warned = await load(folder, { undeclared: "warn" });
  assert.ok(warned.program, "a warning stops nothing");
});

test("all missing and unfit variables are told at once", async () => {
  const folder = programFolder({ "image.ts": declaring('"one"', '"two"', '"three", { default: 3 }', '"four", z.enum(["a", "b"])') });
  const found = await problemsOf(folder, { variables: { three: "many", four: "c" } });
  assert.equal(
    found.map(({ code, subject }) => `${code} ${subject?.start.line}`),
    ["TPK1101 3", "TPK1101 4", "TPK1103 5", "TPK1103 6"],
  );
});

test("a value that does not fit is not shown when the variable is sensitive", async () => {
  const folder = programFolder({
    "image.ts": declaring('"pin", { default: 1, sensitive: true }', '"key", { schema: z.enum(["x"]), sensitive: true }'),
    "secret.json": '{ "pin": "hunter2" }',
  });
  const found = await problemsOf(folder, { variableFiles: ["secret.json"], variables: { key: "hunter3" } });
  assert.equal(
    found.map(({ code }) => code),
    ["TPK1103", "TPK1103"],
  );
  assert.not.match(JSON.stringify(found), /hunter/);
});

test("a variable file that cannot be read says which and what to do, and quotes nothing of it", async () => {
  const folder = programFolder({
    "image.ts": declaring('"token", { default: "" }'),
    "broken.json": '{\n  "token": "hunter2" "x"\n}',
    "list.json": '["hunter2"]',
    "broken.pkrvars.hcl": 'token = "hunter2" "x"\n',
    "call.pkrvars.hcl": 'other = 1\ntoken = upper("hunter2")\n',
    "block.pkrvars.hcl": 'variable "token" {\n  default = "hunter2"\n}\n',
    "values.yaml": "token: hunter2",
    "syntax.ts": 'export default { token: "hunter2" "x" };',
    "throws.ts": 'const token = "hunter2";\nthrow new Error("not today");',
    "nothing.ts": 'export const token = "hunter2";',
    "folder.json/x": "",
  });
  const problem = async (file: string): Promise<string> => {
    const found = await problemsOf(folder, { variableFiles: [file] });
    assert.is(found.length, 1);
    assert.is(found[0]?.severity, "error");
    assert.is(found[0]?.subject, undefined, "a code frame would show values");
    assert.not.match(JSON.stringify(found), /hunter/);
    return texts(found)[0] ?? "";
  };
  assert.match(await problem("broken.json"), /TPK1104 broken\.json is not valid JSON/);
  assert.match(await problem("list.json"), /TPK1104 list\.json does not hold an object of values\. Write: \{ "release"/);
  assert.match(await problem("broken.pkrvars.hcl"), /TPK1104 broken\.pkrvars\.hcl line 1, column 19: /);
  assert.match(await problem("call.pkrvars.hcl"), /TPK1104 call\.pkrvars\.hcl line 2, column 9: .* its values are constants/);
  assert.match(
    await problem("block.pkrvars.hcl"),
    /block\.pkrvars\.hcl line 1: a variable is declared in a variable file.* token = "value"/,
  );
  assert.match(await problem("values.yaml"), /neither HCL nor JSON nor TypeScript\. Variable files end in \.hcl, \.json or \.ts/);
  assert.match(await problem("absent.json"), /absent\.json could not be read: it does not exist/);
  assert.match(await problem("folder.json"), /it is a folder/);
  assert.match(await problem("syntax.ts"), /TPK1104 syntax\.ts line 1: /);
  assert.match(await problem("throws.ts"), /TPK1104 throws\.ts line 2: Error: not today/);
  assert.match(await problem("nothing.ts"), /The default export of nothing\.ts is not an object of values/);
});

test("variable files may be HCL: constants, as typed values; auto files are weaker than those in JSON", async () => {
  const folder = programFolder({
    "image.ts": declaring('"count", { default: 1 }', '"list", { default: ["a"] }', '"text"', '"both"'),
    "a.auto.pkrvars.hcl": '# two of them\ncount = 2\nboth  = "hcl"\n',
    "a.auto.pkrvars.json": '{"both": "json"}',
    "values.pkrvars.hcl": 'list = ["b", "c"]\ntext = <<EOT\ntwo\nlines\nEOT\n',
  });
  const options = { variableFiles: ["values.pkrvars.hcl"], workingDirectory: folder };
  assert.equal(await valuesOf(folder, options), { count: 2, list: ["b", "c"], text: "two\nlines\n", both: "json" });
});

test("a file beside the program that was looked for in the working directory is told, and missing values are not", async () => {
  const folder = programFolder({ "web/image.ts": declaring('"release"'), "web/prod.json": '{ "release": "trixie" }' });
  const { program, diagnostics } = await load("web", { workingDirectory: folder, variableFiles: ["prod.json"] });
  assert.is(program, undefined);
  assert.equal(texts(diagnostics), [
    "error TPK1104 prod.json could not be read: it does not exist. It stands beside the program, but paths start in the working directory: -var-file=web/prod.json",
  ]);
});

test.run();
