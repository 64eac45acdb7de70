import { test } from "uvu";
import * as assert from "uvu/assert";
import * as z from "zod";
import { validateProgram } from "../../src/engine/validate-program.ts";
import { defineProvisioner, type PrepareRequest } from "../../src/sdk/index.ts";
import { artifactValue, build, buildValue, components, dataValue, deferred, postProcess, program, provision, source } from "./programs.ts";

function codes(found: readonly { readonly code: string; readonly where?: string | undefined }[]): string[] {
  return found.map(({ code, where }) => `${code} ${where}`);
}

test("all problems of all builds are found at once, and nothing is started", async () => {
  const { catalog, log } = components();
  const found = await validateProgram(
    program([
      build("a", source("x", { config: { sizee: 1 }, provisioners: [provision("act", { text: {} }), provision("acct")] })),
      build(
        "b",
        source("x", { type: "fetch" }),
        source("y", { postProcessors: [[postProcess("pack", { nonsense: true })]], errorCleanup: provision("act", { no: 1 }) }),
      ),
    ]),
    { catalog },
  );
  assert.equal(codes(found), [
    'TPK3102 in source("machine", "x")',
    'TPK3103 in provision("act") of build "a.machine.x"',
    'TPK3101 in provision("acct") of build "a.machine.x"',
    'TPK3101 in source("fetch", "x")',
    'TPK3102 in provision("act") of build "b.machine.y"',
    'TPK3102 in postProcess("pack") of build "b.machine.y"',
  ]);
  assert.equal(
    found.filter(({ code }) => code === "TPK3101").map(({ hint }) => hint),
    ['Did you mean "act"?', "There is a data source of that name."],
  );
  assert.equal(log, []);
});

test("what waits for something is checked with placeholders, and the rest of its options for real", async () => {
  const requests: PrepareRequest[] = [];
  const spy = defineProvisioner({
    type: "spy",
    description: "Looks at what it is prepared with.",
    options: () => z.object({ text: z.string().min(5).optional(), count: z.number().min(1).optional() }),
    provision: async () => {},
  });
  const spying = {
    ...spy,
    create: async () => {
      const component = await spy.create();
      return {
        ...component,
        prepare: (request: PrepareRequest) => {
          requests.push(request);
          return component.prepare(request);
        },
      };
    },
  };
  const { catalog } = components({ factories: [spying] });
  const found = await validateProgram(
    program(
      [
        build("base", source("x")),
        build(
          "web",
          source("x", {
            config: { text: artifactValue("base.machine.x", "id") },
            provisioners: [
              provision("spy", { text: buildValue("Host"), count: 0 }),
              provision("spy", { text: "ok", count: dataValue("fetch", "d", "body") }),
            ],
          }),
        ),
      ],
      { datasources: [{ type: "fetch", name: "d", config: {} }] },
    ),
    { catalog },
  );
  assert.equal(
    requests.map(({ config, unknown }) => [config, unknown]),
    [
      [{ text: "<unknown>", count: 0 }, [["text"]]],
      [{ text: "ok", count: 0 }, [["count"]]],
    ],
  );
  assert.equal(
    found.map(({ code, path }) => [code, path]),
    [
      ["TPK3105", ["count"]],
      ["TPK3105", ["text"]],
    ],
  );
});

test("data sources run only when asked to, and then their answers are checked too", async () => {
  const { catalog, log } = components({ execute: async () => ({ body: "many" }) });
  const sized = program([build(undefined, source("one", { config: { size: dataValue("fetch", "x", "body") } }))], {
    datasources: [{ type: "fetch", name: "x", config: {} }],
  });
  assert.equal(await validateProgram(sized, { catalog }), []);
  assert.equal(log, []);
  assert.equal(codes(await validateProgram(sized, { catalog, evaluateDatasources: true })), ['TPK3103 in source("machine", "one")']);
  assert.equal(
    log,
    ["fetch"].map((line) => `${line} `),
  );
});

