import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { builtInCatalog, type ComponentCatalog, type RunEvent } from "@tspack/core";
import { defineDatasource } from "@tspack/core/sdk";
import {
  build,
  hasErrors,
  inspect,
  LoadError,
  load,
  provision,
  renderDiagnostics,
  run,
  secret,
  source,
  t,
  validate,
  variable,
} from "@tspack/dsl";
import { rejects, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import * as z from "zod";
import { programFolder } from "../load/program-folder.ts";

const greeting = {
  "image.ts": `import { build, path, source, variable } from "tspack";
const name = variable("name", { default: "world" });
export default build({ name: "greet", sources: [source("file", "hello", { target: path.root + "/hello.txt", content: "hello " + name })] });`,
};

test("a script runs a program by its path and reads typed events and a typed result", async () => {
  const folder = programFolder(greeting);
  const running = await run(folder, { variables: { name: "script" }, runsDirectory: false });
  const events: RunEvent[] = [];
  for await (const event of running) events.push(event);
  const result = await running.result;
  assert.is(result.outcome, "succeeded");
  assert.is(result.exitCode, 0);
  assert.equal(
    result.builds.map(({ name, outcome, artifacts }) => ({ name, outcome, files: artifacts.flatMap(({ files }) => files) })),
    [{ name: "greet.file.hello", outcome: "succeeded", files: [join(folder, "hello.txt")] }],
  );
  assert.is(readFileSync(join(folder, "hello.txt"), "utf8"), "hello script");
  assert.is(events[0]?.kind, "run-started");
  assert.is(events.at(-1)?.kind, "run-finished");
  assert.not(existsSync(join(folder, ".tspack/runs")));
});

test("what was loaded once can be validated, inspected and run several times", async () => {
  const folder = programFolder(greeting);
  const loaded = await load(folder, { environment: { PKR_VAR_name: "once" } });
  assert.equal(await validate(loaded), []);
  assert.match(JSON.stringify(await inspect(loaded)), /hello once/);
  for (const force of [false, true]) {
    const { exitCode } = await (await run(loaded, { force, runsDirectory: false })).result;
    assert.is(exitCode, 0);
  }
});

test("builds made in the script itself need no load", async () => {
  const folder = tmp();
  const one = build({ name: "one", sources: [source("file", "a", { target: "one.txt", content: "1" })] });
  const two = build({
    name: "two",
    sources: [
      source("file", "a", { target: "two.txt", content: one.artifact(source("file", "a", {})).files.map((files) => files.join()) }),
    ],
    provisioners: [provision("shell-local", { inline: [t`echo token ${secret("s3cr3t-value")}`] })],
  });
  const events: RunEvent[] = [];
  const options = { workingDirectory: folder, environment: process.env, onEvent: (event: RunEvent) => void events.push(event) };
  assert.equal(await validate([one, two], options), []);
  const result = await (await run([one, two], options)).result;
  assert.is(result.outcome, "succeeded", JSON.stringify(result));
  assert.match(readFileSync(join(folder, "two.txt"), "utf8"), /one\.txt$/);
  assert.ok(existsSync(join(folder, ".tspack/runs")), "runs are kept in the working directory");
  assert.not.match(JSON.stringify(events), /s3cr3t-value/);
  // A build whose artifact is used comes along by itself.
  const single = await (await run(two, { ...options, force: true })).result;
  assert.equal(single.builds.map(({ name }) => name).sort(), ["one.file.a", "two.file.a"]);
});

test("mistakes of a script are thrown where they are made", () => {
  assert.throws(() => variable("needed"), /needed/);
  assert.throws(() => build({ sources: 7 } as never));
});

test("validate returns the problems of loading and of builds, with their places", async () => {
  const folder = programFolder({
    "image.ts": `import { build, source } from "tspack";
export default build({ sources: [
  source("file", "a", {
    target: "x", contnt: "typo" }),
  source("flie", "b", {}),
] });`,
  });
  const problems = await validate(".", { workingDirectory: folder });
  assert.ok(hasErrors(problems));
  assert.equal(
    problems
      .filter(({ severity }) => severity === "error")
      .map(({ code, subject }) => `${code} ${subject?.file}:${subject?.start.line}:${subject?.start.column}`)
      .sort(),
    ["TPK3101 image.ts:5:3", "TPK3102 image.ts:4:18"],
  );
  assert.ok(renderDiagnostics(problems).includes("contnt"));
  assert.equal(
    (await validate(join(folder, "nothing.ts"))).map(({ code }) => code),
    ["TPK1001"],
  );
});

test("run and inspect throw a LoadError that holds all diagnostics", async () => {
  const folder = programFolder({ "image.ts": 'import { variable } from "tspack";\nvariable("a");\nvariable("b");' });
  for (const call of [run, inspect]) {
    const error = await rejects(call(".", { workingDirectory: folder }), {
      code: "TPK1101",
      message: /"a" has no value\. \(image\.ts line 2\), and 2 more/,
    });
    assert.ok(error instanceof LoadError);
    assert.equal(
      error.diagnostics.map(({ code }) => code),
      ["TPK1101", "TPK1101", "TPK1005"],
    );
  }
});

test("a signal stops a run, which then ends as cancelled", async () => {
  const hanging = build({
    sources: [source("null", "hang", { communicator: "none" })],
    provisioners: [provision("shell-local", { inline: ["sleep 600"] })],
  });
  const abort = new AbortController();
  const running = await run(hanging, { signal: abort.signal, environment: process.env, runsDirectory: false, workingDirectory: tmp() });
  for await (const event of running) if (event.kind === "step-started" && event.phase === "provision") abort.abort("the test");
  const { outcome, exitCode } = await within(180_000, () => running.result);
  assert.equal([outcome, exitCode], ["cancelled", 1]);
});

/** The built-in components and a data source that counts how often it is asked. */
function countingCatalog(): { readonly catalog: ComponentCatalog; readonly asked: string[] } {
  const asked: string[] = [];
  const counter = defineDatasource({
    type: "counter",
    description: "Counts.",
    options: () => z.object({ name: z.string().describe("What is counted.") }),
    output: () => z.object({ count: z.number().describe("How many there are.") }),
    async execute({ config }) {
      asked.push(config.name);
      return { count: 2 };
    },
  });
  const builtIn = builtInCatalog();
  return {
    asked,
    catalog: {
      find: async (kind, type) => (kind === "datasource" && type === "counter" ? counter : builtIn.find(kind, type)),
      names: builtIn.names,
    },
  };
}

test("await resolved(ref) asks the data source once, in a run, and is an error where data may not be asked", async () => {
  const folder = programFolder({
    "image.ts": `import { build, data, path, resolved, source } from "tspack";
const counter = data("counter", "images", { name: "images" });
const [count] = await Promise.all([resolved(counter.count), resolved(counter.count)]);
export default build({ sources: Array.from({ length: count }, (_, n) => source("file", "n" + n, { target: path.root + "/" + n, content: "x" })) });`,
  });
  const { catalog, asked } = countingCatalog();
  const problems = await validate(folder, { catalog });
  assert.equal(
    problems.map(({ code, subject }) => `${code} ${subject?.start.line}`),
    ["TPK1007 3"],
  );
  assert.equal(asked, []);
  assert.equal(await validate(folder, { catalog, evaluateDatasources: true }), []);
  const { builds } = await (await run(folder, { catalog, runsDirectory: false })).result;
  assert.equal(builds.length, 2);
  // Once by validate and once by the run.
  assert.equal(asked, ["images", "images"]);
});

test("what a data source answered while the program loaded, builds of the same run use", async () => {
  const folder = programFolder({
    "image.ts": `import { build, data, path, resolved, source, t } from "tspack";
const counter = data("counter", "images", { name: "images" });
const count = await resolved(counter.count);
export default build({ sources: [source("file", "one", { target: path.root + "/" + count, content: t\`\${counter.count}\` })] });`,
  });
  const { catalog, asked } = countingCatalog();
  const { outcome } = await (await run(folder, { catalog, runsDirectory: false })).result;
  assert.is(outcome, "succeeded");
  assert.is(readFileSync(join(folder, "2"), "utf8"), "2");
  assert.equal(asked, ["images"]);
});

test("a mistake in a function given to map is shown at its line, whenever it is called", async () => {
  const folder = programFolder({
    "image.ts": `import { build, provision, secret, source } from "tspack";
const late = build({
  name: "late",
  sources: [source("null", "one", { communicator: "none" })],
  provisioners: ({ build }) => [
    provision("shell-local", {
      inline: [build.ID.map((id) => { throw new Error("no use for " + id); })],
    }),
  ],
});
const early = build({
  name: "early",
  sources: [source("null", "one", { communicator: "none" })],
  provisioners: [
    provision("shell-local", {
      inline: [secret("s3cr3t").map((text) => { throw new Error("not " + text); })],
      max_retries: secret("many").map(() => Number.parseInt(undefined as never).missing.field),
    }),
  ],
});
export default [late, early];`,
  });
  const told: string[] = [];
  const running = await run(folder, {
    runsDirectory: false,
    onEvent: (event) => {
      if (event.kind !== "diagnostic") return;
      const { code, detail, subject, where } = event.diagnostic;
      told.push(`${code} ${subject?.file.split("/").at(-1)}:${subject?.start.line} ${where}: ${detail}`);
    },
  });
  assert.is((await running.result).outcome, "failed");
  assert.equal(told, [
    'TPK1003 image.ts:16 in provision("shell-local") of build "early.null.one": Error: not <sensitive>',
    `TPK1003 image.ts:17 in provision("shell-local") of build "early.null.one": TypeError: Cannot read properties of undefined (reading 'field')`,
    'TPK1003 image.ts:7 in provision("shell-local") of build "late.null.one": Error: no use for Null',
  ]);
});

test.run();
