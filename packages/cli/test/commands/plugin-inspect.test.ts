// `tspack plugin inspect`: a plugin that is written in TypeScript, from its source and broken.
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { lab, tmp, writeScript } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { tspack } from "../support/tspack.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const unixTest = lab(test, "linux");

const source = `import { definePlugin, defineProvisioner } from "@tspack/core/sdk";
import * as z from "zod";
const options = () => z.object({
  text: z.string().describe("What it says."),
  disk: z.array(z.object({ size: z.number() })).default([]).describe("Disks."),
});
const provisioner = defineProvisioner({ type: "hello", description: "Says hello.", options, async provision() {} });
void definePlugin({ name: "hello", version: "1.0.0", provisioners: [provisioner] }).main();
`;

unixTest("a plugin's source is started through tsx, and shown for people and as JSON", async () => {
  const cwd = tmp("plugin");
  mkdirSync(join(cwd, "src"));
  symlinkSync(join(root, "node_modules"), join(cwd, "node_modules"));
  writeFileSync(join(cwd, "package.json"), '{ "type": "module" }');
  writeFileSync(join(cwd, "src/main.ts"), source);
  const env = { NODE_OPTIONS: "--conditions=source" };
  const shown = await tspack(["plugin", "inspect", "hello=src/main.ts"], { cwd, env });
  assert.is(shown.code, 0, shown.stderr);
  assert.match(shown.stdout, /^hello 1\.0\.0\n {2}.*src\/main\.ts\n {2}protocol x5\.0/);
  assert.match(shown.stdout, /provisioner hello \(listened at a socket\)\n {2}Says hello\.\n/);
  assert.match(shown.stdout, /\n {2}text +string, required +What it says\.\n/);
  assert.match(shown.stdout, /\n {2}disk .*Disks\. Default \[\]\.\n {4}size +number, required/);
  const json = await tspack(["plugins", "inspect", "-json", "hello=src/main.ts"], { cwd, env });
  const { components, problems } = JSON.parse(json.stdout);
  assert.equal(problems, []);
  assert.is(components[0].options.options.text.description, "What it says.");
});

unixTest("what is wrong is told with exit code 1; without a file the command says what it needs", async () => {
  const cwd = tmp("plugin");
  writeScript(join(cwd, "packer-plugin-x"), "echo oh >&2; exit 7");
  const { code, stderr, stdout } = await tspack(["plugin", "inspect", "packer-plugin-x"], { cwd });
  assert.is(code, 1);
  assert.match(stdout, /^x\n/);
  assert.match(stderr, /Problem: The plugin .*packer-plugin-x could not be asked what it is: it ended with exit code 7/);
  const missing = await tspack(["plugin", "inspect"], { cwd });
  assert.is(missing.code, 1);
  assert.match(missing.stderr, /needs the file of a plugin/);
});

test("a command that may wait for a debugger says so", async () => {
  const cwd = tmp("program");
  writeFileSync(join(cwd, "t.json"), '{ "builders": [{ "type": "null", "communicator": "none" }] }');
  const { code, stderr } = await tspack(["validate", "t.json"], { cwd, env: { TSPACK_PLUGIN_DEBUG: "hello:9300" } });
  assert.is(code, 0, stderr);
  assert.match(stderr, /^TSPACK_PLUGIN_DEBUG=hello:9300: plugins of that name wait for a debugger/m);
});

test.run();
