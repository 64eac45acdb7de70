import { execFile } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type BuildDeclaration, buildName, deferredOf, type Program } from "@tspack/core";
import { load } from "@tspack/dsl";
import { tmp } from "@tspack/test-support";
import { build } from "esbuild";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { addFiles, programFolder } from "./program-folder.ts";

const oneBuild = `import { build, source } from "tspack";
export default build({ sources: [source("null", "one", { communicator: "none" })] });
`;

async function loadWell(folder: string, options: Parameters<typeof load>[1] = {}): Promise<Program> {
  const { program, diagnostics } = await load(folder, options);
  assert.equal(diagnostics, []);
  if (program === undefined) throw new Error("no program");
  return program;
}

/** Options of the first source: how these tests look at what the program computed. */
function firstConfig(program: Program): { readonly [option: string]: unknown } {
  return program.builds[0]?.sources[0]?.config ?? {};
}

function names(builds: readonly BuildDeclaration[]): string[] {
  return builds.flatMap((build) => build.sources.map((source) => buildName(build, source)));
}

/** A program whose one source has these options. */
function showing(options: string, before = ""): string {
  return `import { build, source } from "tspack";\n${before}\nexport default build({ sources: [source("null", "one", ${options})] });\n`;
}

test("a folder means its image.ts, and a file is loaded whatever its name", async () => {
  const folder = programFolder({ "image.ts": oneBuild, "other.mts": oneBuild.replace('"one"', '"two"') });
  assert.equal(names((await loadWell(folder)).builds), ["null.one"]);
  const other = await loadWell("other.mts", { workingDirectory: folder });
  assert.equal(names(other.builds), ["null.two"]);
  assert.is(other.root, folder);
});

test("the default export may be a list, and other exported builds count too", async () => {
  const folder = programFolder({
    "image.ts": `import { build, source } from "tspack";
const make = (name: string) => build({ name, sources: [source("null", name, {})] });
export const c = make("c");
export default [make("a"), [make("b")]];`,
  });
  assert.equal(names((await loadWell(folder)).builds), ["a.null.a", "b.null.b", "c.null.c"]);
});

test("TypeScript, local imports, JSON, texts and Node's modules work in one program", async () => {
  const folder = programFolder({
    "image.ts": `import { readFileSync } from "node:fs";
import { build, source, t } from "tspack";
import data from "./data.json";
import { size } from "./lib/size.ts";
import { plain } from "./lib/plain.js";
import script from "./setup.sh";
import preseed from "./preseed.cfg" with { type: "text" };
enum Kind { Large = "large" }
const fromDisk: string = readFileSync(import.meta.dirname + "/data.json", "utf8");
export default build({ sources: [source("null", "one", {
  list: data.list, size: size<string>(Kind.Large), plain, script, preseed, fromDisk,
})] });`,
    "data.json": '{ "list": [1, 2] }',
    "lib/size.ts": "export function size<T>(kind: T): T { return kind; }",
    "lib/plain.js": "export const plain = 7;",
    "setup.sh": "#!/bin/sh\necho `date` $HOME\n",
    "preseed.cfg": "d-i debian\n",
  });
  assert.equal(firstConfig(await loadWell(folder)), {
    list: [1, 2],
    size: "large",
    plain: 7,
    script: "#!/bin/sh\necho `date` $HOME\n",
    preseed: "d-i debian\n",
    fromDisk: '{ "list": [1, 2] }',
  });
});

test("a file may be imported as bytes; a binary one is not taken for text", async () => {
  const bytes = {
    "image.ts": showing("{ size: logo.length }", 'import logo from "./logo.png" with { type: "bytes" };'),
    "logo.png": "\0PNG",
  };
  assert.equal(firstConfig(await loadWell(programFolder(bytes))), { size: 4 });
  const { diagnostics } = await load(programFolder({ ...bytes, "image.ts": 'import logo from "./logo.png"; console.log(logo);' }));
  assert.match(diagnostics[0]?.detail ?? "", /logo\.png is not text; import it with \{ type: "bytes" \}/);
  assert.is(diagnostics[0]?.subject?.start.column, 18);
});

