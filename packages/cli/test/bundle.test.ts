import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import * as source from "../src/index.ts";
import { buildProgram, program } from "./support/tspack.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const cli = join(root, "packages/cli");

test.before(buildProgram);

/** Files that a command line loads, by their path in the repository. */
function loadedFiles(words: readonly string[], cwd: string): string[] {
  const spy = join(tmp("spy"), "spy.cjs");
  writeFileSync(spy, 'process.on("exit", () => console.error("LOADED " + JSON.stringify(Object.keys(require.cache))));');
  const { stderr } = spawnSync(process.execPath, ["--require", spy, program, ...words], { cwd, encoding: "utf8" });
  const list: unknown = JSON.parse(/^LOADED (.*)$/m.exec(stderr)?.[1] ?? "[]");
  assert.ok(Array.isArray(list));
  return list.filter((file) => file !== spy).map((file: string) => file.replace(`${root}`, ""));
}

test("version loads the argument parser and nothing else", () => {
  const files = loadedFiles(["version"], tmp("bundle"));
  assert.equal(files, ["packages/cli/bin/tspack.cjs", "packages/cli/dist/bin.cjs", "packages/cli/package.json"]);
});

test("validate loads neither the SSH library nor the live tree", () => {
  const folder = tmp("bundle");
  writeFileSync(
    join(folder, "image.ts"),
    'import { build, source } from "tspack";\nexport default build({ sources: [source("null", "x", { communicator: "none" })] });\n',
  );
  const files = loadedFiles(["validate"], folder);
  assert.ok(files.includes("packages/cli/dist/runtime.cjs"), files.join("\n"));
  assert.equal(
    files.filter((file) => /ssh2|node-ssh|tree\.cjs|listr2/.test(file)),
    [],
  );
});

/** A program whose only build names what a function gives. */
function programWith(text: string): string {
  const folder = tmp("bundle");
  writeFileSync(
    join(folder, "image.ts"),
    `import { build, fn, source } from "tspack";
export default build({ sources: [source("null", ${text}, { communicator: "none" })] });\n`,
  );
  return folder;
}

test("what only templates need is loaded with the first function that is called, and no library that it does not use", () => {
  assert.not.ok(loadedFiles(["inspect"], programWith('typeof fn.upper + "x"')).includes("packages/cli/dist/templates.cjs"));
  const folder = programWith('fn.regex("[a-z]+", "1abc2")');
  const files = loadedFiles(["inspect"], folder);
  assert.ok(files.includes("packages/cli/dist/templates.cjs"));
  assert.equal(
    files.filter((file) => file.includes("library-")),
    ["packages/cli/dist/library-re2js.cjs"],
  );
  const { stdout, stderr } = spawnSync(process.execPath, [program, "inspect", "--json"], { cwd: folder, encoding: "utf8" });
  assert.match(stdout, /"name": "null\.abc"/, stderr);
});

test("every library that functions need is in the program", () => {
  const folder = programWith('fn.join("", [fn.yamldecode("a: b").a, fn.bcrypt("x", 4).length, fn.regexall("a+", "aab").length])');
  const { stdout, stderr } = spawnSync(process.execPath, [program, "inspect", "--json"], { cwd: folder, encoding: "utf8" });
  assert.match(stdout, /"name": "null\.b601"/, stderr);
});

test("functions see the load that they are called in, although they are in a file of their own", () => {
  const folder = programWith('fn.file("name.txt")');
  writeFileSync(join(folder, "name.txt"), "beside");
  const { stdout, stderr } = spawnSync(process.execPath, [program, "inspect", "--json", folder], { cwd: tmp("bundle"), encoding: "utf8" });
  assert.match(stdout, /"name": "null\.beside"/, stderr);
});

test("the module entry loads nothing of the templates", () => {
  const entry = pathToFileURL(join(cli, "dist/index.mjs")).href;
  const code = `await import(${JSON.stringify(entry)}); const { _cache } = (await import("node:module")).default; console.log(Object.keys(_cache).join("\\n"));`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", code], { encoding: "utf8" });
  assert.match(stdout, /runtime\.cjs/, stderr);
  assert.not.match(stdout, /templates\.cjs/);
});

test("import from tspack gives the same exports as the sources", async () => {
  const built: object = await import(pathToFileURL(join(cli, "dist/index.mjs")).href);
  assert.equal(Object.keys(built).sort(), Object.keys(source).sort());
});

test("without a build the program says how to make one", () => {
  const folder = tmp("bundle");
  mkdirSync(join(folder, "bin"));
  copyFileSync(program, join(folder, "bin/tspack.cjs"));
  const { status, stderr } = spawnSync(process.execPath, [join(folder, "bin/tspack.cjs"), "version"], { encoding: "utf8" });
  assert.is(status, 1);
  assert.match(stderr, /tspack is not built: .*bin\.cjs is missing\. Run `npm install`/);
});

test.run();
