// Built-in components as plugins (row CMD-16): under HashiCorp's Packer, and under tspack itself.
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { findLabProgram, lab, tmp, within, writeScript } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { buildProgram, program, startTspack, tspack } from "./support/tspack.ts";

const packerTest = lab(test, "packer", "linux");
const unixTest = lab(test, "linux");

/** A folder with scripts that serve built-in components, and note that they were started. */
function scripts(...names: readonly string[]): string {
  const folder = tmp("plugins");
  for (const name of names) {
    writeScript(join(folder, name), `touch ${join(folder, `${name}.used`)}\nexec ${process.execPath} ${program} execute ${name}`);
  }
  return folder;
}

const names = ["packer-builder-file", "packer-provisioner-shell-local", "packer-post-processor-compress"];

function template(folder: string): string {
  return JSON.stringify({
    variables: { what: "content" },
    builders: [{ type: "file", content: "{{user `what`}} of the file", target: join(folder, "out.txt") }],
    provisioners: [{ type: "shell-local", inline: ["echo the shell runs in $PACKER_BUILDER_TYPE"] }],
    "post-processors": [{ type: "compress", output: join(folder, "out.gz") }],
  });
}

packerTest("Packer 1.6 builds with components of tspack", () => {
  buildProgram();
  const folder = scripts(...names);
  writeFileSync(join(folder, "template.json"), template(folder));
  const env = { ...process.env, PACKER_CONFIG_DIR: folder, CHECKPOINT_DISABLE: "1" };
  const words = ["build", "-color=false", "template.json"];
  const { status, stdout } = spawnSync(findLabProgram("packer") ?? "packer", words, { cwd: folder, env, encoding: "utf8" });
  assert.is(status, 0, stdout);
  assert.is(gunzipSync(readFileSync(join(folder, "out.gz"))).toString(), "content of the file");
  for (const name of names) assert.ok(existsSync(join(folder, `${name}.used`)), name);
});

unixTest("tspack builds with its own components over the wire", async () => {
  buildProgram();
  const folder = scripts(...names);
  writeFileSync(join(folder, "template.json"), template(folder));
  const env = { PACKER_PLUGIN_PATH: folder, PACKER_CACHE_DIR: tmp("cache") };
  const { code, stdout, stderr } = await tspack(["run", "template.json"], { cwd: folder, env });
  assert.is(code, 0, `${stdout}${stderr}`);
  assert.is(gunzipSync(readFileSync(join(folder, "out.gz"))).toString(), "content of the file");
  for (const name of names) assert.ok(existsSync(join(folder, `${name}.used`)), name);
});

unixTest("with -protobuf the handshake is that of current hosts", () =>
  within(180_000, async () => {
    const env = { PACKER_PLUGIN_MAGIC_COOKIE: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2", TMPDIR: tmp("t") };
    for (const [words, handshake] of [
      [["-protobuf", "packer-builder-file"], /^5\|0\|unix\|/],
      [["packer-builder-file"], /^5\|unix\|/],
    ] as const) {
      const child = startTspack(["execute", ...words], { cwd: tmp("work"), env });
      const [line]: unknown[] = await once(child.stdout.setEncoding("utf8"), "data");
      assert.match(String(line), handshake);
      child.kill("SIGKILL");
      await once(child, "exit");
    }
  }),
);

unixTest("execute says what it is for, and which component there might be", async () => {
  const cwd = tmp("work");
  const byHand = await tspack(["execute", "packer-builder-file"], { cwd });
  assert.is(byHand.code, 1);
  assert.match(byHand.stderr, /It is not run by hand/);
  const unknown = await tspack(["execute", "packer-builder-fiel"], { cwd });
  assert.is(unknown.code, 1);
  assert.match(unknown.stderr.replace(/\s+/g, " "), /Did you mean "packer-builder-file"/);
  assert.not.match((await tspack(["help"], { cwd })).stdout, /execute/);
});

test.run();