test("each file sees its own place, not that of the bundle", async () => {
  const folder = programFolder({
    "image.ts": showing(
      "{ dirname: __dirname, filename: import.meta.filename, url: import.meta.url, lib, old, resolved: import.meta.resolve('./x.txt') }",
      'import { lib } from "./lib/place.ts"; import old from "./lib/old.cjs";',
    ),
    "lib/place.ts": "export const lib = [import.meta.dirname, __filename];",
    "lib/old.cjs": "module.exports = __dirname;",
    "x.txt": "",
  });
  assert.equal(firstConfig(await loadWell(folder)), {
    dirname: folder,
    filename: join(folder, "image.ts"),
    url: `file://${folder}/image.ts`,
    lib: [join(folder, "lib"), join(folder, "lib/place.ts")],
    old: join(folder, "lib"),
    resolved: `file://${folder}/x.txt`,
  });
});

test("packages come from the program's folder: CommonJS, ES modules, both, and those that wait at their top level", async () => {
  const folder = programFolder({
    "package.json": '{ "type": "module", "imports": { "#settings": "./settings.ts" } }',
    "settings.ts": "export const settings = 'from #settings';",
    "node_modules/common/index.js": "module.exports = Object.assign(() => 'called', { named: 'named' });",
    "node_modules/modern/package.json": '{ "type": "module", "exports": "./index.js" }',
    "node_modules/modern/index.js": "export default 'modern default'; export const named = 'modern named';",
    "node_modules/twin/package.json": '{ "name": "twin", "exports": { "import": "./index.mjs", "require": "./index.cjs" } }',
    "node_modules/twin/index.cjs": "Object.defineProperty(exports, '__esModule', { value: true }); exports.default = 'twin default';",
    "node_modules/twin/index.mjs": "export default 'twin default';",
    "node_modules/late/package.json": '{ "type": "module", "exports": "./index.js" }',
    "node_modules/late/index.js": "export default await Promise.resolve('late');",
    "image.ts": showing(
      "{ called: common(), commonNamed, modern, modernNamed, twin, late, settings, lazy: (await import('modern')).named }",
      `import common, { named as commonNamed } from "common"; import modern, { named as modernNamed } from "modern";
import twin from "twin"; import late from "late"; import { settings } from "#settings";`,
    ),
  });
  assert.equal(firstConfig(await loadWell(folder)), {
    called: "called",
    commonNamed: "named",
    modern: "modern default",
    modernNamed: "modern named",
    twin: "twin default",
    late: "late",
    settings: "from #settings",
    lazy: "modern named",
  });
});

test("paths of tsconfig.json lead to local files, and a change of it makes the cached bundle useless", async () => {
  const folder = programFolder({
    "tsconfig.json": '{ "compilerOptions": { "paths": { "@lib/*": ["./lib/*"] } } }',
    "lib/value.ts": "export const value = 'first';",
    "other/value.ts": "export const value = 'second';",
    "image.ts": showing("{ value }", 'import { value } from "@lib/value";'),
  });
  assert.is(firstConfig(await loadWell(folder)).value, "first");
  addFiles(folder, { "tsconfig.json": '{ "compilerOptions": { "paths": { "@lib/*": ["./other/*"] } } }' });
  assert.is(firstConfig(await loadWell(folder)).value, "second");
});

test("zod is there without being installed beside the program", async () => {
  const folder = programFolder({
    "image.ts": showing(
      "{ cpus }",
      'import * as z from "zod"; import { variable } from "tspack";\nconst cpus = variable("cpus", z.coerce.number().default(2));',
    ),
  });
  assert.is(firstConfig(await loadWell(folder, { variables: { cpus: "4" } })).cpus, 4);
});

