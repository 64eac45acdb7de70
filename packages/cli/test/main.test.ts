import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { fileURLToPath } from "node:url";
import { tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { main } from "../src/main.ts";
import { StreamOutput } from "../src/output.ts";

/** Runs a command line in this process. For everything that starts no run. */
async function tspack(words: readonly string[], workingDirectory = tmp("cli")): Promise<{ code: number; stdout: string; stderr: string }> {
  const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) streams[name].on("data", (chunk) => (text[name] += chunk));
  const [stdout, stderr] = [new StreamOutput(streams.stdout), new StreamOutput(streams.stderr)];
  const code = await main(words, {
    stdout,
    stderr,
    environment: {},
    workingDirectory,
    readInput: () => Promise.resolve(""),
    version: "1.2.3-dev",
  });
  await Promise.all([stdout.flush(), stderr.flush()]);
  return { code, ...text };
}

test("without a command the list of commands is shown and the exit code is 127", async () => {
  const { code, stderr } = await tspack([]);
  assert.is(code, 127);
  assert.match(stderr, /tspack COMMAND/);
  for (const name of ["run", "validate", "inspect", "new", "completion", "version", "help"])
    assert.match(stderr, new RegExp(`^ {2}${name} `, "m"));
});

test("an unknown command suggests the nearest one and exits with 127", async () => {
  const { code, stderr } = await tspack(["valdate"]);
  assert.is(code, 127);
  assert.match(stderr, /There is no command "valdate"\. Did you mean "validate"\?/);
});

test("a command of Packer's that is not here says what does its work", async () => {
  const { code, stderr } = await tspack(["verify-attestation", "x.json"]);
  assert.is(code, 127);
  assert.match(stderr, /^There is no command "verify-attestation"\. .*See docs\/parity\.md\.\n/);
});

test("a flag that only another command has is said to be that one's", async () => {
  const { code, stderr } = await tspack(["validate", "-timestamp-ui"]);
  assert.is(code, 1);
  assert.match(stderr.replace(/\s+/g, " "), /`tspack validate` takes no flag -timestamp-ui\. It belongs to `tspack run`\./);
});

test("an unknown flag before the command exits with 1", async () => {
  const { code, stderr } = await tspack(["-force", "run"]);
  assert.is(code, 1);
  assert.match(stderr, /TPK8001/);
  assert.match(stderr, /Flags belong after it/);
});

test("values of flags may hold any character: underscores in names of variables and builds", async () => {
  const cwd = tmp("underscores");
  writeFileSync(
    join(cwd, "a.pkr.hcl"),
    'variable "a_b" { default = "" }\nsource "null" "x_y" { communicator = "none" }\nbuild { sources = ["source.null.x_y"] }\n',
  );
  for (const words of [["-var=a_b=c"], ["-only=null.x_y"], ["--var=a_b=c"], ["-var", "a_b=c"]]) {
    const { code, stderr } = await tspack(["validate", ...words, "a.pkr.hcl"], cwd);
    assert.is(code, 0, stderr);
  }
});

test("the version flags stand for the version command and drop all else", async () => {
  for (const words of [["-v"], ["-version"], ["--version", "run", "-nonsense"], ["version"]]) {
    const { code, stdout } = await tspack(words);
    assert.is(code, 0);
    assert.is(stdout, "tspack v1.2.3-dev\n");
  }
});

test("-machine-readable works in every place and with one dash or two", async () => {
  for (const words of [
    ["-machine-readable", "version"],
    ["version", "-machine-readable"],
    ["version", "--machine-readable"],
  ]) {
    const { stdout } = await tspack(words);
    assert.match(stdout, /^\d+,,version,1\.2\.3\n\d+,,version-prelease,dev\n\d+,,version-commit,\n\d+,,ui,say,tspack v1\.2\.3-dev\n$/);
  }
});

test("help of every command begins with examples and exits with 0", async () => {
  for (const name of ["run", "build", "validate", "inspect", "new", "completion", "version", "help"]) {
    for (const words of [
      [name, "-help"],
      ["help", name],
    ]) {
      const { code, stdout } = await tspack(words);
      assert.is(code, 0);
      assert.match(stdout, /^tspack [a-z]+: .+\n\nExamples\n {2}tspack /);
      for (const line of stdout.split("\n")) assert.ok(line.length <= 80, line);
    }
  }
});