test("a data source that fails is a diagnostic at its place, and so is one that waits for it", async () => {
  const { catalog } = components({ execute: () => Promise.reject(new Error("connection refused")) });
  const origin = (line: number) => ({ locate: () => ({ file: "image.ts", start: { line, column: 1 }, end: { line, column: 5 } }) });
  const found = await validateProgram(
    program([build(undefined, source("one", { config: { text: dataValue("fetch", "y", "body") } }))], {
      datasources: [
        { type: "fetch", name: "x", config: {}, origin: origin(1) },
        { type: "fetch", name: "y", config: { text: dataValue("fetch", "x", "body") }, origin: origin(2) },
      ],
    }),
    { catalog, evaluateDatasources: true },
  );
  assert.equal(
    found.map(({ code, detail, where, subject }) => [code, detail, where, subject?.start.line]),
    [
      ["TPK6004", "Connection refused.", 'in data("fetch", "x")', 1],
      ["TPK6004", "It waits for data.fetch.x, which failed.", 'in data("fetch", "y")', 2],
    ],
  );
});

test("diagnostics point at the option in the user's file, else at the declaration", async () => {
  const { catalog } = components();
  const at = (line: number) => ({ file: "image.ts", start: { line, column: 1 }, end: { line, column: 5 } });
  const origin = { locate: (path: readonly (string | number)[]) => (path.length === 0 ? at(1) : path[0] === "sizee" ? at(7) : undefined) };
  const found = await validateProgram(
    program([
      build(undefined, source("one", { config: { sizee: 1, sizes: 2 }, origin })),
      build("two", source("one", { config: { sizee: 1 }, origin })),
    ]),
    { catalog },
  );
  // Both builds share the mistake: it is one.
  assert.equal(
    found.map(({ subject, detail }) => [subject?.start.line, detail]),
    [
      [7, 'An argument named "sizee" is not expected here.'],
      [1, 'An argument named "sizes" is not expected here.'],
    ],
  );
});

test("references to fields that are not there are found early, and point at the option", async () => {
  const { catalog } = components();
  const asked: unknown[] = [];
  const origin = {
    locate: (path: readonly (string | number)[]) => {
      asked.push(path);
      return undefined;
    },
  };
  const config = { text: dataValue("fetch", "x", "boddy"), size: artifactValue("base.machine.x", "filez", 0) };
  const found = await validateProgram(
    program([build("base", source("x")), build("web", source("x", { config, origin }))], {
      datasources: [{ type: "fetch", name: "x", config: {} }],
    }),
    { catalog },
  );
  assert.equal(
    found.map(({ code, detail, hint }) => [code, detail, hint]),
    [
      ["TPK3203", "There is no data.fetch.x.boddy.", 'Did you mean "body"?'],
      ["TPK3203", "There is no artifact.base.machine.x.filez.", 'Did you mean "files"?'],
    ],
  );
  assert.equal(asked, [["text"], [], ["size"], []]);
});

test("secrets do not show in diagnostics", async () => {
  const { catalog } = components();
  const secret = deferred([], () => "s3cr3t-value", true);
  const found = await validateProgram(
    program([build(undefined, source("one", { provisioners: [provision("act", {}, { timeout: secret })] }))], {
      secrets: ["s3cr3t-value"],
    }),
    {
      catalog,
    },
  );
  assert.is(found.length, 1);
  assert.not.ok(JSON.stringify(found).includes("s3cr3t"));
});

test("-only keeps problems of other builds out of it", async () => {
  const { catalog } = components();
  const two = program([build("a", source("x", { config: { wrong: 1 } })), build("b", source("x"))]);
  assert.equal(await validateProgram(two, { catalog, only: ["b.*"] }), []);
});

test("a thousand builds are validated quickly", async () => {
  const { catalog } = components();
  const provisioners = [provision("act", { text: "hello" }, { except: ["machine.other"] })];
  const many = program([build("a", ...Array.from({ length: 1000 }, (_, index) => source(`s${index}`, { provisioners })))]);
  const start = process.cpuUsage();
  const found = await validateProgram(many, { catalog });
  const { user } = process.cpuUsage(start);
  assert.is(found.length, 1);
  // Far from what it takes; here to notice when it becomes quadratic.
  assert.ok(user < 1_000_000, `${user} µs`);
});

test.run();
