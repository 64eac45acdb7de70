// `tspack convert` as its users see it.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { tspack } from "./support/tspack.ts";

const example = fileURLToPath(new URL("../../../examples/convert", import.meta.url));

const template = `variable "greeting" {
  default = "hello"
}

source "null" "a" {
  communicator = "none"
}

build {
  sources = ["null.a"]
  provisioner "shell-local" {
    inline = ["echo \${var.greeting}"]
  }
}
`;

function folderWith(files: { readonly [name: string]: string }): string {
  const folder = tmp("convert");
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

test("the program of the example is what its template converts to", async () => {
  const folder = tmp("convert");
  cpSync(example, folder, { recursive: true });
  const { code, stdout, stderr } = await tspack(["convert", "-check", "web.pkr.hcl"], { cwd: folder });
  assert.is(code, 0, `${stdout}${stderr}`);
});

test("writes image.ts beside the template, tells its name and what became of it, and proves that it means the same", async () => {
  const cwd = folderWith({ "a.pkr.hcl": template });
  const { code, stdout, stderr } = await tspack(["convert", "-verify", "-var", "greeting=bye", "a.pkr.hcl"], { cwd });
  assert.is(code, 0, stderr);
  assert.is(stdout, "image.ts\n");
  assert.match(stderr, "1 file of 14 lines became");
  assert.match(stderr, "Verified: the template and the program mean the same.");
  assert.match(readFileSync(join(cwd, "image.ts"), "utf8"), 'const greeting = variable("greeting", { default: "hello" });');
});

test("never overwrites a file that says something else without -force, and then writes nothing at all", async () => {
  const cwd = folderWith({ "a.pkr.hcl": template, "image.ts": "// mine\n" });
  const refused = await tspack(["convert", "a.pkr.hcl"], { cwd });
  assert.is(refused.code, 1);
  assert.match(refused.stderr, "TPK2403");
  assert.is(readFileSync(join(cwd, "image.ts"), "utf8"), "// mine\n");
  assert.equal(readdirSync(cwd).sort(), ["a.pkr.hcl", "image.ts"]);
  const forced = await tspack(["convert", "-force", "a.pkr.hcl"], { cwd });
  assert.is(forced.code, 0, forced.stderr);
  assert.match(readFileSync(join(cwd, "image.ts"), "utf8"), "export default build(");
  const again = await tspack(["convert", "a.pkr.hcl"], { cwd });
  assert.is(again.code, 0, "what is up to date is no obstacle");
});

test("a folder that was converted is checked and converted again by its templates", async () => {
  const cwd = folderWith({ "a.pkr.hcl": template });
  assert.is((await tspack(["convert"], { cwd })).code, 0);
  assert.is((await tspack(["convert", "-check", "-verify"], { cwd })).code, 0);
  writeFileSync(join(cwd, "a.pkr.hcl"), template.replace("hello", "bye"));
  assert.is((await tspack(["convert", "-check"], { cwd })).code, 3);
  assert.is((await tspack(["convert", "-force", "-verify"], { cwd })).code, 0);
});

test("-check exits with 3 and names what is missing or out of date; -stdout prints and writes nothing", async () => {
  const cwd = folderWith({ "a.pkr.hcl": template });
  const missing = await tspack(["convert", "-check", "a.pkr.hcl"], { cwd });
  assert.is(missing.code, 3);
  assert.is(missing.stdout, "image.ts\n");
  const printed = await tspack(["convert", "-stdout", "a.pkr.hcl"], { cwd });
  assert.is(printed.code, 0, printed.stderr);
  assert.match(printed.stdout, "export default build(");
  assert.not.ok(existsSync(join(cwd, "image.ts")));
});

test("in another folder path.root still means the template's folder", async () => {
  const text = template.replace("var.greeting", "path.root");
  const cwd = folderWith({ "a.pkr.hcl": text });
  mkdirSync(join(cwd, "new"));
  const { code, stderr } = await tspack(["convert", "-out", "new/web.ts", "-verify", "a.pkr.hcl"], { cwd });
  assert.is(code, 0, stderr);
  assert.match(readFileSync(join(cwd, "new/web.ts"), "utf8"), 'const templateFolder = resolve(path.root, "..");');
});

test("a program that was changed is told apart from its template, with the place and both values", async () => {
  const cwd = folderWith({ "a.pkr.hcl": template });
  await tspack(["convert", "a.pkr.hcl"], { cwd });
  const changed = readFileSync(join(cwd, "image.ts"), "utf8").replace('"hello"', '"goodbye"');
  writeFileSync(join(cwd, "image.ts"), changed);
  const { code, stderr } = await tspack(["convert", "-check", "-verify", "a.pkr.hcl"], { cwd });
  assert.is(code, 3, "the text differs as well");
  assert.is(stderr, "");
});

test("an option that a component does not have is marked, and told with its line", async () => {
  const cwd = folderWith({ "a.pkr.hcl": template.replace('communicator = "none"', 'nonsense = "x"') });
  const { code, stderr } = await tspack(["convert", "a.pkr.hcl"], { cwd });
  assert.is(code, 1, stderr);
  const lines = readFileSync(join(cwd, "image.ts"), "utf8").split("\n");
  const line = lines.findIndex((each) => each.includes('nonsense: "x"')) + 1;
  assert.match(lines[line - 2] ?? "", "// @ts-expect-error TODO(tspack)");
  assert.match(stderr.replace(/\s+/g, " "), `Line ${line} of image.ts sets an option that its component does not have`);
  assert.match(stderr, "1 place to look at");
});

test("what is wrong with a template is told with its place, and nothing is written", async () => {
  const cwd = folderWith({ "a.pkr.hcl": template.replace('"null" "a" {', '"null" {'), "b.txt": "x" });
  const { code, stdout, stderr } = await tspack(["convert", "a.pkr.hcl"], { cwd });
  assert.is(code, 1);
  assert.is(stdout, "");
  assert.match(stderr, "on a.pkr.hcl line 5");
  assert.equal(readdirSync(cwd).sort(), ["a.pkr.hcl", "b.txt"]);
});

test("a template that does not load is converted, what is wrong with it is told, and the exit code is 1", async () => {
  const missing = template.replace(`["echo \${var.greeting}"]`, '[file("nosuch.txt")]');
  const unknown = template.replace("var.greeting}", "local.nosuch}");
  const twice = `${template}locals {\n  a = local.b\n  b = local.a\n}\n`;
  for (const [text, message] of [
    [missing, /nosuch\.txt/],
    [unknown, /nosuch is not known here/],
    [twice, /local\.a/],
  ] as const) {
    const cwd = folderWith({ "a.pkr.hcl": text });
    const { code, stdout, stderr } = await tspack(["convert", "a.pkr.hcl"], { cwd });
    assert.is(code, 1, stderr);
    assert.is(stdout, "image.ts\n");
    assert.match(stderr, message);
    assert.ok(existsSync(join(cwd, "image.ts")));
    assert.is((await tspack(["convert", "-stdout", "a.pkr.hcl"], { cwd })).code, 1);
    assert.is((await tspack(["convert", "-check", "a.pkr.hcl"], { cwd })).code, 0, "up to date all the same");
    assert.is((await tspack(["convert", "-verify", "a.pkr.hcl"], { cwd })).code, 1);
  }
  const cwd = folderWith({ "a.pkr.hcl": template, "b.pkr.hcl": missing });
  const merged = await tspack(["convert", "-into", "images", "a.pkr.hcl", "b.pkr.hcl"], { cwd });
  assert.is(merged.code, 1);
  assert.match(merged.stderr, "nosuch.txt");
  assert.ok(existsSync(join(cwd, "images/b.ts")));
});

test("a variable without a value is nothing wrong with a template, and neither is a data source that is not asked", async () => {
  const more = 'variable "needed" {}\ndata "null" "d" {\n  input = var.needed\n}\n';
  const cwd = folderWith({
    "a.pkr.hcl": `${more}${template.replace("var.greeting}", "data.null.d.output}")}`,
    "b.json": '{"variables": {"x": null}, "builders": [{"type": "null", "communicator": "none", "name": "{{user `x`}}"}]}',
  });
  for (const file of ["a.pkr.hcl", "b.json"]) {
    const { code, stderr } = await tspack(["convert", "-force", file], { cwd });
    assert.is(code, 0, stderr);
  }
});

test("what is given for a variable is never written: neither with -var, nor in a file, nor in the environment", async () => {
  const secret = `variable "password" {\n  sensitive = true\n  default   = "changeme"\n}\nvariable "home" {\n  type    = list(string)\n  default = [env /* of the user */ ("FROM_OUTSIDE"), 1]\n}\n`;
  const files = {
    "a.pkr.hcl": `${secret}${template.replace("var.greeting}", `var.password} \${var.home[0]}`)}`,
    "b.json": '{"variables": {"password": "{{env `FROM_OUTSIDE`}}"}, "sensitive-variables": ["password"], "builders": [{"type": "null"}]}',
    "values.pkrvars.hcl": 'greeting = "hunter-file"\n',
    "values.auto.pkrvars.hcl": 'greeting = "hunter-auto"\n',
  };
  const env = { PKR_VAR_greeting: "hunter-environment", FROM_OUTSIDE: "hunter-outside" };
  for (const file of ["a.pkr.hcl", "b.json"]) {
    const cwd = folderWith(files);
    const given = ["-var", "password=hunter-var", ...(file.endsWith(".hcl") ? ["-var-file", "values.pkrvars.hcl"] : [])];
    const { stdout, stderr } = await tspack(["convert", "-verify", ...given, file], { cwd, env });
    const program = readFileSync(join(cwd, "image.ts"), "utf8");
    assert.match(program, 'variable("password", {');
    assert.match(program, "process.env.FROM_OUTSIDE");
    assert.not.match(`${program}${stdout}${stderr}`, "hunter");
  }
});