test("the program may await at its top level, also in a file that it imports, and export a promise", async () => {
  const folder = programFolder({
    "image.ts": `import { build, source } from "tspack";
import { later } from "./later.ts";
const now = await new Promise<string>((resolve) => setTimeout(() => resolve("now"), 5));
async function main() {
  await null;
  return build({ sources: [source("null", "one", { now, later })] });
}
export default main();`,
    "later.ts": "export const later = await Promise.resolve('later');",
  });
  assert.equal(firstConfig(await loadWell(folder)), { now: "now", later: "later" });
  assert.not(existsSync(join(folder, ".tspack", "cache", "image.mjs")));
});

test("loads at the same time do not meet", async () => {
  const folders = ["a", "b", "c"].map((name) =>
    programFolder({
      "image.ts": `import { build, data, path, secret, source, variable } from "tspack";
const before = variable("name");
await new Promise((resolve) => setTimeout(resolve, ${name === "a" ? 30 : 5}));
const after = variable("after", { default: before + path.root });
export default build({ name: before, sources: [source("null", "one", { after })] });`,
    }),
  );
  const programs = await Promise.all(folders.map((folder, index) => loadWell(folder, { variables: { name: `n${index}` } })));
  for (const [index, program] of programs.entries()) {
    assert.is(program.builds[0]?.name, `n${index}`);
    assert.equal(
      program.variables.map(({ value }) => value),
      [`n${index}`, `n${index}${folders[index]}`],
    );
  }
});

test("the second load takes the bundle from the cache; every kind of change is seen", async () => {
  const folder = programFolder({
    "image.ts": showing("{ value, text }", 'import { value } from "./value"; import text from "./text.txt";'),
    "value.js": "export const value = 1;",
    "text.txt": "one",
  });
  const first = await load(folder);
  assert.is(first.cached, false);
  assert.equal(
    [...first.dependencies].sort(),
    ["image.ts", "text.txt", "value.js"].map((name) => join(folder, name)),
  );
  const second = await load(folder);
  assert.is(second.cached, true);
  assert.equal(second.dependencies, first.dependencies);
  assert.equal(firstConfig(await loadWell(folder)), { value: 1, text: "one" });

  // Touching a file changes nothing.
  utimesSync(join(folder, "value.js"), new Date(0), new Date(0));
  assert.is((await load(folder)).cached, true);
  addFiles(folder, { "text.txt": "two" });
  assert.equal(firstConfig(await loadWell(folder)), { value: 1, text: "two" });
  // `./value` now means another file.
  addFiles(folder, { "value.ts": "export const value: number = 2;" });
  assert.equal(firstConfig(await loadWell(folder)), { value: 2, text: "two" });
  rmSync(join(folder, "value.ts"));
  rmSync(join(folder, "value.js"));
  assert.is((await load(folder)).diagnostics[0]?.code, "TPK1002");
});

test("a warm load does not load esbuild", async () => {
  const folder = programFolder({ "image.ts": oneBuild });
  await loadWell(folder);
  // As it is published: one CommonJS file, with esbuild outside of it.
  const probe = join(tmp(), "probe.cjs");
  await build({
    stdin: {
      contents: `import { load } from "./index.ts";
load(${JSON.stringify(folder)}).then(({ cached }) => {
  const loaded = Object.keys(require.cache).filter((path) => path.includes("node_modules") && path.endsWith("esbuild/lib/main.js"));
  console.log(JSON.stringify({ cached, loaded }));
});`,
      resolveDir: fileURLToPath(new URL("../../src", import.meta.url)),
      loader: "js",
    },
    bundle: true,
    platform: "node",
    conditions: ["source"],
    external: ["esbuild", "ssh2", "node-ssh", "cpu-features"],
    outfile: probe,
    define: { "import.meta.url": JSON.stringify(import.meta.url) },
    logLevel: "silent",
  });
  const { stdout } = await promisify(execFile)(process.execPath, [probe]);
  assert.equal(JSON.parse(stdout), { cached: true, loaded: [] });
});

