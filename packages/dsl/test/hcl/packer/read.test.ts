import { chmodSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Configuration } from "../../../src/hcl/packer/declarations.ts";
import { readConfiguration } from "../../../src/hcl/packer/read.ts";
import { type Files, templateFolder, told } from "./loading-hcl.ts";

function read(files: Files, path = "."): Configuration {
  return readConfiguration(path, { workingDirectory: templateFolder(files) });
}

function problems(files: Files): readonly string[] {
  return told(read(files).diagnostics);
}

test("a folder is all its HCL templates by name, then those in JSON, and nothing below it", () => {
  const configuration = read({
    "b.pkr.hcl": 'variable "b" {}\n',
    "a.pkr.json": JSON.stringify({
      variable: { j: { default: "x" } },
      locals: { l: `a-\${var.b}` },
      source: { null: { json: { communicator: "none" } } },
      build: { sources: ["source.null.json"], provisioner: [{ shell: { inline: ["a"] } }, { file: { source: "s" } }] },
    }),
    "a.pkr.hcl": 'variable "a" {}\n',
    "x.pkrvars.hcl": 'a = "1"\n',
    "y.pkrtpl.hcl": "${nothing",
    "sub/c.pkr.hcl": 'variable "c" {}\n',
    "folder.pkr.hcl/d.pkr.hcl": 'variable "d" {}\n',
  });
  assert.equal(told(configuration.diagnostics), []);
  assert.equal(
    configuration.variables.map(({ name }) => name),
    ["a", "b", "j"],
  );
  assert.equal(
    configuration.files.map(({ source }) => source.file),
    ["a.pkr.hcl", "b.pkr.hcl", "a.pkr.json"],
  );
  assert.equal(
    configuration.builds[0]?.blocks.map(({ type, labels }) => [type, ...labels.map(({ text }) => text)]),
    [
      ["provisioner", "shell"],
      ["provisioner", "file"],
    ],
  );
  assert.is(configuration.isFolder, true);
  const single = read({ "sub/b.pkr.hcl": "", "sub/a.pkr.hcl": 'variable "a" {}\n' }, "./sub/b.pkr.hcl");
  assert.equal([single.variables.length, single.isFolder, single.givenRoot], [0, false, "sub"]);
});

test("path.root is the folder as it was named, or that of the file in its shortest form, as in Packer", () => {
  const files = { "a.pkr.hcl": "", "sub/a.pkr.hcl": "" };
  const roots = { "a.pkr.hcl": ".", ".": ".", "./sub": "./sub", "sub/": "sub/", "sub/a.pkr.hcl": "sub", "./sub/a.pkr.hcl": "sub" };
  for (const [path, root] of Object.entries(roots)) assert.is(read(files, path).givenRoot, root, path);
});

test("what cannot be read is told, whatever else there is", () => {
  assert.match(problems({ "main.hcl": "" }).join(), /TPK2002 .*templates end in \.pkr\.hcl or \.pkr\.json\. Is main\.hcl one\?/);
  assert.match(
    told(readConfiguration("absent", { workingDirectory: templateFolder({}) }).diagnostics).join(),
    /absent could not be read: it does not exist/,
  );
  assert.match(told(readConfiguration("/dev/null", { workingDirectory: "/" }).diagnostics).join(), /neither a file nor a folder/);
  const folder = templateFolder({ "good.pkr.hcl": 'variable "a" {}\nvarible "b" {}\n' });
  symlinkSync("loop.pkr.hcl", join(folder, "loop.pkr.hcl"));
  writeFileSync(join(folder, "binary.pkr.hcl"), Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2]));
  writeFileSync(join(folder, "latin.pkr.hcl"), Buffer.from([0x61, 0x20, 0x3d, 0x20, 0x22, 0xe9, 0x22]));
  symlinkSync("/dev/zero", join(folder, "endless.pkr.hcl"));
  const lines = told(readConfiguration(".", { workingDirectory: folder }).diagnostics).join("\n");
  assert.match(lines, /loop\.pkr\.hcl could not be read: symbolic links lead in a circle/);
  assert.match(lines, /binary\.pkr\.hcl:1,1 Not a text file/);
  assert.match(lines, /latin\.pkr\.hcl:1,/);
  assert.match(lines, /endless\.pkr\.hcl could not be read: it is a pipe or a device/);
});

test("a file or folder without permission is told", (context) => {
  void context;
  const folder = templateFolder({ "a.pkr.hcl": "" });
  chmodSync(join(folder, "a.pkr.hcl"), 0);
  // The superuser reads it all the same.
  const expected = process.getuid?.() === 0 ? /^$/ : /a\.pkr\.hcl could not be read: permission denied/;
  assert.match(told(readConfiguration(".", { workingDirectory: folder }).diagnostics).join(), expected);
});

