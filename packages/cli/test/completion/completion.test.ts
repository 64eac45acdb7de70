// Completion in real shells, and what -autocomplete-install does to start-up files.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lab, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { openCommand } from "../support/terminal.ts";
import { program, tspack } from "../support/tspack.ts";

const labTest = lab(test, "tmux");

/** A home without start-up files, and a folder for the PATH with `tspack` in it. */
function home(): { readonly folder: string; readonly env: { readonly [name: string]: string | undefined } } {
  const folder = tmp("home");
  mkdirSync(join(folder, "bin"));
  symlinkSync(program, join(folder, "bin/tspack"));
  const PATH = `${join(folder, "bin")}:${process.env.PATH ?? ""}`;
  return { folder, env: { HOME: folder, PATH, SHELL: "/bin/bash", ZDOTDIR: "", XDG_CONFIG_HOME: "" } };
}

function project(): string {
  const folder = tmp("completion");
  mkdirSync(join(folder, "web images"));
  for (const name of ["image.ts", "web images/image.ts", "values.json", "notes.md", "a.pkr.hcl", "b.pkrvars.hcl"])
    writeFileSync(join(folder, name), "");
  return folder;
}

/** What bash would offer for these words; it has cut them already. */
async function offered(cwd: string, ...words: readonly string[]): Promise<string[]> {
  const script = (await tspack(["completion", "bash"], { cwd })).stdout;
  const text = `${script}\nCOMP_WORDS=("$@") COMP_CWORD=$(($# - 1))\n_tspack\nprintf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync("bash", ["--norc", "-c", text, "bash", "tspack", ...words], { cwd, encoding: "utf8" });
  assert.is(stderr, "");
  return stdout.trimEnd().split("\n");
}

test("bash offers commands, flags with as many dashes as were typed, and values of flags", async () => {
  const cwd = project();
  assert.equal(await offered(cwd, "va"), ["validate"]);
  assert.equal(await offered(cwd, "--auto"), ["--autocomplete-install", "--autocomplete-uninstall"]);
  assert.equal(await offered(cwd, "build", "-p"), ["-parallel-builds=", "-plain", "-plugin="]);
  assert.equal(await offered(cwd, "-machine-readable", "validate", "--syn"), ["--syntax-only"]);
  assert.equal(await offered(cwd, "run", "-on-error", "=", "a"), ["abort", "ask"]);
  assert.equal(await offered(cwd, "run", "-on-error", "="), ["cleanup", "abort", "ask", "run-cleanup-provisioner"]);
  assert.equal(await offered(cwd, "run", "--on-error", "run"), ["run-cleanup-provisioner"]);
  assert.equal(await offered(cwd, "help", "ins"), ["inspect"]);
  assert.equal(await offered(cwd, "completion", ""), ["bash", "zsh", "fish"]);
});

test("bash offers programs and folders, files of variables, and nothing where any text goes", async () => {
  const cwd = project();
  assert.equal((await offered(cwd, "run", "")).sort(), ["a.pkr.hcl", "image.ts", "values.json", "web images"]);
  assert.equal(await offered(cwd, "inspect", "-json", "web images/"), ["web images/image.ts"]);
  assert.ok((await offered(cwd, "run", "-plugin", "=", "val")).includes("values.json"), "a plugin may be any file");
  assert.equal((await offered(cwd, "run", "-var-file", "=", "")).sort(), [
    "a.pkr.hcl",
    "b.pkrvars.hcl",
    "image.ts",
    "values.json",
    "web images",
  ]);
  assert.equal(await offered(cwd, "new", ""), ["web images"]);
  assert.equal((await offered(cwd, "fmt", "-check", "")).sort(), ["a.pkr.hcl", "b.pkrvars.hcl", "web images"]);
  assert.equal(await offered(cwd, "run", "-only", ""), [""]);
});

test("the scripts for zsh and fish name every command and quote what they say", async () => {
  const cwd = tmp("completion");
  for (const shell of ["zsh", "fish"]) {
    const { code, stdout } = await tspack(["completion", shell], { cwd });
    assert.is(code, 0);
    for (const name of ["run", "build", "validate", "inspect", "new", "completion", "version", "help"])
      assert.match(stdout, new RegExp(`\\b${name}\\b`));
    assert.match(stdout, /on-error/);
    assert.match(stdout, /run-cleanup-provisioner/);
  }
  const unknown = await tspack(["completion", "fihs"], { cwd });
  assert.is(unknown.code, 1);
  assert.match(unknown.stderr, /Did you mean "fish"\?/);
});

test("-autocomplete-install adds one line once, -autocomplete-uninstall leaves the file as it was", async () => {
  const { folder, env } = home();
  const bashrc = join(folder, "dotfiles-bashrc");
  writeFileSync(bashrc, "alias ll='ls -l'");
  chmodSync(bashrc, 0o640);
  symlinkSync(bashrc, join(folder, ".bashrc"));
  mkdirSync(join(folder, ".config/fish"), { recursive: true });
  const fish = join(folder, ".config/fish/completions/tspack.fish");

  const first = await tspack(["-autocomplete-install"], { cwd: folder, env });
  assert.is(first.code, 0);
  assert.match(first.stdout, /^bash: added one line to .*\.bashrc\nfish: added one line to .*tspack\.fish\n/);
  const second = await tspack(["--autocomplete-install"], { cwd: folder, env });
  assert.is(second.code, 0);
  assert.match(second.stdout, /^bash: there is nothing to add to /);
  assert.is(readFileSync(bashrc, "utf8").split("tspack completion bash").length, 2);
  assert.match(readFileSync(bashrc, "utf8"), /^alias ll='ls -l'\n.*\n$/);
  assert.ok(existsSync(fish));
  assert.not.ok(existsSync(join(folder, ".zshrc")));

  const removed = await tspack(["-autocomplete-uninstall"], { cwd: folder, env });
  assert.is(removed.code, 0);
  assert.match(removed.stdout, /^bash: removed one line from /);
  assert.is(readFileSync(bashrc, "utf8"), "alias ll='ls -l'\n");
  assert.is(statSync(bashrc).mode & 0o777, 0o640);
  assert.not.ok(existsSync(fish));
});

labTest("after the installation a new bash completes what is typed", async () => {
  const { folder, env } = home();
  const cwd = project();
  writeFileSync(join(folder, ".bashrc"), "PS1='> '\n");
  await tspack(["-autocomplete-install"], { cwd, env });
  const terminal = openCommand(`HOME='${folder}' PATH='${env.PATH ?? ""}' bash -i`, { cwd });
  try {
    await terminal.shows(/^>$/m);
    terminal.press("tspack vali", "Tab", "-synt", "Tab");
    await terminal.shows(/> tspack validate -syntax-only/);
    terminal.press("C-u", "tspack run -on-err", "Tab", "abo", "Tab", "web", "Tab");
    await terminal.shows(/> tspack run -on-error=abort web\\ images\//);
  } finally {
    terminal.close();
  }
});

test.run();