test("a broken entry, a truncated one and one of another version are misses", async () => {
  const folder = programFolder({ "image.ts": oneBuild });
  await loadWell(folder);
  const cache = join(folder, ".tspack", "cache");
  const entry = join(cache, readdirSync(cache)[0] ?? "");
  const good = readFileSync(entry, "utf8");
  const [header = "", ...rest] = good.split("\n");
  for (const bad of [
    "",
    "{",
    good.slice(0, -20),
    good.replace("null", "nil"),
    [header.replace("esbuild ", "esbuild 9"), ...rest].join("\n"),
    "[]\n",
  ]) {
    writeFileSync(entry, bad);
    const loaded = await load(folder);
    assert.is(loaded.cached, false);
    assert.equal(names(loaded.program?.builds ?? []), ["null.one"]);
  }
  assert.is((await load(folder)).cached, true);
  assert.equal(readdirSync(cache).length, 1, "no temporary file is left");
});

test("without a folder to write to there is no cache, and no error", async () => {
  const folder = programFolder({ "image.ts": oneBuild });
  // A file in its place stops root, too.
  writeFileSync(join(folder, ".tspack"), "");
  await loadWell(folder);
  assert.is((await load(folder)).cached, false);
  const other = programFolder({ "image.ts": oneBuild });
  await load(other, { cache: false });
  assert.not(existsSync(join(other, ".tspack")));
  mkdirSync(join(other, ".tspack"));
  chmodSync(join(other, ".tspack"), 0o500);
  await loadWell(other);
});

test("many loads of one program at the same time share the cache without harm", async () => {
  const folder = programFolder({ "image.ts": oneBuild });
  const programs = await Promise.all(Array.from({ length: 8 }, () => loadWell(folder)));
  for (const program of programs) assert.equal(names(program.builds), ["null.one"]);
  assert.is((await load(folder)).cached, true);
});

test("an option is located in the text, through imports, loops, helper functions and constants", async () => {
  const folder = programFolder({
    "image.ts": `import { build, source } from "tspack";
import { debian } from "./debian.ts";
const shared = {
  iso_url: "x",
};
export default build({
  sources: [
    ...["a", "b"].map((name) => source("qemu", name, { ...shared, cpus: [1, { deep: true }] })),
    debian("c", { "memory": 1 }),
  ],
});`,
    "debian.ts": `import { source } from "tspack";
export function debian(name: string, more: object) {
  return source("qemu", name, { disk_image: true, ...more });
}`,
  });
  const sources = (await loadWell(folder, { workingDirectory: folder })).builds[0]?.sources ?? [];
  const place = (index: number, ...path: (string | number)[]): string => {
    const range = sources[index]?.origin?.locate(path);
    return `${range?.file}:${range?.start.line}:${range?.start.column}-${range?.end.column}`;
  };
  assert.is(place(0), "image.ts:8:33-46");
  assert.is(place(1, "cpus", 1, "deep"), "image.ts:8:79-83");
  assert.is(place(0, "iso_url"), "image.ts:4:3-10");
  assert.is(place(2, "disk_image"), "debian.ts:3:33-43");
  assert.is(place(2, "memory"), "image.ts:9:19-27");
  assert.is(place(2, "nowhere"), "debian.ts:3:10-23");
});

test("path.root and path.cwd mean the load also inside of map, which runs later", async () => {
  const folder = programFolder({
    "images/image.ts": `import { build, data, path, source } from "tspack";
      const page = data("http", "page", { url: "http://127.0.0.1:1/" });
      export default build({ sources: [source("file", "a", { target: page.body.map(() => path.root + " " + path.cwd), content: "" })] });`,
  });
  const { program } = await load("images", { workingDirectory: folder });
  const target = deferredOf(program?.builds[0]?.sources[0]?.config.target);
  assert.is(target?.evaluate({ value: () => "" }), `${join(folder, "images")} ${folder}`);
});

test.run();