test("-into merges templates into a folder, tells how many lines remain, and proves that all mean the same", async () => {
  const cwd = folderWith({ "one.pkr.hcl": template, "two.pkr.hcl": template.replace("hello", "bye") });
  const merge = ["convert", "-into", "images", "one.pkr.hcl", "two.pkr.hcl"];
  const { code, stdout, stderr } = await tspack([...merge, "-verify"], { cwd });
  assert.is(code, 0, stderr);
  assert.is(stdout, "images/shared.ts\nimages/one.ts\nimages/two.ts\n");
  assert.match(stderr, /2 templates of 28 lines became \d+ lines of TypeScript\./);
  assert.match(stderr, "- one.ts: 5 lines, of 14 in one.pkr.hcl");
  assert.match(stderr, "- what differs: greeting");
  assert.match(stderr, "Verified: all 2 templates and their programs mean the same.");
  assert.match(readFileSync(join(cwd, "images/two.ts"), "utf8"), 'greeting: "bye"');
  assert.is((await tspack([...merge, "-check"], { cwd })).code, 0);
  writeFileSync(join(cwd, "images/two.ts"), "// mine\n");
  const outdated = await tspack([...merge, "-check"], { cwd });
  assert.equal([outdated.code, outdated.stdout], [3, "images/two.ts\n"]);
  assert.match((await tspack(merge, { cwd })).stderr, "TPK2403");
  assert.is(readFileSync(join(cwd, "images/two.ts"), "utf8"), "// mine\n");
});

test("-into needs several templates, and goes with neither -stdout nor -out; without it there is one template", async () => {
  const cwd = folderWith({ "a.pkr.hcl": template });
  for (const words of [
    ["-into", "x", "-stdout", "a.pkr.hcl", "b"],
    ["-into", "x", "-out", "y", "a.pkr.hcl", "b"],
    ["-into", "x", "a.pkr.hcl"],
    ["a.pkr.hcl", "b"],
  ]) {
    const { code, stderr } = await tspack(["convert", ...words], { cwd });
    assert.is(code, 1, words.join(" "));
    assert.match(stderr, "TPK8001");
  }
  assert.equal(readdirSync(cwd), ["a.pkr.hcl"]);
});

test.run();
