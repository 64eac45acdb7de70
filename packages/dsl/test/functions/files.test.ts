import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { variableDefaultFunctions } from "../../src/functions/table.ts";
import { typeText } from "../../src/hcl/eval/type.ts";
import { deepMarksOf, referenceValue, stringValue, withMarks } from "../../src/hcl/eval/value.ts";
import { type Evaluating, errorsOf, jsonOf, valueIn, world } from "./evaluating.ts";

const templates = tmp("templates");
const work = tmp("work");

function write(folder: string, path: string, content: string | Buffer = ""): void {
  mkdirSync(join(folder, path, ".."), { recursive: true });
  writeFileSync(join(folder, path), content);
}

for (const path of ["a.sh", "b.txt", ".hidden.sh", "deep/c.sh", "deep/er/d.sh", "deep/er/e.txt", "odd/x[1].sh"])
  write(templates, path, path);
symlinkSync(join(templates, "deep"), join(templates, "link"));
symlinkSync(join(templates, "nowhere"), join(templates, "broken.sh"));
write(templates, "bytes.bin", Buffer.from([0xff, 0xfe, 0]));
write(templates, "bom.txt", "\uFEFFtext");
write(work, "here.txt", "in work");

const read: string[] = [];
const options: Evaluating = {
  environment: world({
    environment: { HOME: templates, RELEASE: "trixie" },
    templateDirectory: templates,
    workingDirectory: work,
    readFile: (path) => read.push(path),
  }),
};
const json = (text: string): unknown => JSON.parse(jsonOf(text, options));
const errors = (text: string): string => errorsOf(text, options);

test("relative paths start in the template's folder, for filebase64 and abspath in the working directory", () => {
  assert.is(json('file("a.sh")'), "a.sh");
  assert.is(json('file("deep/../a.sh")'), "a.sh");
  assert.is(json(`file("${templates}/a.sh")`), "a.sh");
  assert.is(json('file("~/a.sh")'), "a.sh");
  assert.is(json('fileexists("a.sh")'), true);
  assert.is(json('fileexists("here.txt")'), false);
  assert.is(json('filebase64("here.txt")'), Buffer.from("in work").toString("base64"));
  assert.match(errors('filebase64("a.sh")'), /no file exists at a\.sh/);
  assert.is(json('abspath("x/../y")'), join(work, "y"));
});

test("bytes that are no UTF-8 are refused by file and taken by filebase64; a byte order mark stays", () => {
  assert.match(errors('file("bytes.bin")'), /the contents of bytes\.bin are not valid UTF-8; filebase64/);
  assert.is(json(`filebase64("${templates}/bytes.bin")`), "//4A");
  assert.is(json('file("bom.txt")'), "\uFEFFtext");
});

test("what cannot be read is told under the name it was given", () => {
  assert.match(errors('file("none.txt")'), /no file exists at none\.txt \(.*none\.txt\)/);
  assert.match(errors('file("a.sh/b")'), /no file exists/);
  assert.match(errors('file("here.txt")'), /It starts in the template's folder: write "\.\.\/[^"]*\/here\.txt"/);
  assert.match(errors('file("deep")'), /deep is a folder, not a file/);
  assert.match(errors('fileexists("deep")'), /deep is not a regular file/);
  assert.match(errors('file("~other/x")'), /user-specific home/);
});

test("every file that is looked at is one more dependency of the load", () => {
  read.length = 0;
  json('[file("a.sh"), fileexists("none.txt"), filebase64("here.txt")]');
  assert.equal(read, [join(templates, "a.sh"), join(templates, "none.txt"), join(work, "here.txt")]);
});

test("parts of paths, as Go takes them apart", () => {
  const rows: readonly (readonly [string, string])[] = [
    ['[basename(""), basename("/"), basename("a/b//"), basename("a")]', '[".","/","b","a"]'],
    ['[dirname(""), dirname("/"), dirname("/a"), dirname("a"), dirname("a//b/"), dirname("../a")]', '[".","/","/",".","a/b",".."]'],
    ['[pathexpand("a/~"), pathexpand("")]', '["a/~",""]'],
    ['pathexpand("~")', JSON.stringify(templates)],
    ['pathexpand("~/x")', JSON.stringify(join(templates, "x"))],
  ];
  for (const [text, expected] of rows) assert.is(jsonOf(text, options), expected, text);
});

test("fileset finds regular files by patterns, sorted, relative to its folder", () => {
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['fileset(".", "*.sh")', [".hidden.sh", "a.sh"]],
    ['fileset("", "**/*.sh")', [".hidden.sh", "a.sh", "deep/c.sh", "deep/er/d.sh", "odd/x[1].sh"]],
    ['fileset("deep", "**")', ["c.sh", "er/d.sh", "er/e.txt"]],
    ['fileset("deep", "*/*.{sh,txt}")', ["er/d.sh", "er/e.txt"]],
    ['fileset(".", "{a.sh,deep/{c.sh,er/*}}")', ["a.sh", "deep/c.sh", "deep/er/d.sh", "deep/er/e.txt"]],
    ['fileset(".", "link/*.sh")', ["link/c.sh"]],
    ['fileset("deep", "../[ab].*")', ["../a.sh", "../b.txt"]],
    ['fileset(".", "[^a].txt")', ["b.txt"]],
    ['fileset(".", "[!a].txt")', ["b.txt"]],
    ['fileset("odd", "x\\\\[1].sh")', ["x[1].sh"]],
    ['fileset(".", "a.sh")', ["a.sh"]],
    ['fileset(".", "deep")', []],
    ['fileset("none", "**")', []],
  ];
  for (const [text, expected] of rows) assert.equal(json(text), expected, text);
  assert.is(typeText(valueIn('fileset(".", "*.sh")', options).type), "set(string)");
  for (const pattern of ["[", "{a", "a\\\\"]) assert.match(errors(`fileset(".", "${pattern}")`), /not a valid pattern/, pattern);
  assert.match(errors(`fileset(".", "${"{a,b}".repeat(12)}")`), /more than 1000 alternatives/);
});