test("a misspelt flag is refused with a suggestion, a word too many with the usage", async () => {
  const flag = await tspack(["run", "-paralel-builds=2"]);
  assert.is(flag.code, 1);
  assert.match(flag.stderr, /TPK8001/);
  assert.match(flag.stderr, /Did you mean "-parallel-builds"\?/);
  const word = await tspack(["validate", "a.ts", "b.ts"]);
  assert.is(word.code, 1);
  assert.match(word.stderr, /"b\.ts" is one word too many/);
});

test("a -var without = is refused, and its value, which may be a secret, is not repeated", async () => {
  const folder = tmp("var");
  writeFileSync(join(folder, "image.ts"), "");
  for (const word of ["hunter2", "=hunter2"]) {
    const { code, stderr } = await tspack(["validate", "-var", word], folder);
    assert.is(code, 1);
    assert.match(stderr, /-var takes NAME=VALUE/);
    assert.not.match(stderr, /hunter2/);
  }
});

test("a folder without a program and a file of HCL that is no template are each told apart", async () => {
  const folder = tmp("place");
  assert.match((await tspack(["validate"], folder)).stdout, /TPK1001[\s\S]*neither image\.ts nor an HCL template/);
  assert.match((await tspack(["validate", "a.hcl"], folder)).stdout, /TPK2002[\s\S]*Rename it to a\.pkr\.hcl/);
  assert.match((await tspack(["validate", "prod.pkrvars.hcl"], folder)).stdout, /TPK2002[\s\S]*-var-file=prod\.pkrvars\.hcl/);
  assert.match((await tspack(["validate", "-config-type=hcl2", "-"], folder)).stdout, /HCL cannot be read from standard input \(TPK2002\)/);
});

test("new writes a program and its settings, and tells the next commands", async () => {
  const folder = tmp("new");
  for (const template of ["container", "qemu", "ssh", "minimal"]) {
    const { code, stdout } = await tspack(["new", `-template=${template}`, template], folder);
    assert.is(code, 0);
    assert.match(stdout, new RegExp(`cd ${template}\\n(?:.*\\n)?  npx tspack run.*\\n$`));
    const names = readdirSync(join(folder, template));
    for (const name of ["image.ts", "package.json", "tsconfig.json", "tspack-env.d.ts", ".gitignore"]) {
      assert.ok(names.includes(name), `${template} has no ${name}`);
    }
    assert.not.ok(names.some((name) => name.startsWith("_")));
  }
});

test("new overwrites nothing, and then writes nothing at all", async () => {
  const folder = tmp("new");
  writeFileSync(join(folder, "image.ts"), "mine");
  const { code, stderr } = await tspack(["new"], folder);
  assert.is(code, 1);
  assert.match(stderr, /has image\.ts already/);
  assert.equal(readdirSync(folder), ["image.ts"]);
  assert.is(readFileSync(join(folder, "image.ts"), "utf8"), "mine");
});

test("new keeps the package.json of a project", async () => {
  const folder = tmp("new");
  mkdirSync(join(folder, "project"));
  writeFileSync(join(folder, "project/package.json"), "{}");
  assert.is((await tspack(["new", "-template=minimal", "project"], folder)).code, 0);
  assert.is(readFileSync(join(folder, "project/package.json"), "utf8"), "{}");
});

test("new suggests a template for a misspelt one, and lists them", async () => {
  const { code, stderr } = await tspack(["new", "-template=contaner"]);
  assert.is(code, 1);
  assert.match(stderr, /Did you mean "container"\?/);
  const { stdout } = await tspack(["new", "-list"]);
  assert.match(stdout, /^container +.+\nminimal +.+\nplugin +.+\nqemu +.+\nssh +.+\n$/);
});

test("new says what to do next: the installation only where tspack is not found, and what a template needs", async () => {
  const folder = tmp("new");
  const alone = await tspack(["new", "-template=minimal", "web"], folder);
  assert.match(alone.stdout, /Next:\n {2}cd web\n {2}npm install\n {2}npx tspack run\n$/);
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(fileURLToPath(new URL("..", import.meta.url)), join(folder, "node_modules/tspack"));
  const { stdout } = await tspack(["new", "-template=ssh", "machine"], folder);
  assert.match(stdout, /Next:\n {2}cd machine\n {2}npx tspack run -var host=192\.0\.2\.10 -var user=root\n$/);
});

test("a terminal that gives its size as 0 is taken for one of 80 columns and 24 rows", () => {
  const { width, height } = new StreamOutput(Object.assign(new PassThrough(), { isTTY: true, columns: 0, rows: 0 }));
  assert.equal({ width, height }, { width: 80, height: 24 });
});

test.run();
