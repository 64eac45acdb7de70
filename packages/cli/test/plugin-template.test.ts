// The template of a plugin: made, checked, tested, bundled, and run by both tools.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findLabProgram, lab, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { program, tspack } from "./support/tspack.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const folder = join(tmp("new"), "packer-plugin-hello");
const bundled = "dist/packer-plugin-hello_v0.1.0_x5.0_linux_amd64";
const unixTest = lab(test, "linux");
const packerTest = lab(test, "linux", "packer");

interface Settings {
  readonly env?: { readonly [name: string]: string };
  readonly cwd?: string;
}

/** Runs a program in the project; its library is the one of the sources. */
function run(file: string, words: readonly string[], { env = {}, cwd = folder }: Settings = {}): string {
  const { PACKER_LOG: _, NODE_TEST_CONTEXT: __, ...inherited } = process.env;
  const { status, stdout, stderr } = spawnSync(file, words, {
    cwd,
    encoding: "utf8",
    timeout: 90_000,
    env: { ...inherited, NODE_OPTIONS: "--conditions=source", PACKER_CACHE_DIR: tmp("cache"), ...env },
  });
  assert.is(status, 0, `${file} ${words.join(" ")}\n${stdout}\n${stderr}`);
  return stdout;
}

/** The command of a script in the project's package.json. */
function script(name: string): string {
  const { scripts } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return scripts[name];
}

unixTest("new makes a plugin with the name of its folder, which passes the compiler and its own tests", async () => {
  const { code, stdout } = await tspack(["new", "-template=plugin", folder], { cwd: tmp("cwd") });
  assert.is(code, 0, stdout);
  assert.match(stdout, /dev\/packer-plugin-hello\n/);
  assert.match(stdout, /npm run try\n$/);
  // What `npm install` would put there.
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  run(process.execPath, [compiler, "--customConditions", "source"]);
  assert.not.match(readFileSync(join(folder, "README.md"), "utf8"), /acme/);
  const bin = `${join(root, "node_modules/.bin")}:${process.env.PATH}`;
  run("/bin/sh", ["-ec", script("test")], { env: { PATH: bin } });
  assert.match(run("/bin/sh", ["-ec", script("try")], { env: { PATH: bin } }), /stamped: checked/);
});

unixTest("its bundle is installed by copying, and runs under tspack", async () => {
  const bundler = join(folder, "scripts/bundle.ts");
  writeFileSync(bundler, readFileSync(bundler, "utf8").replace("bundle: true,", 'bundle: true, conditions: ["source"],'));
  run("/bin/sh", ["-ec", script("bundle")]);
  const digest = createHash("sha256")
    .update(readFileSync(join(folder, bundled)))
    .digest("hex");
  assert.is(readFileSync(join(folder, `${bundled}_SHA256SUM`), "utf8"), digest);
  copyFileSync(join(folder, bundled), join(folder, "dist/packer-plugin-hello"));
  assert.match(run(process.execPath, [program, "run"], { env: { PACKER_PLUGIN_PATH: join(folder, "dist") } }), /stamped: checked/);
  assert.is(readFileSync(join(folder, "output/note.txt"), "utf8"), "written by hello\nchecked\n");
});

packerTest("its bundle runs under Packer", () => {
  const cwd = tmp("packer");
  for (const name of ["packer-builder-hello", "packer-provisioner-hello-stamp"]) copyFileSync(join(folder, bundled), join(cwd, name));
  const builders = [{ type: "hello", target: "output/note.txt", text: "by Packer" }];
  writeFileSync(join(cwd, "t.json"), JSON.stringify({ builders, provisioners: [{ type: "hello-stamp", label: "{{build `ID`}}" }] }));
  run(findLabProgram("packer") ?? "packer", ["build", "t.json"], { env: { PACKER_CONFIG_DIR: cwd, CHECKPOINT_DISABLE: "1" }, cwd });
  assert.is(readFileSync(join(cwd, "output/note.txt"), "utf8"), "by Packer\noutput/note.txt\n");
});

test.run();
