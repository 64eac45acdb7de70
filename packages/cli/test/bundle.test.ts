import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import * as nodeModule from "node:module";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as core from "@tspack/core";
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
  assert.equal(
    files.filter((file) => !file.endsWith("compiled-cache.cjs")),
    ["packages/cli/bin/tspack.cjs", "packages/cli/dist/bin.cjs", "packages/cli/package.json"],
  );
});

for (const words of [["validate"], ["run"], ["inspect"]]) {
  test(`${words}: a program of simple built-in components loads the engine and nothing else`, () => {
    const files = loadedFiles([...words], programWith('"x"'));
    const program = ["bin.cjs", "runtime.cjs"].map((name) => `packages/cli/dist/${name}`);
    assert.equal(
      files.filter((file) => !/^packages\/cli\/(bin\/|package\.json|dist\/compiled-cache)|node_modules\/esbuild\//.test(file)),
      program,
    );
  });
}

test("a plugin that ships with the program is kept compiled, too", () => {
  if ("enableCompileCache" in nodeModule) return;
  const cache = tmp("cache");
  const folder = tmp("qemu");
  const source = `source("qemu", "a", { iso_url: "no.iso", iso_checksum: "none", ssh_username: "root" })`;
  writeFileSync(join(folder, "image.ts"), `import { build, source } from "tspack";\nexport default build({ sources: [${source}] });\n`);
  const validate = () =>
    spawnSync(process.execPath, [program, "validate"], { cwd: folder, env: { ...process.env, XDG_CACHE_HOME: cache }, encoding: "utf8" });
  const first = validate();
  assert.match(first.stdout, /configuration is valid/, first.stderr);
  assert.ok(readdirSync(join(cache, "tspack/compiled")).some((name) => name.startsWith("packer-plugin-qemu-")));
  assert.is(validate().stdout, first.stdout);
});

/** Starts the program with a cache folder of its own. */
function inspectWith(cache: string): string {
  const env = { ...process.env, XDG_CACHE_HOME: cache };
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, "inspect"], { cwd: programWith('"x"'), env, encoding: "utf8" });
  assert.is(status, 0, stderr);
  return stdout;
}

test("the program is kept compiled; what is damaged, or writable for others, is not used", () => {
  // Later versions of Node keep it themselves.
  if ("enableCompileCache" in nodeModule) return;
  const cache = tmp("cache");
  const printed = inspectWith(cache);
  const folder = join(cache, "tspack/compiled");
  const entries = () => readdirSync(folder).map((name) => join(folder, name));
  assert.equal(
    entries()
      .map((entry) => basename(entry).replace(/-.*/, ""))
      .sort(),
    ["runtime"],
  );
  const written = () => entries().map((entry) => statSync(entry, { bigint: true }).ctimeNs);
  const kept = written();
  assert.is(inspectWith(cache), printed);
  assert.equal(written(), kept, "used, not written again");
  for (const damage of [
    (entry: string) => writeFileSync(entry, readFileSync(entry).fill(7, 20_000, 30_000)),
    (entry: string) => truncateSync(entry, 3),
    (entry: string) => chmodSync(entry, 0o622),
  ]) {
    entries().forEach(damage);
    const damaged = written();
    assert.is(inspectWith(cache), printed);
    assert.ok(
      written().every((time) => !damaged.includes(time)),
      "written anew",
    );
  }
});

test("what is kept compiled is bounded: two versions of a file, the newest of all, and nothing that is old", () => {
  if ("enableCompileCache" in nodeModule) return;
  const cache = tmp("cache");
  const folder = join(cache, "tspack/compiled");
  inspectWith(cache);
  const [own = ""] = readdirSync(folder);
  const version = (digit: string) => own.replace(/-[0-9a-f]{32}-/, `-${digit.repeat(32)}-`);
  /** Puts an entry there that was written some hours ago. */
  const put = (name: string, hours: number, sizeBytes = 10): void => {
    const path = join(folder, name);
    writeFileSync(path, "");
    truncateSync(path, sizeBytes);
    utimesSync(path, new Date(), new Date(Date.now() - hours * 3_600_000));
  };
  const after = (): string[] => {
    rmSync(join(folder, own), { force: true });
    inspectWith(cache);
    return readdirSync(folder).sort();
  };
  put(version("a"), 3);
  put(version("b"), 2);
  put(`${version("c")}.1234.5678`, 200);
  put("packer-plugin-x-of-another-version", 100);
  put("packer-plugin-y-of-another-version", 200);
  assert.equal(after(), ["packer-plugin-x-of-another-version", own, version("b")].sort());
  put("packer-plugin-y-large", 4, 60_000_000);
  put("packer-plugin-z-large", 5, 60_000_000);
  assert.equal(after(), ["packer-plugin-y-large", own, version("b")].sort());
  for (let count = 0; count < 150; count++) put(`many-${count}`, 3 + count / 100);
  const left = after();
  assert.is(left.length, 100);
  assert.ok([own, version("b"), "many-0", "many-97"].every((name) => left.includes(name)));
});

test("a cache folder that cannot be written is no error", () => {
  const cache = join(tmp("cache"), "file");
  writeFileSync(cache, "");
  assert.match(inspectWith(cache), /null\.x/);
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

test("every built-in component is in the program, in whatever file", async () => {
  const runtime: { readonly core: typeof core } = nodeModule.createRequire(import.meta.url)(join(cli, "dist/runtime.cjs"));
  const catalog = runtime.core.builtInCatalog();
  for (const kind of ["builder", "provisioner", "post-processor", "datasource"] as const) {
    assert.equal(catalog.names(kind), core.builtInCatalog().names(kind));
    for (const type of catalog.names(kind)) assert.type((await catalog.find(kind, type))?.configSpec, "function", `${kind} ${type}`);
  }
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
