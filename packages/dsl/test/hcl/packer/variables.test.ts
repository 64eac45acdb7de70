import { test } from "uvu";
import * as assert from "uvu/assert";
import type { LoadOptions } from "../../../src/load/options.ts";
import { type Files, loadFiles, loadTemplate, programOf, rendered, templateFolder, told } from "./loading-hcl.ts";

const build = 'source "null" "one" {}\nbuild {\n  sources = ["null.one"]\n}\n';

async function valuesOf(files: Files, options: LoadOptions = {}): Promise<{ readonly [name: string]: unknown }> {
  const { variables } = await programOf(files, options);
  return Object.fromEntries(variables.map(({ name, value }) => [name, value]));
}

test("values are taken from the default, the environment, auto files, named files and arguments, the last one winning", async () => {
  const names = ["a", "b", "c", "d", "e", "f"];
  const set = (value: string, from: number): string =>
    names
      .slice(from)
      .map((name) => `${name} = "${value}"\n`)
      .join("");
  const json = (value: string, from: number): string => JSON.stringify(Object.fromEntries(names.slice(from).map((name) => [name, value])));
  const folder = templateFolder({
    "template.pkr.hcl": names.map((name) => `variable "${name}" {\n  default = "default"\n}\n`).join(""),
    "z.auto.pkrvars.hcl": set("auto hcl", 2),
    "a.auto.pkrvars.json": json("auto json", 3),
    "named.json": json("named json", 4),
    "named.pkrvars.hcl": set("named hcl", 5),
  });
  const options: LoadOptions = {
    workingDirectory: folder,
    environment: Object.fromEntries(names.slice(1).map((name) => [`PKR_VAR_${name}`, "environment"])),
    variableFiles: ["named.json", "named.pkrvars.hcl"],
  };
  const { loadHcl } = await import("../../../src/hcl/packer/load.ts");
  const of = (program: Awaited<ReturnType<typeof loadHcl>>["program"]): unknown => program?.variables.map(({ value }) => value);
  const expected = ["default", "environment", "auto hcl", "auto json", "named json", "named hcl"];
  assert.equal(of((await loadHcl(".", options)).program), expected);
  assert.equal(of((await loadHcl(".", { ...options, variables: { a: "argument", f: "argument" } })).program), [
    "argument",
    ...expected.slice(1, 5),
    "argument",
  ]);
  // Of a single file the auto files beside it are not read (rows FIL-01, MISS-01).
  assert.equal(of((await loadTemplate(folder, options)).program), [
    "default",
    "environment",
    "environment",
    "environment",
    "named json",
    "named hcl",
  ]);
});

test("text is taken literally for text, numbers and untyped variables, and read as an expression for all else", async () => {
  const template = `
variable "text" { type = string }
variable "number" { type = number }
variable "untyped" {}
variable "flag" { type = bool }
variable "list" { type = list(string) }
variable "map" { type = map(number) }
variable "object" {
  type = object({ a = string, b = optional(number, 7), c = optional(bool) })
}
variable "follows" { default = 1 }
variables {
  short = "x"
}
`;
  const variables = {
    text: '"quoted"',
    number: "12.5",
    untyped: "[1]",
    flag: "true",
    list: '["a", 1]',
    map: "{ x = 1 }",
    object: '{ a = "1" }',
    follows: "2",
    short: "y",
  };
  const expected = {
    text: '"quoted"',
    number: 12.5,
    untyped: "[1]",
    flag: true,
    list: ["a", "1"],
    map: { x: 1 },
    object: { a: "1", b: 7, c: null },
    follows: 2,
    short: "y",
  };
  assert.equal(await valuesOf(template, { variables }), expected);
  const environment = Object.fromEntries(Object.entries(variables).map(([name, text]) => [`PKR_VAR_${name}`, text]));
  assert.equal(await valuesOf(template, { environment }), expected);
});

test("a default may call env and nothing else", async () => {
  const template = 'variable "home" {\n  default = env("HOME")\n}\nvariable "none" {\n  default = env("MISSING")\n}\n';
  assert.equal(await valuesOf(template, { environment: { HOME: "/root" } }), { home: "/root", none: "" });
  const { diagnostics } = await loadFiles('variable "a" {\n  default = upper("x")\n}\nlocals {\n  b = env("HOME")\n}\n');
  const [first = "", second = ""] = told(diagnostics);
  assert.match(first, /^error TPK2102 template\.pkr\.hcl:2,13 .*only env\(\) can be called/);
  assert.match(second, /^error TPK2102 template\.pkr\.hcl:5,7 .*env\(\) can be called only in the default of a variable/);
});