const shapes: readonly (readonly [template: string, message: RegExp])[] = [
  [
    "a = 1\n",
    /TPK2201 .*:1,1 Unsupported argument\. An argument named "a" is not expected here\. At the top of a template stand: packer, variable/,
  ],
  ["locals = {}\n", /Did you mean to define a block\? Then leave out the equals sign: locals \{ … \}/],
  ["variable {}\n", /TPK2201 .*:1,1 Missing name for variable\..* Write: variable "NAME" \{ … \}/],
  ['variable "a" "b" {}\n', /:1,14 Extraneous label for variable\. A variable block has only 1 \(name\)\./],
  ['source "null" {}\n', /Missing name for source\. A source block has 2 labels \(type, name\), and this one has 1\./],
  ['variable "1a" {}\n', /:1,10 Invalid name\. "1a" is no name for a variable: it must start with a letter or an underscore/],
  ['variable "a" {\n  type {}\n}\n', /Did you mean to define an argument\? Then write an equals sign: type = …/],
  ['local "a" {\n  sensitive = true\n}\n', /:1,1 Missing required argument\. The argument "expression" is required/],
  ['local "a" {\n  expression = 1\n  sensitive  = var.x\n}\n', /:3,16 Not a constant\. sensitive must be true or false/],
  ['build {\n  provisoner "shell" {}\n}\n', /:2,3 Unsupported block type\. .* Did you mean "provisioner"\?/],
  ['build {\n  post-processors {\n    provisioner "x" {}\n  }\n}\n', /:3,5 Unsupported block type/],
  [
    'build {\n  error-cleanup-provisioner "a" {}\n  error-cleanup-provisioner "a" {}\n}\n',
    /TPK2202 .*:3,3 Second error-cleanup-provisioner/,
  ],
  ['source "a" "b" {}\nsource "a" "b" {}\n', /TPK2202 .*:2,12 Duplicate source\. There is another source named "a\.b"/],
  ['data "a" "b" {}\ndata "a" "b" {}\n', /Duplicate data source/],
  ['packer {\n  required_version = "new"\n}\n', /TPK2205 .*"new" is no version constraint/],
  ["packer {\n  required_version = var.x\n}\n", /TPK2205 .*required_version must be plain text/],
];

test("the shape of blocks is checked, each mistake at its place", () => {
  for (const [template, message] of shapes) assert.match(problems(template).join("\n"), message);
  const all = problems('varible "a" {}\nvariable "b" {\n  defualt = 1\n}\nlocal "c" {}\n');
  assert.is(all.length, 3);
});

test("communicator and from are accepted and passed over, as in Packer", () => {
  const configuration = read('communicator "ssh" "x" {\n  a = 1\n}\nbuild {\n  from "x" {}\n}\n');
  assert.equal(told(configuration.diagnostics), []);
  assert.is(configuration.ignored.length, 2);
});

test("required plugins need a version and a source, each plugin once", () => {
  const plugins = (text: string): string => `packer {\n  required_plugins {\n    ${text}\n  }\n}\n`;
  const good = 'qemu = { version = "~> 1.0, != 1.0.3", source = "github.com/hashicorp/qemu" }';
  assert.equal(problems(plugins(good)), []);
  const cases: readonly (readonly [text: string, message: RegExp])[] = [
    ['qemu = ">= 1.0"', /TPK2206 .*:3,12 .*has no source\. Write: qemu = \{ version = ">= 1\.0", source = /],
    ["qemu = {}", /The requirement of plugin "qemu" has no version/],
    ['qemu = { version = "1", source = "github.com/hashicorp/qemu", sorce = "x" }', /has no "sorce"\. Did you mean "source"\?/],
    [good.replace("qemu =", "QEMU ="), /:3,5 .*"QEMU" is no name of a plugin/],
    [good.replace("~> 1.0", ">= 1.0-beta"), /names a pre-release/],
    [good.replace("~> 1.0", "newest"), /is no version constraint/],
    [
      good.replace("github.com/hashicorp/qemu", "hashicorp/qemu"),
      /TPK2206 .*"hashicorp\/qemu" is no address.*: github\.com\/hashicorp\/qemu\./,
    ],
    [good.replace("hashicorp/qemu", "hashicorp/packer-plugin-qemu"), /begins with packer-\. .*: github\.com\/hashicorp\/qemu\./],
    [good.replace('"~> 1.0, != 1.0.3"', "var.x"), /must be plain text/],
  ];
  for (const [text, message] of cases) assert.match(problems(plugins(text)).join("\n"), message);
  const twice = problems({ "a.pkr.hcl": plugins(good), "b.pkr.hcl": plugins(good) });
  assert.match(twice.join(), /TPK2206 b\.pkr\.hcl:3,5 Duplicate plugin requirement/);
});

test("a broken file does not hide what is wrong in others, and is itself not said to lack things", () => {
  const lines = problems({ "a.pkr.hcl": 'variable "a" {\n', "b.pkr.hcl": 'variable "b" {\n  default = [1,\n}\n' });
  assert.ok(lines.some((line) => line.includes("TPK2001 a.pkr.hcl")));
  assert.ok(lines.some((line) => line.includes("TPK2001 b.pkr.hcl")));
  assert.ok(lines.every((line) => line.includes("TPK2001")));
});

test.run();
