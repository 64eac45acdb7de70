// What users get wrong, through the built program: one clear diagnostic, a non-zero exit code, and nothing half-written.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { lab, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type TspackResult, tspack } from "./support/tspack.ts";

const header = 'import { build, data, path, postProcess, provision, source, t, variable } from "tspack";\n';
const nothing = 'source("null", "x", { communicator: "none" })';

/** A folder with a program and other files. `tspack` is imported for it. */
function project(program: string | undefined, files: { readonly [path: string]: string } = {}): string {
  const folder = tmp("bad");
  const all = program === undefined ? files : { "image.ts": header + program, ...files };
  for (const [path, content] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

interface Expected {
  readonly code: string;
  /** What the user must be told. */
  readonly says: readonly RegExp[];
  /** Line of image.ts that is shown, counting the line of the import as the first. */
  readonly line?: number;
  readonly words?: readonly string[];
  /** Diagnostics of any kind that are printed; one unless given. */
  readonly count?: number;
}

/** Runs a project that must fail as expected, twice: the second time from the cache. */
async function failsRunning(folder: string, expected: Expected): Promise<TspackResult> {
  const before = listing(folder);
  const result = await within(180_000, () => tspack(["run", ...(expected.words ?? [])], { cwd: folder }));
  const shown = `${result.stdout}${result.stderr}`;
  assert.is(result.code, 1, shown);
  assert.match(shown, new RegExp(expected.code), shown);
  for (const pattern of expected.says) assert.match(shown.replace(/\s+/g, " "), pattern, shown);
  if (expected.line !== undefined) assert.match(shown, new RegExp(`on image\\.ts line ${expected.line}\\b`), shown);
  assert.is(shown.match(/\(TPK\d{4}\)/g)?.length, expected.count ?? 1, shown);
  assert.not.match(shown, /^\s+at .*\.(ts|js|cjs):\d+/m, `a stack was printed:\n${shown}`);
  assert.equal(listing(folder), before, "the run left files");
  return result;
}

/** All files of a folder but for our own records. */
function listing(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => !name.split("/").includes(".tspack"))
    .sort();
}

const one = (provisioner: string): string => `export default build({ sources: [${nothing}], provisioners: [${provisioner}] });\n`;

test("a file that stands beside the program, but not in the working directory", async () => {
  const folder = project(undefined, {
    "web/image.ts": `${header}export default build({
  sources: [
    source("rootfs", "x", { base: "scratch", files: { "/a": "app.js", "/b": { source: "./app.js" } }, output: [{ format: "tar", path: "x.tar" }] }),
  ],
  provisioners: [provision("shell-local", { scripts: ["setup.sh"] }), provision("file", { source: "site", destination: "/" })],
});
`,
    "web/setup.sh": "true\n",
    "web/app.js": "",
    "web/site/index.html": "",
  });
  const { stdout } = await failsRunning(folder, {
    code: "TPK3107",
    says: [/stands beside the program, but relative paths start in the working directory. Write `\$\{path\.root\}\/setup\.sh`/],
    words: ["web"],
    count: 4,
  });
  assert.is(stdout.replace(/\s+/g, " ").match(/Write `\$\{path\.root\}\/(setup\.sh|app\.js|site)`/g)?.length, 4, stdout);
});

test("files and a folder that stand beside a JSON template are told with the words of such templates", async () => {
  const machine = {
    type: "qemu",
    iso_url: "x.iso",
    iso_checksum: "file:SHA256SUMS",
    ssh_username: "root",
    http_directory: "http",
  };
  const folder = project(undefined, {
    "web/web.json": JSON.stringify({ builders: [machine], provisioners: [{ type: "shell", script: "setup.sh" }] }),
    "web/setup.sh": "true\n",
    "web/x.iso": "",
    "web/SHA256SUMS": `${"0".repeat(64)}  x.iso\n`,
    "web/http/preseed.cfg": "",
  });
  const { stdout } = await failsRunning(folder, { code: "TPK3107", says: [], words: ["web/web.json"], count: 4 });
  const advice = /Write `(file:)?\{\{template_dir\}\}\/(setup\.sh|x\.iso|http|SHA256SUMS)`/g;
  assert.is(stdout.replace(/\s+/g, " ").match(advice)?.length, 4, stdout);
});

test("a missing image.ts", async () => {
  await failsRunning(project(undefined), { code: "TPK1001", says: [/image\.ts/] });
  await failsRunning(project(undefined, { "imgae.ts": "" }), { code: "TPK1001", says: [/imgae\.ts/] });
});

test("an image.ts that is no file", async () => {
  await failsRunning(project(undefined, { "image.ts/x": "" }), { code: "TPK1001", says: [/image\.ts is not a file/] });
});

test("a syntax error", async () => {
  await failsRunning(project("const x = ;\n"), { code: "TPK1002", says: [/Unexpected ";"/], line: 2 });
});

test("an import of something that does not exist", async () => {
  await failsRunning(project('import "./parts/web.ts";\n'), { code: "TPK1002", says: [/parts\/web\.ts/], line: 2 });
});

test("an exception in the program, also after an await and in an imported file", async () => {
  await failsRunning(project("const releases: any = undefined;\nreleases.map(String);\n"), {
    code: "TPK1003",
    says: [/Cannot read properties of undefined/],
    line: 3,
  });
  await failsRunning(project('await Promise.resolve();\nthrow new Error("no release today");\n'), {
    code: "TPK1003",
    says: [/no release today/],
    line: 3,
  });
  const imported = project('import { x } from "./part.ts";\nconsole.log(x);\n', {
    "part.ts": '\nthrow new Error("from the part");\nexport const x = 1;\n',
  });
  await failsRunning(imported, { code: "TPK1003", says: [/from the part/, /on part\.ts line 2/] });
});

test("a promise that is never settled", async () => {
  await failsRunning(project("await new Promise(() => {});\n"), { code: "TPK1004", says: [/promise/] });
});

test("no build exported", async () => {
  await failsRunning(project(`export const x = ${nothing};\n`), { code: "TPK1005", says: [/build/] });
});

test("an unknown component, with a suggestion", async () => {
  await failsRunning(project(one('provision("shel-local", { inline: ["true"] })')), {
    code: "TPK3101",
    says: [/shel-local/, /Did you mean "shell-local"\?/],
    line: 2,
  });
});

test("an unknown option and one of the wrong type, both at once and at their places", async () => {
  const program = one('provision("shell-local", {\n  inlin: ["true"],\n  command: "true",\n  use_linux_pathing: "perhaps",\n})');
  const { stdout } = await failsRunning(project(program), { code: "TPK3102", says: [/Did you mean "inline"\?/, /TPK3103/], count: 2 });
  assert.match(stdout, /on image\.ts line 3/);
  assert.match(stdout, /on image\.ts line 5/);
});

test("builds that need each other", async () => {
  const program = `
const a = build({ name: "a", sources: [source("file", "a", { target: "a", content: b.artifact(x).id })] });
const x = source("file", "x", { target: "x", content: "x" });
const b = build({ name: "b", sources: [x] });
export default [a, b];
`;
  await failsRunning(project(program), { code: "TPK1008", says: [/before/], line: 3 });
});

test("a missing variable: all of them at once, with the ways to give them", async () => {
  const program = `const release = variable("release");\nconst size = variable("size");\n${one('provision("shell-local", { inline: [release, size] })')}`;
  await failsRunning(project(program), { code: "TPK1101", says: [/release/, /size/, /-var/], count: 2 });
});

test("a variable that is not declared, with a suggestion", async () => {
  const program = `variable("release", { default: "bookworm" });\n${one('provision("shell-local", { inline: ["true"] })')}`;
  await failsRunning(project(program), { code: "TPK1102", says: [/Did you mean "release"\?/], words: ["-var", "relase=trixie"] });
});

test("a script that does not exist is found before any build starts", async () => {
  const program = `export default build({
  sources: [source("file", "made", { target: "made.txt", content: "x" }), ${nothing}],
  provisioners: [provision("shell-local", { scripts: ["setup.sh"] })],
});
`;
  await failsRunning(project(program), { code: "TPK3107", says: [/setup\.sh/], line: 4, count: 1 });
});

test("output that exists, without -force", async () => {
  const program = `export default build({
  sources: [source("rootfs", "made", { base: "scratch", output: [{ format: "tar", path: "made.tar" }] })],
});
`;
  const folder = project(program, { "made.tar": "old" });
  await failsRunning(folder, { code: "TPK6007", says: [/made\.tar/, /-force/], line: 3 });
  assert.is(readFileSync(join(folder, "made.tar"), "utf8"), "old");
  assert.is((await tspack(["run", "-force"], { cwd: folder })).code, 0);
  assert.is.not(readFileSync(join(folder, "made.tar"), "utf8"), "old");
});

test("a checksum that does not match", async () => {
  const program = `export default build({
  sources: [source("rootfs", "x", { base: { archive: "base.tar", checksum: "sha256:${"0".repeat(64)}" }, output: [{ format: "tar", path: "out.tar" }] })],
});
`;
  await failsRunning(project(program, { "base.tar": "x".repeat(1024) }), { code: "TPK7002", says: [/base\.tar/] });
});

test("a script that hangs is stopped at its timeout", async () => {
  const folder = project(one('provision("shell-local", { inline: ["sleep 300"], timeout: "1s" })'));
  await failsRunning(folder, { code: "TPK6005", says: [/timeout of 1s/], line: 2 });
});

test("a script that prints invalid UTF-8 does not disturb the run", async () => {
  const folder = project(one(String.raw`provision("shell-local", { inline: ["printf 'a\\377\\376b\\n'"] })`));
  const { code, stdout } = await tspack(["run"], { cwd: folder });
  assert.is(code, 0);
  assert.match(stdout, /a\ufffd+b/);
});

test("a script that prints 100 MB runs to its end in bounded memory", async () => {
  const folder = project(
    one(
      `provision("shell-local", { inline: ["yes 0123456789012345678901234567890123456789012345678901234567890123456789 | head -c 100000000"] })`,
    ),
  );
  const { code } = await within(120_000, () => tspack(["run"], { cwd: folder, env: { NODE_OPTIONS: "--max-old-space-size=256" } }));
  assert.is(code, 0);
});

lab(
  test,
  "unshare",
  "root",
)("a full disk", async () => {
  const { spawnSync } = await import("node:child_process");
  const { program: tspackProgram } = await import("./support/tspack.ts");
  const folder = project(
    'export default build({ sources: [source("file", "big", { target: "disk/big.txt", content: "x".repeat(500_000) })] });\n',
  );
  mkdirSync(join(folder, "disk"));
  const script = `mount -t tmpfs -o size=64k none disk && "$0" "$1" run; code=$?; ls disk; exit $code`;
  const { status, stdout } = spawnSync("unshare", ["-m", "sh", "-c", script, process.execPath, tspackProgram], {
    cwd: folder,
    encoding: "utf8",
  });
  assert.is(status, 1, stdout);
  assert.match(stdout, /TPK6011/);
  assert.not.match(stdout, /^big\.txt$/m);
});

test.run();