test("all that is wrong with variables is told at once", async () => {
  const template = `
variable "one" {}
variable "two" {}
variable "size" {
  type = number
  default = "big"
}
variable "what" { type = strin }
variable "bare" { type = list }
variable "flag" { type = bool }
variable "null" { default = null }
`;
  const { diagnostics, program } = await loadFiles(template, { variables: { flag: "maybe", sise: "1" } });
  assert.is(program, undefined);
  const lines = told(diagnostics);
  assert.match(lines.join("\n"), /TPK1102 Undeclared variable\. A value is given for the variable "sise" by -var.* Did you mean "size"\?/);
  assert.match(lines.join("\n"), /:2,10 No value for variable\. The variable "one" has no value\. Set it with -var 'one=…'/);
  assert.match(lines.join("\n"), /:3,10 No value for variable\. The variable "two"/);
  assert.match(
    lines.join("\n"),
    /TPK2204 template\.pkr\.hcl:6,13 Invalid default value for variable\. The default of "size" does not fit its type number/,
  );
  assert.match(lines.join("\n"), /TPK2204 template\.pkr\.hcl:8,26 .*Did you mean "string"\?/);
  assert.match(lines.join("\n"), /TPK2204 template\.pkr\.hcl:9,26 .*list\(string\)/);
  assert.match(
    lines.join("\n"),
    /TPK1103 template\.pkr\.hcl:10,10 Invalid value for cmd variable\. The value of "flag" from -var does not fit/,
  );
  assert.not.match(lines.join("\n"), /"null"/, "null is a value");
});

test("validation rules see their own variable, and say where a refused value is from", async () => {
  const template = `
variable "name" {
  default = "ab"
  validation {
    condition     = length(var.name) > 2
    error_message = "The name must be longer."
  }
  validation {
    condition     = can(regex("^[a-z]+$", var.name))
    error_message = "Only letters are allowed?"
  }
}
`;
  const refused = async (options: LoadOptions = {}): Promise<readonly string[]> => told((await loadFiles(template, options)).diagnostics);
  assert.equal(await refused(), ["error TPK1103 template.pkr.hcl:3,13 Invalid value for default variable. The name must be longer."]);
  assert.equal(await refused({ variables: { name: "A1" } }), [
    "error TPK1103 template.pkr.hcl:2,10 Invalid value for cmd variable. The name must be longer.",
    "error TPK1103 template.pkr.hcl:2,10 Invalid value for cmd variable. Only letters are allowed?",
  ]);
  assert.match((await refused({ environment: { PKR_VAR_name: "a" } })).join(), /Invalid value for env variable/);
  assert.equal(await refused({ variables: { name: "abc" } }), []);

  const wrong = `
variable "a" {
  default = 1
  validation {
    condition     = var.b > 0
    error_message = "It is wrong."
  }
  validation {
    condition     = true
    error_message = "It is wrong."
  }
  validation {
    condition     = var.a > 0
    error_message = "not a sentence"
  }
  validation {
    condition = var.a > 0
  }
}
`;
  const { diagnostics } = await loadFiles(wrong);
  assert.match(told(diagnostics).join("\n"), /:14,21 Invalid validation error message.*:16,3 Missing required argument/s);
  const rest = wrong.slice(0, wrong.indexOf("  validation {\n    condition     = var.a")).concat("}\n");
  assert.equal(told((await loadFiles(rest)).diagnostics), [
    "error TPK2204 template.pkr.hcl:5,21 Invalid reference in variable validation. The condition may refer only to its own variable, var.a.",
    "error TPK2204 template.pkr.hcl:9,21 Invalid variable validation condition. The condition must refer to var.a: otherwise it says nothing about the value.",
  ]);
});

test("what is sensitive is a secret wherever it goes, also in messages", async () => {
  const template = `
variable "password" {
  default   = "hunter2"
  sensitive = true
}
local "derived" {
  expression = "x\${upper("pass")}"
  sensitive  = true
}
locals {
  line = "login \${var.password}"
}
${build.replace("{}", '{\n  ssh_password = local.line\n  ssh_username = "root"\n}')}`;
  const program = await programOf(template);
  assert.equal([...program.secrets].sort(), ["hunter2", "xPASS"]);
  const { canonicalProgram } = await import("@tspack/core");
  const text = JSON.stringify(await canonicalProgram(program));
  assert.not.match(text, /hunter2/);
  assert.match(text, /"ssh_password":"login <sensitive>"/);
  assert.match(text, /"value":"<sensitive>"/);

  const { diagnostics } = await loadFiles(template, { variableFiles: ["absent.pkrvars.hcl"] });
  assert.match(rendered(diagnostics), /absent\.pkrvars\.hcl could not be read: it does not exist/);
  const wrong = await loadFiles('variable "n" {\n  type = number\n  default = "hunter2"\n  sensitive = true\n}\n', {
    variables: { n: "hunter3" },
  });
  assert.not.match(JSON.stringify(wrong.diagnostics), /hunter3/);
});

test("variable files: undeclared names are passed over or warned about, declarations there are refused", async () => {
  const files = {
    "template.pkr.hcl": `variable "region" {\n  default = "a"\n}\n${build}`,
    "x.pkrvars.hcl": 'regoin = "b"\n',
    "y.pkrvars.hcl": 'variable "region" {}\n',
  };
  assert.equal((await loadFiles(files, { variableFiles: ["x.pkrvars.hcl"] })).diagnostics, []);
  const warned = await loadFiles(files, { variableFiles: ["x.pkrvars.hcl"], undeclared: "warn" });
  assert.ok(warned.program);
  assert.match(
    told(warned.diagnostics).join(),
    /^warning TPK1102 x\.pkrvars\.hcl:1,1 .*"regoin", which x\.pkrvars\.hcl sets.* Did you mean "region"\?$/,
  );
  const refused = await loadFiles(files, { variableFiles: ["y.pkrvars.hcl"] });
  assert.match(told(refused.diagnostics).join(), /TPK1104 .*a variable is declared in a variable file/);
});

test.run();
