import { execFile } from "node:child_process";
import { chmodSync, mkdirSync } from "node:fs";
import { promisify } from "node:util";
import { type Diagnostic, errorCodes } from "@tspack/core";
import { type Loaded, load } from "@tspack/dsl";
import { rejects, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { programFolder } from "./program-folder.ts";

/** Loads a program made of these files, with paths told relative to its folder. */
async function loadFiles(files: { readonly [path: string]: string }, options: Parameters<typeof load>[1] = {}): Promise<Loaded> {
  return load(".", { workingDirectory: programFolder(files), ...options });
}

async function problems(image: string, more: { readonly [path: string]: string } = {}): Promise<readonly Diagnostic[]> {
  const { program, diagnostics } = await loadFiles({ "image.ts": image, ...more });
  assert.is(program, undefined);
  for (const { code } of diagnostics) assert.ok(code in errorCodes);
  return diagnostics;
}

/** The one problem of a program, as `TPK1003 image.ts:2:3-8`. */
async function onlyProblem(image: string, more: { readonly [path: string]: string } = {}): Promise<Diagnostic & { readonly at: string }> {
  const found = await problems(image, more);
  assert.is(found.length, 1, JSON.stringify(found, null, 1));
  const [problem] = found;
  if (problem === undefined) throw new Error("no problem");
  return { ...problem, at: `${problem.code} ${placeOf(problem)}` };
}

function placeOf({ subject }: Diagnostic): string {
  return subject === undefined ? "nowhere" : `${subject.file}:${subject.start.line}:${subject.start.column}-${subject.end.column}`;
}

/** Runs a script in a process of its own. */
function runScript(script: string): Promise<{ readonly stdout: string }> {
  return promisify(execFile)(process.execPath, ["--conditions=source", "--import", "tsx", "-e", script], {
    cwd: new URL("../..", import.meta.url),
  });
}

const header = `import { build, provision, source, variable } from "tspack";\n`;

test("a missing file, and a folder without image.ts, say what is there instead", async () => {
  const folder = programFolder({ "imag.ts": "", "empty/x.txt": "", "json/debian.json": "", "other/web.ts": "" });
  const hint = async (path: string): Promise<string> => {
    const { program, diagnostics, dependencies } = await load(path, { workingDirectory: folder });
    assert.is(program, undefined);
    assert.is(diagnostics[0]?.code, "TPK1001");
    assert.is(dependencies.length, 1);
    return `${diagnostics[0]?.detail} ${diagnostics[0]?.hint}`;
  };
  assert.is(await hint("image.ts"), 'There is no file or folder image.ts. Did you mean "imag.ts"?');
  assert.match(await hint("."), /There is neither image\.ts nor .* in the folder .*Did you mean "imag\.ts"\?/);
  assert.match(await hint("nowhere/image.ts"), /folder does not exist/);
  assert.match(await hint("empty"), /There is neither image\.ts nor .* in the folder empty\. .*tspack new/);
  assert.match(await hint("json"), /named by its file: debian\.json/);
  assert.match(await hint("other"), /web\.ts/);
});

test("a program that may not be read, or is a folder", async () => {
  const folder = programFolder({ "image.ts": "" });
  mkdirSync(`${folder}/sub/image.ts`, { recursive: true });
  const { diagnostics } = await load("sub", { workingDirectory: folder });
  assert.is(diagnostics[0]?.code, "TPK1001");
  assert.match(diagnostics[0]?.detail ?? "", /sub\/image\.ts is not a file/);
  if (process.platform !== "win32") {
    // One that is read never ends.
    const { diagnostics } = await load("/dev/zero");
    assert.match(diagnostics[0]?.detail ?? "", /is not a file/);
  }
  if (process.getuid?.() === 0) return;
  chmodSync(`${folder}/image.ts`, 0);
  const unreadable = await load(folder);
  assert.match(unreadable.diagnostics[0]?.detail ?? "", /could not read/);
});

test("all syntax errors are shown, at their place, also in an imported file", async () => {
  const problem = await onlyProblem(`${header}const é = "é"; const b = = 1;\n`);
  assert.is(problem.at, "TPK1002 image.ts:2:26-27");
  assert.match(problem.detail ?? "", /Unexpected "="/);
  const imported = await onlyProblem('import "./lib/a.ts";', { "lib/a.ts": "\n  export const = 2;" });
  assert.is(imported.at, "TPK1002 lib/a.ts:2:16-17");
  const many = await problems('import "./a.ts"; import "./b.ts";', { "a.ts": "let let;", "b.ts": "class {" });
  assert.equal([...new Set(many.map(({ subject }) => subject?.file))].sort(), ["a.ts", "b.ts"]);
  assert.is((await onlyProblem('import x from "./x.json"; console.log(x);', { "x.json": '{ "a": 1,, }' })).at, "TPK1002 x.json:1:10-11");
});

test("an import that is not there: near names, other capital letters, packages, exports", async () => {
  const files = { "lib/Tools.ts": "export const tool = 1;", "lib/network.ts": "" };
  const near = await onlyProblem(`\nimport "./lib/netwrok.ts";`, files);
  assert.is(near.at, "TPK1002 image.ts:2:8-26");
  assert.is(near.hint, 'Did you mean "./lib/network.ts"?');
  const capital = await onlyProblem(`import "./lib/tools.ts";`, files);
  assert.match(capital.hint ?? "", /"Tools\.ts", with other capital letters/);
  const exports = await onlyProblem(`import { tol } from "./lib/Tools.ts"; console.log(tol);`, files);
  assert.is(exports.at, "TPK1002 image.ts:1:10-13");

  const packages = await problems(`${header}import one from "@scope/one/deep";\nimport "two";\nconsole.log(one);`);
  assert.equal(
    packages.map((problem) => `${problem.code} ${placeOf(problem)} ${problem.hint}`),
    [
      "TPK1002 image.ts:2:17-34 Install it in the program's folder: npm install @scope/one",
      "TPK1002 image.ts:3:8-13 Install it in the program's folder: npm install two",
    ],
  );
});

test("an exception points at the user's line, with its callers and causes and without frames of ours", async () => {
  const problem = await onlyProblem(`${header}import { check } from "./lib/check.ts";\n\nexport default [1].map((n) => check(n));`, {
    "lib/check.ts": `export function check(n: number): never {
  throw new TypeError("bad " + n, { cause: new Error("deeper", { cause: "deepest" }) });
}`,
  });
  assert.is(problem.at, "TPK1003 lib/check.ts:2:9-12");
  assert.is(problem.detail, "TypeError: bad 1\ncaused by: Error: deeper\ncaused by: 'deepest'");
  assert.equal(
    problem.related?.map(({ at }) => `${at.file}:${at.start.line}:${at.start.column}`),
    ["image.ts:4:31"],
    "one place per line",
  );
});

test("an exception out of Node or a package is shown where the program called it", async () => {
  const problem = await onlyProblem(
    `import { readFileSync } from "node:fs";\nconst text = readFileSync("/does/not/exist");\nexport default text;`,
  );
  assert.is(problem.at, "TPK1003 image.ts:2:14-26");
  assert.match(problem.detail ?? "", /^Error: ENOENT: no such file/);
});

test("an exception after an await, in a promise nobody waits for, and in an exported promise", async () => {
  const awaited = await onlyProblem(`await new Promise((resolve) => setTimeout(resolve, 5));\nthrow new Error("late");`);
  assert.is(awaited.at, "TPK1003 image.ts:2:7-10");
  const floating = await onlyProblem(
    `async function main() {\n  await null;\n  throw new Error("floating");\n}\nvoid main();\nexport default [];`,
  );
  assert.is(floating.at, "TPK1003 image.ts:3:9-12");
  const exported = await onlyProblem(`async function main() {\n  await null;\n  throw new Error("exported");\n}\nexport default main();`);
  assert.is(exported.at, "TPK1003 image.ts:3:9-12");
});

test("an exception in a callback of the program, while it waits, is the program's", async () => {
  const problem = await onlyProblem(
    `await new Promise(() => {\n  setTimeout(() => {\n    throw new Error("in a callback");\n  }, 5);\n});`,
  );
  assert.is(problem.at, "TPK1003 image.ts:3:11-14");
});

test("what is thrown need not be an error", async () => {
  assert.match((await onlyProblem(`throw { odd: true };`)).detail ?? "", /The program threw { odd: true }, which is not an error/);
  assert.match((await onlyProblem(`throw undefined;`)).detail ?? "", /threw undefined/);
  const many = await onlyProblem(`throw new AggregateError([new Error("one"), "two"], "both");`);
  assert.is(many.detail, "AggregateError: both\n- Error: one\n- 'two'");
});

test("a promise that nothing settles ends at once when nothing else goes on, and else at the time limit", async () => {
  const endless = {
    "image.ts": "await new Promise(() => {});",
    "busy.ts": "await new Promise((r) => setTimeout(r, 60_000).unref());",
  };
  const folder = programFolder(endless);
  // The runner of these tests may keep something alive, so another process shows what a command sees.
  const script = `import("@tspack/dsl").then(({ load }) => load(${JSON.stringify(folder)})).then(({ diagnostics }) => console.log(diagnostics[0].code, diagnostics[0].detail));`;
  const { stdout } = await within(180_000, () => runScript(script));
  assert.is(stdout.trim(), "TPK1004 The program waits for a promise that nothing is going to settle.");

  const keepAlive = setInterval(() => {}, 1000);
  try {
    const { diagnostics } = await within(180_000, () => load("busy.ts", { workingDirectory: folder, timeoutMs: 50 }));
    assert.is(diagnostics[0]?.code, "TPK1004");
    assert.match(diagnostics[0]?.detail ?? "", /not evaluated within 50 ms/);
  } finally {
    clearInterval(keepAlive);
  }
});

test("an aborted load rejects as cancelled", async () => {
  const folder = programFolder({ "image.ts": "await new Promise((resolve) => setTimeout(resolve, 30_000).unref());" });
  const abort = new AbortController();
  const loading = load(folder, { signal: abort.signal });
  setTimeout(() => abort.abort(), 20);
  await rejects(
    within(180_000, () => loading),
    { code: "TPK6009" },
  );
  await rejects(load(folder, { signal: AbortSignal.abort() }), { code: "TPK6009" });
});

test("no build exported, and an export of the wrong shape", async () => {
  assert.is((await onlyProblem(header)).code, "TPK1005");
  assert.is((await onlyProblem("export const answer = 42;")).code, "TPK1005");
  assert.is((await onlyProblem("export default 42;")).code, "TPK1006");
});

test("a build that needs a later one says which, whether it would throw or stay silent", async () => {
  const cycle = await onlyProblem(`${header}
const one = build({ sources: [source("null", "one", { from: two.artifact(two0) })] });
const two0 = source("null", "two", {});
const two = build({ sources: [two0] });
export default [one, two];`);
  assert.is(cycle.at, "TPK1008 image.ts:3:61-64");
  assert.match(cycle.detail ?? "", /^"two" is used here/);
  const silent = await onlyProblem(`${header}
export default build({ sources: [source("null", "one", { size: size2 })] });
const size2 = 4;`);
  assert.is(silent.at, "TPK1008 image.ts:3:64-69");
  assert.match(silent.detail ?? "", /"size2"/);
  const between = await onlyProblem(`import { a } from "./a.ts"; export const b = a + 1; export default b;`, {
    "a.ts": 'import { b } from "./image.ts";\nexport const a = b + 1;',
  });
  assert.is(between.code, "TPK1008");
  assert.match(between.detail ?? "", /"b"/);
});

test("declarations that only look like ones used too early still work", async () => {
  const { diagnostics, program } = await loadFiles({
    "image.ts": `${header}
import { Kind as Other } from "./other.ts";
enum Kind { A = "a" }
namespace Space { export const inner = 1; }
const text = \`
var size = 1;
const late = 2;\`;
const { late, ...rest } = { late: () => size, x: 1 };
var twice = 1;
var twice = 2;
class Base { static self = Base; }
let size = /[}\`]/.test("}") ? 3 : 0;
export default build({ sources: [source("null", "one", { text, size: late(), rest, twice, kind: [Kind.A, Other], same: Base.self === Base, inner: Space.inner })] });`,
    "other.ts": "export const Kind = 'other';",
  });
  assert.equal(diagnostics, []);
  assert.equal(program?.builds[0]?.sources[0]?.config, {
    text: "\nvar size = 1;\nconst late = 2;",
    size: 3,
    rest: { x: 1 },
    twice: 2,
    kind: ["a", "other"],
    same: true,
    inner: 1,
  });
});

test("a value known later that is used as text is shown where that happens", async () => {
  const problem = await onlyProblem(`import { data } from "tspack";
const page = data("http", "page", { url: "http://localhost" });
console.log("page: " + page.body);`);
  assert.is(problem.code, "TPK1007");
  assert.is(problem.subject?.start.line, 3);
});

test("process.exit neither ends the process nor passes unnoticed", async () => {
  const problem = await onlyProblem(`import process from "node:process";\nif (process.argv.length > 0) process.exit(3);`);
  assert.is(problem.at, "TPK1003 image.ts:2:38-42");
  assert.match(problem.detail ?? "", /process\.exit/);
  assert.is((await onlyProblem("process.exit();")).code, "TPK1003");
});

test("a missing variable is the only thing told when the program fails over its stand-in", async () => {
  const found = await problems(`${header}const list = variable<string[]>("list");\nvariable("other");\nlist.map((x) => x);`);
  assert.equal(
    found.map((problem) => `${problem.code} ${placeOf(problem)}`),
    ["TPK1101 image.ts:2:14-39", "TPK1101 image.ts:3:1-17"],
  );
});

test("a secret in the text of an exception is not shown", async () => {
  const { diagnostics } = await loadFiles(
    { "image.ts": `${header}const token = variable("token", { sensitive: true });\nthrow new Error("refused: " + token.reveal());` },
    { variables: { token: "s3cr3t-t0ken" } },
  );
  assert.is(diagnostics[0]?.detail, "Error: refused: <sensitive>");
});

test("no form of a secret is in what is told about a program, its source lines included", async () => {
  const program = (end: string): string => `import { secret, variable } from "tspack"; import { z } from "zod";
const key = secret("tell\\"nobody\\nsecond-line");
variable("pin", { sensitive: true, default: "hunter2hunter2", schema: z.string().max(3) });
${end}
`;
  for (const end of [
    "",
    `throw new Error(JSON.stringify(key.reveal()));`,
    `throw new Error(key.reveal().split("\\n")[1]);`,
    `throw new Error(Buffer.from(key.reveal()).toString("base64"));`,
    `throw { why: new Error(encodeURIComponent(key.reveal())) };`,
    `throw new Error("outer", { cause: key.reveal() });`,
  ]) {
    for (const text of [program(end), program(end).replace(", schema: z.string().max(3)", "")]) {
      const { diagnostics } = await loadFiles({ "image.ts": text });
      assert.ok(diagnostics.length > 0);
      assert.not.match(JSON.stringify(diagnostics), /nobody|second-line|hunter2|dGVsbC/, end);
    }
  }
});

test("of errors inside of what is thrown no stacks are shown, and what cannot be read is told too", async () => {
  assert.is(
    (await onlyProblem("throw { why: new Error('boo') };")).detail,
    "The program threw {\n  why: Error: boo\n}, which is not an error.",
  );
  for (const value of [
    `new (class extends Error { get message(): string { throw new Error(); } })()`,
    `{ [Symbol.for("nodejs.util.inspect.custom")]() { throw new Error(); } }`,
  ]) {
    assert.is((await onlyProblem(`throw ${value};`)).detail, "The program threw an error that cannot be read.");
  }
});

test("what a program aborts itself is an error in it, not a cancellation", async () => {
  const { at, detail } = await onlyProblem(`await fetch("http://127.0.0.1:9", { signal: AbortSignal.abort() });`);
  assert.match(at, /^TPK1003/);
  assert.match(detail ?? "", /aborted/);
});

test("an error that the program's code throws during a run is explained by the load it came from", async () => {
  const loaded = await loadFiles({
    "image.ts": `${header}
export default build({ sources: [source("null", "one", {})], provisioners: ({ build }) => [
  provision("shell", { inline: [build.Host.map((host) => host.missing.field)] })] });`,
  });
  const inline = loaded.program?.builds[0]?.sources[0]?.provisioners[0]?.config.inline;
  const { deferredOf } = await import("@tspack/core");
  const deferred = Array.isArray(inline) ? deferredOf(inline[0]) : undefined;
  let thrown: unknown;
  try {
    deferred?.evaluate({ value: () => "localhost" });
  } catch (error) {
    thrown = error;
  }
  const explained = loaded.explain(thrown);
  assert.is(explained?.code, "TPK1003");
  assert.is(explained && placeOf(explained), "image.ts:4:71-76");
  assert.is(loaded.explain(new Error("not of the program")), undefined);
});

test("errors of others during a load are left to Node, also while several loads wait", async () => {
  const folder = programFolder({ "image.ts": "await new Promise((resolve) => setTimeout(resolve, 5000));" });
  for (const mistake of ["void Promise.reject(new Error('of another'))", "throw new Error('of another')"]) {
    const script = `import("@tspack/dsl").then(({ load }) => {
      for (let n = 0; n < 2; n++) void load(${JSON.stringify(folder)});
      setTimeout(() => { ${mistake}; }, 50);
    });`;
    const error = await rejects(within(180_000, () => runScript(script)));
    assert.match(error.message, /Error: of another/);
  }
});

test("a promise that was put into a text is told at its option", async () => {
  const found = await onlyProblem(`${header}
const name = (async () => "x")();
export default build({
  sources: [source("null", "x", {})],
  provisioners: [
    provision("shell", {
      inline: [\`echo \${name}\`],
    }),
  ],
});
`);
  assert.is(found.at, "TPK1006 image.ts:8:16-30");
  assert.is(found.hint, "Await the promise before it goes into the text.");
});

test("a misspelt import of a function is told in the words of the program", async () => {
  const own = await onlyProblem(`import { build, provison, source } from "tspack";
export default build({ sources: [source("null", "x", {})], provisioners: [provison("shell", {})] });
`);
  assert.is(own.at, "TPK1002 image.ts:2:75-83");
  assert.is(`${own.detail} ${own.hint}`, 'tspack exports no function "provison". Did you mean "provision"?');
  const other = await onlyProblem('import { jion } from "node:path";\njion("a");\n');
  assert.is(`${other.code} ${other.detail}`, 'TPK1002 The module it is imported from exports no function "jion".');
});

test.run();
