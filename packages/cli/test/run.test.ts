// Whole command lines through the built program: output modes, selection, variables, exit codes.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventSchema } from "@tspack/core/sdk";
import { tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { tspack } from "./support/tspack.ts";

const program = `import { build, provision, source, variable } from "tspack";
const word = variable("word", { default: "hello", description: "What to say" });
const token = variable("token", { default: "hunter2-hunter2", sensitive: true });
export default build({
  name: "web",
  sources: [source("null", "one", { communicator: "none" }), source("null", "two", { communicator: "none" })],
  provisioners: ({ source }) => [
    provision("shell-local", { inline: [\`echo \${word} from \${source.name}\`, "echo $TOKEN", "echo run=$PACKER_RUN_UUID"], env: { TOKEN: token } }),
  ],
});
`;

function project(text = program): string {
  const folder = tmp("run");
  writeFileSync(join(folder, "image.ts"), text);
  return folder;
}

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/;

test("run and build print Packer's lines when output is no terminal, without colours", async () => {
  const cwd = project();
  for (const word of ["run", "build"]) {
    const { code, stdout, stderr } = await tspack([word], { cwd });
    assert.is(code, 0);
    assert.is(stderr, "");
    assert.match(stdout, /^==> web\.null\.one: hello from one$/m);
    assert.match(stdout, /^==> web\.null\.two: hello from two$/m);
    assert.match(stdout, new RegExp(`run=${uuid.source}`));
    assert.match(stdout, /Builds finished/);
    assert.not.match(stdout, /\u001b|hunter2/);
  }
});

test("a folder means its image.ts, and flags may stand after it", async () => {
  const parent = tmp("run");
  mkdirSync(join(parent, "web"));
  writeFileSync(join(parent, "web/image.ts"), program);
  const { code, stdout } = await tspack(["run", "web", "-only=*.one", "--var", "word=good day"], { cwd: parent });
  assert.is(code, 0);
  assert.match(stdout, /web\.null\.one: good day from one/);
  assert.not.match(stdout, /two/);
});

test("variables come from the environment, files and -var, the last of them wins", async () => {
  const cwd = project();
  writeFileSync(join(cwd, "a.json"), '{ "word": "from-file" }');
  const run = async (...words: string[]): Promise<string> =>
    (await tspack(["run", "-only=*.one", ...words], { cwd, env: { PKR_VAR_word: "from-env" } })).stdout;
  assert.match(await run(), /from-env from one/);
  assert.match(await run("-var-file=a.json"), /from-file from one/);
  assert.match(await run("-var-file", "a.json", "-var", "word=a", "-var=word=b"), /: b from one/);
});

test("-except leaves builds out, and nothing left is an error", async () => {
  const cwd = project();
  const { stdout } = await tspack(["run", "-except=*.two"], { cwd });
  assert.not.match(stdout, /from two/);
  const none = await tspack(["run", "-only=nothing.*"], { cwd });
  assert.is(none.code, 1);
  assert.match(none.stdout, /TPK3204/);
});

test("a build that cannot be prepared does not stop the others; the exit code is 1", async () => {
  const cwd = project(`import { build, provision, source } from "tspack";
export const good = build({ name: "good", sources: [source("null", "x", { communicator: "none" })], provisioners: [provision("shell-local", { inline: ["echo made"] })] });
export const bad = build({ name: "bad", sources: [source("null", "x", { communicator: "none" })], provisioners: [provision("shell-local", { scripts: ["missing.sh"] })] });
`);
  const { code, stdout } = await tspack(["run"], { cwd });
  assert.is(code, 1);
  assert.match(stdout, /TPK3107/);
  assert.match(stdout, /==> good\.null\.x: made/);
});

test("-json prints events that fit the published schema, and nothing else", async () => {
  const { code, stdout } = await tspack(["run", "-json", "-skip-enforcement"], { cwd: project() });
  assert.is(code, 0);
  const events = stdout
    .trimEnd()
    .split("\n")
    .map((line) => eventSchema().parse(JSON.parse(line)));
  assert.is(events[0]?.kind, "say");
  assert.is(events.filter((event) => event.kind === "build-finished").length, 2);
  assert.is(events.at(-1)?.kind, "run-finished");
  assert.not.match(stdout, /hunter2/);
});

test("-machine-readable prints records alone", async () => {
  const { code, stdout } = await tspack(["run", "-machine-readable"], { cwd: project() });
  assert.is(code, 0);
  for (const line of stdout.trimEnd().split("\n")) assert.match(line, /^\d{10},[^,]*,[a-z-]+,/);
  assert.match(stdout, /^\d+,web\.null\.one,artifact-count,/m);
});

test("-color paints without a terminal, PACKER_NO_COLOR wins over it", async () => {
  const cwd = project();
  assert.match((await tspack(["run", "-color"], { cwd })).stdout, /\u001b\[1;32m==> web\.null\.one/);
  assert.not.match((await tspack(["run", "-color"], { cwd, env: { PACKER_NO_COLOR: "1" } })).stdout, /\u001b/);
});

test("-timestamp-ui begins each line of a build with the time", async () => {
  const { stdout } = await tspack(["run", "-timestamp-ui"], { cwd: project() });
  assert.match(stdout, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d): ==> web\.null\.one: hello from one$/m);
});

test("PACKER_LOG logs to standard error, PACKER_LOG_PATH to a file that is written anew", async () => {
  const cwd = project();
  const logged = await tspack(["run"], { cwd, env: { PACKER_LOG: "1" } });
  assert.match(logged.stderr, /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[INFO\]/m);
  assert.not.match(logged.stdout, /\[INFO\]/);
  const path = join(cwd, "run.log");
  writeFileSync(path, "old");
  const { stderr } = await tspack(["run"], { cwd, env: { PACKER_LOG: "0", PACKER_LOG_PATH: path } });
  assert.is(stderr, "");
  const log = readFileSync(path, "utf8");
  assert.match(log, /hello from one/);
  assert.not.match(log, /^old|hunter2/);
  const checked = await tspack(["validate"], { cwd, env: { PACKER_LOG_PATH: path } });
  assert.is(checked.stdout, "The configuration is valid.\n");
  assert.match(readFileSync(path, "utf8"), /^.* \[INFO\] tspack version: .*\n.* ui: The configuration is valid\.\n$/);
  assert.match((await tspack(["inspect"], { cwd, env: { PACKER_LOG: "1" } })).stderr, /\[INFO\] tspack version: /);
  const unwritable = await tspack(["run"], { cwd, env: { PACKER_LOG_PATH: join(cwd, "none/run.log") } });
  assert.is(unwritable.code, 1);
  assert.match(unwritable.stderr, /TPK6011/);
});

test("Packer's flags that change nothing say why", async () => {
  const words = ["-skip-enforcement"];
  const { code, stdout } = await tspack(["run", ...words], { cwd: project() });
  assert.is(code, 0);
  for (const word of words) assert.match(stdout, new RegExp(`^${word.split("=")[0]} has no effect: `, "m"));
});

test("image.ts wins over a template beside it, and that is told", async () => {
  const cwd = project();
  writeFileSync(join(cwd, "old.pkr.hcl"), "");
  const { code, stdout } = await tspack(["validate"], { cwd });
  assert.is(code, 0);
  assert.is(stdout, "This folder has image.ts and old.pkr.hcl: image.ts is used.\nThe configuration is valid.\n");
});

test("validate shows the problems of all builds, starts nothing and prints them as JSON too", async () => {
  const cwd = project(`import { build, provision, source } from "tspack";
const bad = (name: string) => build({ name, sources: [source("null", "x", { communicator: "none" })], provisioners: [provision("shell-local", { inline: ["touch started"], bogus: 1 } as never)] });
export default [bad("a"), bad("b")];
`);
  const { code, stdout } = await tspack(["validate"], { cwd });
  assert.is(code, 1);
  assert.match(stdout, /build "a\.null\.x"/);
  const json = await tspack(["validate", "-json"], { cwd });
  assert.is(json.code, 1);
  for (const line of json.stdout.trimEnd().split("\n")) assert.is(eventSchema().parse(JSON.parse(line)).kind, "diagnostic");
  assert.not.ok(existsSync(join(cwd, "started")));
  assert.is((await tspack(["validate", "-syntax-only"], { cwd })).code, 0);
});

test("inspect prints variables and builds for people, and the canonical program as JSON; secrets in neither", async () => {
  const cwd = project();
  const { code, stdout } = await tspack(["inspect"], { cwd });
  assert.is(code, 0);
  assert.match(stdout, /word = "hello"\n {4}What to say/);
  assert.match(stdout, /token = <sensitive>/);
  assert.match(stdout, /web\n {4}null\.one\n {6}provisioners:\n {8}shell-local/);
  const json = await tspack(["inspect", "--json"], { cwd });
  const canonical: unknown = JSON.parse(json.stdout);
  assert.ok(typeof canonical === "object" && canonical !== null && "builds" in canonical);
  assert.not.match(stdout + json.stdout, /hunter2/);
  const records = await tspack(["inspect", "-machine-readable"], { cwd });
  assert.match(records.stdout, /^\d+,,template-variable,word,hello,0$/m);
  assert.match(records.stdout, /^\d+,,template-builder,web\.null\.one,null$/m);
});

test("-parallel-builds=1 runs one build after the other, in order", async () => {
  const { stdout } = await tspack(["run", "-parallel-builds=1"], { cwd: project() });
  assert.ok(stdout.indexOf("Build 'web.null.one' finished") < stdout.indexOf("hello from two"));
});

test("-on-error=ask without a terminal says why it cannot ask, and cleans up", async () => {
  const cwd = project(`import { build, provision, source } from "tspack";
export default build({ sources: [source("null", "x", { communicator: "none" })], provisioners: [provision("shell-local", { inline: ["exit 3"] })] });
`);
  const { code, stdout } = await tspack(["run", "-on-error=ask", "-machine-readable"], { cwd });
  assert.is(code, 1);
  assert.match(stdout, /exited with code 3/);
  const breakpoint = project(`import { build, provision, source } from "tspack";
export default build({ sources: [source("null", "x", { communicator: "none" })], provisioners: [provision("breakpoint", {})] });
`);
  const paused = await tspack(["run", "-json"], { cwd: breakpoint });
  assert.is(paused.code, 1);
  assert.match(paused.stdout, /the question could not be asked: output is read by a program"/);
});

test("undeclared names in variable files are told when asked for, by validate unless it is silenced", async () => {
  const cwd = project();
  writeFileSync(join(cwd, "values.json"), '{ "wrod": "x" }');
  const warning = /^Warning: Undeclared variable \(TPK1102\)$/m;
  const printed = async (...words: string[]): Promise<string> => {
    const { code, stdout } = await tspack([...words, "-var-file=values.json"], { cwd });
    assert.is(code, 0);
    return stdout;
  };
  assert.not.match(await printed("run"), warning);
  assert.match(await printed("run", "-warn-on-undeclared-var"), warning);
  assert.match(await printed("validate"), warning);
  assert.not.match(await printed("validate", "-no-warn-undeclared-var"), warning);
});

test("validate asks data sources only with -evaluate-datasources", async () => {
  const cwd = project(`import { build, data, source } from "tspack";
const page = data("http", "page", { url: "http://127.0.0.1:1/" });
export default build({ sources: [source("file", "x", { content: page.body, target: "out.txt" })] });
`);
  assert.is((await tspack(["validate"], { cwd })).code, 0);
  const asked = await tspack(["validate", "-evaluate-datasources"], { cwd });
  assert.is(asked.code, 1);
  assert.match(asked.stdout, /TPK6004/);
});

test.run();
