// The guide for authors of plugins does what it says: its files and commands are taken from the page.
import { execFile } from "node:child_process";
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { lab, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { buildProgram, program } from "./support/tspack.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const page = readFileSync(join(root, "docs/writing-plugins.md"), "utf8");
const folder = tmp("guide");
const unixTest = lab(test, "linux");
const packerTest = lab(test, "linux", "packer");

/** The one block of code of a language that holds a text, or begins with it where `^` stands before. */
function block(language: string, text: string): string {
  const found = [...page.matchAll(/^```(\w+)\n(.*?)^```/gms)].filter(
    ([, of, code = ""]) => of === language && (text.startsWith("^") ? code.startsWith(text.slice(1)) : code.includes(text)),
  );
  assert.is(found.length, 1, `${found.length} blocks of ${language} hold ${text}`);
  return found[0]?.[2] ?? "";
}

/** Runs a command of the page in the project's folder. `tspack` is the one of the sources, and so is the library. */
async function run(command: string): Promise<string> {
  const words = command
    .replaceAll("npx tspack", `'${process.execPath}' '${program}'`)
    .replaceAll("npx esbuild", `'${join(root, "node_modules/.bin/esbuild")}' --conditions=source --log-level=warning`);
  const { PACKER_LOG: _, ...inherited } = process.env;
  const env = {
    ...inherited,
    NODE_OPTIONS: "--conditions=source",
    PACKER_CONFIG_DIR: folder,
    PACKER_CACHE_DIR: tmp("cache"),
    CHECKPOINT_DISABLE: "1",
  };
  const { stdout, stderr } = await within(180_000, () => promisify(execFile)("/bin/sh", ["-ec", words], { cwd: folder, env }));
  return stdout + stderr;
}

function made(): string {
  return readFileSync(join(folder, "greeting.txt"), "utf8");
}

unixTest("the plugin of the page passes its tests, runs from its source, and says what it is", async () => {
  buildProgram();
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  for (const name of ["plugin", "main", "plugin.test"]) writeFileSync(join(folder, `${name}.ts`), block("ts", `// ${name}.ts\n`));
  writeFileSync(join(folder, "template.pkr.hcl"), block("hcl", "hello-list"));
  assert.match(await run(block("sh", "--test plugin.test.ts")), /^# pass 3$/m);
  for (const command of [block("sh", "^npx tspack build"), block("sh", "PACKER_LOG=1")]) await builds(command);
});

unixTest("it becomes one file that describes itself and runs under tspack", async () => {
  // The bundle is CommonJS, as the page says.
  writeFileSync(join(folder, "package.json"), "{}");
  assert.is(await run(block("sh", "npx esbuild")), "");
  const description = JSON.parse(await run(block("sh", "packer-plugin-hello describe")));
  assert.equal(description.builders, ["-packer-default-plugin-name-"]);
  assert.equal(description.provisioners, ["motd"]);
  assert.match(await run(block("sh", "plugin inspect dist")), /provisioner hello-motd .*\n {2}Sets the message/);
  await builds(block("sh", "PACKER_PLUGIN_PATH=$PWD/dist"));
});

async function builds(command: string): Promise<void> {
  writeFileSync(join(folder, "greeting.txt"), "");
  const output = await run(command);
  assert.match(output, /hello, everybody, says the shell/);
  assert.match(output, /made: greeting\.txt/);
  assert.is(made(), "hello, everybody\n");
}

packerTest("it runs under Packer, one component to a file", async () => {
  await builds(block("sh", "packer-builder-hello"));
});

test.run();