test("a template file has its values and all functions but templatefile", () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a template of HCL
  write(templates, "t/user.pkrtpl", "%{ for key in keys(users) ~}\n${key}=${upper(users[key])}\n%{ endfor ~}\n");
  assert.is(json('templatefile("t/user.pkrtpl", { users = { b = "x", a = "y" } })'), "a=Y\nb=X\n");
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a template of HCL
  write(templates, "t/list.pkrtpl", "${list}");
  assert.equal(json('templatefile("t/list.pkrtpl", { list = [1, "a"] })'), [1, "a"]);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a template of HCL
  write(templates, "t/again.pkrtpl", '${templatefile("t/list.pkrtpl", {})}');
  assert.match(errors('templatefile("t/again.pkrtpl", {})'), /cannot call it again/);
});

test("a template file that cannot be rendered is told with its place", () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a template of HCL
  write(templates, "t/missing.pkrtpl", "one\n%{ if false }${other.x}%{ endif }");
  assert.match(errors('templatefile("t/missing.pkrtpl", { a = 1 })'), /vars has no "other", which t\/missing\.pkrtpl uses in line 2/);
  write(templates, "t/broken.pkrtpl", "one\n${");
  assert.match(errors('templatefile("t/broken.pkrtpl", {})'), /cannot parse t\/broken\.pkrtpl line 2/);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a template of HCL
  write(templates, "t/wrong.pkrtpl", "\n\n${a.b}");
  assert.match(errors('templatefile("t/wrong.pkrtpl", { a = {} })'), /cannot render t\/wrong\.pkrtpl line 3.*no attribute named "b"/);
  assert.match(errors('templatefile("t/wrong.pkrtpl", { "a b" = {} })'), /"a b" is no name that a template could use/);
  assert.match(errors('templatefile("t/wrong.pkrtpl", [])'), /a map or object of values is required/);
});

test("a rendered template waits for what its values wait for, and keeps secrets", () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a template of HCL
  write(templates, "t/name.pkrtpl", "hello ${name}");
  const unknown = referenceValue({ kind: "build", path: ["Host"] });
  const secret = withMarks(stringValue("tea"), { sensitive: true });
  const waiting = valueIn('templatefile("t/name.pkrtpl", { name = name })', { ...options, variables: { name: unknown } });
  assert.is(waiting.kind, "unknown");
  assert.is(deepMarksOf(waiting).waitsFor.length, 1);
  const hidden = valueIn('templatefile("t/name.pkrtpl", { name = name, other = 1 })', { ...options, variables: { name: secret } });
  assert.ok(hidden.sensitive);
  const wrong = (text: string): string => errorsOf(text, { ...options, variables: { name: secret } });
  assert.match(wrong('templatefile("t/none.pkrtpl", { name = name })'), /no file exists at t\/none\.pkrtpl/);
  assert.match(wrong("templatefile(name, {})"), /Why is not shown, since an argument is sensitive/);
});

test("env is there for defaults of variables alone, and empty for what is not set", () => {
  const functions = variableDefaultFunctions();
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a template of HCL
  assert.is(jsonOf('"${env("RELEASE")}-${env("NONE")}"', { ...options, functions }), '"trixie-"');
  assert.equal([...functions.keys()], ["env"]);
  assert.match(errors('env("RELEASE")'), /no function named "env"/);
});

test.run();
