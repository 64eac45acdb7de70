// Packer's templates through the built program: every door, every command that takes one.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { tspack } from "./support/tspack.ts";

const variables = `variable "word" {
  type    = string
  default = "hello"
}
variable "count" {
  type    = number
  default = 1
}
`;

const main = `locals { text = "\${var.word} \${var.count + 1}" }
source "null" "one" { communicator = "none" }
build {
  name    = "web"
  sources = ["source.null.one"]
  provisioner "shell-local" {
    inline = ["echo \${local.text} from \${source.name} $PACKER_BUILD_NAME"]
  }
}
`;

const legacy = {
  variables: { word: "hello", token: "hunter2" },
  "sensitive-variables": ["token"],
  builders: [
    { type: "null", name: "one", communicator: "none" },
    { type: "null", communicator: "none" },
  ],
  provisioners: [{ type: "shell-local", only: ["one"], inline: ["echo {{user `word`}} {{upper `x`}} {{build_name}} {{user `token`}}"] }],
};

function folderWith(files: { readonly [name: string]: string }): string {
  const folder = tmp("templates");
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

test("a folder of HCL files is one configuration, and runs with automatic and given variable files", async () => {
  const cwd = folderWith({
    "variables.pkr.hcl": variables,
    "main.pkr.hcl": main,
    "x.auto.pkrvars.hcl": 'word = "auto"\n',
    "prod.pkrvars.hcl": "count = 41\n",
  });
  const first = await tspack(["run", "."], { cwd });
  assert.is(first.code, 0, first.stdout);
  assert.match(first.stdout, /^==> web\.null\.one: auto 2 from one one$/m);
  const second = await tspack(["build", "-var", "word=given", "-var-file=prod.pkrvars.hcl", "."], { cwd });
  assert.match(second.stdout, /^==> web\.null\.one: given 42 from one one$/m);
});

test("a wrong template is refused with the place, and nothing starts", async () => {
  const cwd = folderWith({ "t.pkr.hcl": `${variables}${main.replace("local.text", "local.txet")}` });
  const { code, stdout } = await tspack(["run", "t.pkr.hcl"], { cwd });
  assert.is(code, 1);
  assert.match(stdout, /on t\.pkr\.hcl line 15[\s\S]*local\.txet[\s\S]*Did you mean "text"/);
  assert.not.match(stdout, /==>/);
  const component = await tspack(["validate", "t.pkr.hcl"], {
    cwd: folderWith({ "t.pkr.hcl": `${variables}${main.replace("inline", "inlnie")}` }),
  });
  assert.is(component.code, 1);
  assert.match(component.stdout, /on t\.pkr\.hcl line 15[\s\S]*inlnie[\s\S]*Did you mean "inline"/);
});

test("a source with a mistake is not built, and what does not need it is", async () => {
  const cwd = folderWith({
    "a.pkr.hcl": `source "null" "good" {
  communicator = "none"
}
source "null" "bad" {
  communicator = var.nothing
}
build {
  sources = ["null.good", "null.bad"]
  provisioner "shell-local" {
    inline = ["echo built \${source.name}"]
  }
}
`,
  });
  const all = await tspack(["build", "a.pkr.hcl"], { cwd });
  assert.is(all.code, 1);
  assert.match(all.stdout, /There is no variable "nothing"/);
  assert.match(all.stdout, /^==> null\.good: built good$/m);
  assert.not.match(all.stdout, /built bad/);
  assert.is((await tspack(["validate", "a.pkr.hcl"], { cwd })).code, 1);
  const selected = await tspack(["build", "-only=null.good", "a.pkr.hcl"], { cwd });
  assert.is(selected.code, 0, selected.stdout);
  assert.not.match(selected.stdout, /nothing/);
  assert.is((await tspack(["validate", "-except=*.bad", "a.pkr.hcl"], { cwd })).code, 0);
});

test("validate lets blocks be that dynamic makes of what a data source answers, and says that they are not checked", async () => {
  const cwd = folderWith({
    "a.pkr.hcl": `data "null" "words" {
  input = "a,b"
}
source "null" "one" {
  communicator = "none"
}
build {
  sources = ["null.one"]
  dynamic "provisioner" {
    for_each = split(",", data.null.words.output)
    labels   = ["shell-local"]
    content {
      inline = ["echo word \${provisioner.value}"]
    }
  }
}
`,
  });
  const checked = await tspack(["validate", "a.pkr.hcl"], { cwd });
  assert.is(checked.code, 0, checked.stdout);
  assert.match(checked.stdout, /Blocks not known yet.*[\s\S]*-evaluate-datasources/);
  const asked = await tspack(["validate", "-evaluate-datasources", "a.pkr.hcl"], { cwd });
  assert.is(asked.code, 0, asked.stdout);
  assert.not.match(asked.stdout, /not known yet/);
  const run = await tspack(["build", "a.pkr.hcl"], { cwd });
  assert.match(run.stdout, /word a\n[\s\S]*word b\n/);
});

test("validate -syntax-only evaluates nothing of a template, and needs no values", async () => {
  const cwd = folderWith({
    "a.pkr.hcl": `variable "size" {
  type = number
}
locals {
  text = file("nowhere")
}
build {
  sources = ["null.\${var.size}"]
}
`,
    "a.json": '{ "variables": { "size": null }, "builders": [{ "type": "null", "name": "{{user `size`}}" }] }',
    "b.pkr.hcl": "locals {\n",
  });
  const answer = async (...words: string[]) => (await tspack(["validate", "-syntax-only", ...words], { cwd })).code;
  assert.is(await answer("a.pkr.hcl"), 0);
  assert.is(await answer("-var=size=big", "a.pkr.hcl"), 1);
  assert.is(await answer("a.json"), 0);
  assert.is(await answer("b.pkr.hcl"), 1);
});

test("inspect shows locals, hides what is secret in them, and shows what there is of a template with mistakes", async () => {
  const cwd = folderWith({
    "a.pkr.hcl": `variable "token" {
  default   = "hunter22"
  sensitive = true
}
data "null" "words" {
  input = "a"
}
locals {
  word  = "\${upper("x")}y"
  list  = [1, data.null.words.output]
  login = { user = "joe", token = var.token }
}
source "null" "one" {
  communicator = local.nothing
}
build {
  name    = "of-\${var.token}"
  sources = ["null.one"]
}
`,
  });
  const { code, stdout, stderr } = await tspack(["inspect", "a.pkr.hcl"], { cwd });
  assert.is(code, 1);
  assert.match(stderr, /There is no local\.nothing/);
  assert.match(
    stdout,
    `Local variables:
  word = "Xy"
  list = [1,<unknown>]
  login = {"user":"joe","token":<sensitive>}
`,
  );
  assert.match(stdout, /^ {2}of-<sensitive>\n {4}null\.one$/m);
});

test("template strings of legacy JSON have the values of the running build, in steps of both kinds", async () => {
  const step = (word: string) => ({ type: "shell-local", inline: [`echo ${word} {{upper (build \`ID\`)}}`] });
  const text = JSON.stringify({ ...legacy, provisioners: [step("provisioner")], "post-processors": [step("processor")] });
  const cwd = folderWith({ "a.json": text });
  assert.is((await tspack(["validate", "a.json"], { cwd })).code, 0);
  const { code, stdout } = await tspack(["build", "a.json"], { cwd });
  assert.is(code, 0, stdout);
  assert.match(stdout, /^==> null\.one: provisioner NULL$/m);
  assert.match(stdout, /^==> null\.one \(shell-local\): processor NULL$/m);
});

test("a legacy JSON template runs from a file and from standard input, and hides its secrets", async () => {
  const text = JSON.stringify(legacy, undefined, 2);
  const cwd = folderWith({ "t.json": text });
  for (const result of [await tspack(["run", "t.json"], { cwd }), await tspack(["run", "-"], { cwd, input: text })]) {
    assert.is(result.code, 0, result.stdout);
    assert.match(result.stdout, /hello X one <sensitive>$/m);
    assert.not.match(result.stdout, /hunter2/);
  }
  const one = await tspack(["run", "-only=null", "t.json"], { cwd });
  assert.is(one.code, 0, one.stdout);
  assert.not.match(one.stdout, /hello/);
});

test("inspect tells which variables have no value yet, in each language; the form for programs needs them all", async () => {
  const cwd = tmp("project");
  const texts = {
    "t.pkr.hcl": `variable "user" { type = string }
variable "token" {
  type      = string
  sensitive = true
}
source "null" "a" {
  communicator = "none"
  ssh_username = var.user
}
build {
  sources = ["null.a"]
  provisioner "shell-local" {
    inline = ["echo \${var.user}"]
  }
}
`,
    "t.json": JSON.stringify({
      variables: { user: null, token: null },
      "sensitive-variables": ["token"],
      builders: [{ type: "null", name: "a", communicator: "none", ssh_username: "{{user `user`}}" }],
      provisioners: [{ type: "shell-local", inline: ["echo {{user `user`}}"] }],
    }),
    "image.ts": `import { build, provision, source, variable } from "tspack";
const user = variable("user");
variable("token", { sensitive: true });
const sources = [source("null", "a", { communicator: "none", ssh_username: user })];
export default build({ sources, provisioners: [provision("shell-local", { inline: [\`echo \${user}\`] })] });
`,
  };
  for (const [name, text] of Object.entries(texts)) {
    writeFileSync(join(cwd, name), text);
    const shown = await tspack(["inspect", name], { cwd });
    assert.is(shown.code, 0, shown.stderr);
    assert.is(shown.stderr, "");
    assert.match(shown.stdout, /^Input variables:\n {2}user = \(no value\)\n {2}token = \(no value\)\n\nBuilds:\n/);
    assert.match(shown.stdout, /null\.a\n\s+provisioners:\n\s+shell-local\n$/);
    assert.match((await tspack(["inspect", "-machine-readable", name], { cwd })).stdout, /,template-variable,user,,1\n/);
    const canonical = await tspack(["inspect", "-json", name], { cwd });
    assert.equal([canonical.code, canonical.stdout], [1, ""]);
    assert.match(canonical.stderr, /The variable "user" has no value\./);
  }
});

test("validate and inspect take every door; hcl2_upgrade gives what means the same", async () => {
  const cwd = folderWith({ "t.json": JSON.stringify(legacy), "h.pkr.hcl": variables + main });
  for (const name of ["t.json", "h.pkr.hcl"]) {
    const { code, stdout } = await tspack(["validate", name], { cwd });
    assert.is(code, 0, stdout);
    assert.match(stdout, /The configuration is valid\./);
  }
  const canonical = JSON.parse((await tspack(["inspect", "-json", "h.pkr.hcl"], { cwd })).stdout);
  assert.equal(canonical.builds[0].provisioners[0].config.inline, ["echo hello 2 from one $PACKER_BUILD_NAME"]);
  const upgraded = await tspack(["hcl2_upgrade", "-output-file=new/t.pkr.hcl", "t.json"], { cwd });
  assert.is(upgraded.code, 0, upgraded.stdout);
  assert.is(upgraded.stdout, "Wrote new/t.pkr.hcl.\n");
  const run = await tspack(["run", "new/t.pkr.hcl"], { cwd });
  assert.is(run.code, 0, run.stdout);
  assert.match(run.stdout, /null\.one: .*hello X one/);
});

test("a component that is not there is named with its place, by validate and run; inspect does without", async () => {
  const cwd = folderWith({ "t.pkr.hcl": 'source "amazon-ebs" "a" { region = "x" }\nbuild { sources = ["source.amazon-ebs.a"] }\n' });
  for (const word of ["validate", "run"]) {
    const { code, stdout } = await tspack([word, "t.pkr.hcl"], { cwd });
    assert.is(code, 1);
    assert.match(stdout, /TPK3101[\s\S]*t\.pkr\.hcl line 1[\s\S]*amazon-ebs/);
  }
  const inspected = await tspack(["inspect", "t.pkr.hcl"], { cwd });
  assert.is(inspected.code, 0, inspected.stderr);
  assert.match(inspected.stdout, /amazon-ebs\.a/);
});

test("console answers the last of the lines that are piped in, and 1 when one was wrong", async () => {
  const cwd = folderWith({ "t.pkr.hcl": variables + main });
  const good = await tspack(["console", "t.pkr.hcl"], { cwd, input: "1 + 1\nupper(local.text)\n" });
  assert.equal([good.code, good.stdout, good.stderr], [0, "HELLO 2\n", ""]);
  const bad = await tspack(["console"], { cwd, input: "nope.x\nvar.count\n" });
  assert.equal([bad.code, bad.stdout], [1, "1\n"]);
  assert.match(bad.stderr, /TPK2102/);
});

test("broken files end with a message and exit code 1, and leave nothing behind", async () => {
  const cwd = folderWith({ "nul.pkr.hcl": "a\0b", "cut.json": '{"builders": [{', "deep.pkr.hcl": `x = ${"[".repeat(5000)}` });
  writeFileSync(join(cwd, "latin.pkr.hcl"), Buffer.from([0x78, 0x20, 0x3d, 0x20, 0xe9]));
  for (const name of ["nul.pkr.hcl", "cut.json", "deep.pkr.hcl", "latin.pkr.hcl", "none.pkr.hcl", "none.json"]) {
    for (const word of ["validate", "inspect"]) {
      const { code, stdout, stderr } = await tspack([word, name], { cwd });
      assert.is(code, 1, name);
      assert.match(stdout + stderr, /TPK\d{4}/);
      assert.not.match(stdout + stderr, /^ +at /m);
    }
    const upgrade = await tspack(["hcl2_upgrade", "-output-file=out.pkr.hcl", name], { cwd });
    assert.is(upgrade.code, 1);
    assert.not.ok(existsSync(join(cwd, "out.pkr.hcl")));
  }
  assert.is(readFileSync(join(cwd, "cut.json"), "utf8"), '{"builders": [{');
});

test.run();
