import { test } from "uvu";
import * as assert from "uvu/assert";
import * as z from "zod";
import { canonicalProgram } from "../../src/program/canonical.ts";
import type { Scope } from "../../src/program/deferred.ts";
import type { Program } from "../../src/program/program.ts";
import { defineDatasource, defineProvisioner } from "../../src/sdk/index.ts";
import {
  build,
  buildValue,
  catalogOf,
  components,
  dataValue,
  deferred,
  postProcess,
  program,
  provision,
  source,
} from "../engine/programs.ts";

const rich = defineProvisioner({
  type: "rich",
  description: "Has an option of every type.",
  options: () =>
    z.object({
      n: z.number().optional(),
      b: z.boolean().optional(),
      s: z.string().optional(),
      list: z.array(z.string()).optional(),
      block: z.object({ x: z.number() }).meta({ block: true }).optional(),
      blocks: z.array(z.object({ x: z.number() })).optional(),
    }),
  provision: async () => {},
});
const http = defineDatasource({
  type: "http",
  description: "Answers.",
  options: () => z.object({}),
  output: () => z.object({ body: z.string(), status: z.number(), headers: z.record(z.string(), z.string()) }),
  execute: async () => ({}),
});
const { catalog: basic } = components();
const catalog = {
  find: async (kind: Parameters<typeof basic.find>[0], type: string) =>
    (await catalogOf(rich, http).find(kind, type)) ?? basic.find(kind, type),
  names: basic.names,
};

type Canonical = { readonly builds: readonly { readonly provisioners: readonly { readonly config: unknown }[] }[] } & {
  readonly [name: string]: unknown;
};

async function canonical(from: Program): Promise<Canonical> {
  return (await canonicalProgram(from, { catalog })) as Canonical;
}

/** The canonical form of one provisioner's configuration. */
async function config(given: { readonly [option: string]: unknown }, type = "rich", changes: Partial<Program> = {}): Promise<unknown> {
  const printed = await canonical(program([build(undefined, source("one", { provisioners: [provision(type, given)] }))], changes));
  return printed.builds[0]?.provisioners[0]?.config;
}

test("one entry per build and source, filters applied, overrides merged, keys sorted, nothing absent shown", async () => {
  const provisioners = [
    provision("act", { text: "a", extra: undefined }, { only: ["machine.x"], override: { x: { text: "b" } }, max_retries: "2" }),
    provision("act", { text: "c" }, { except: ["machine.x"], name: "third" }),
  ];
  const chains = [
    [postProcess("pack", {}, { name: "pack", keep_input_artifact: "true" })],
    [postProcess("pack", {}, { except: ["machine.x"] })],
  ];
  const from = program(
    [{ ...build("web", source("x", { provisioners, postProcessors: chains }), source("y", { provisioners })), description: "All of it." }],
    {
      variables: [
        { name: "b", value: 1, sensitive: false },
        { name: "a", value: "s3cret", default: "x", sensitive: true },
      ],
      secrets: ["s3cret"],
    },
  );
  assert.is(
    JSON.stringify(await canonical(from)),
    JSON.stringify({
      builds: [
        {
          build: "web",
          description: "All of it.",
          name: "web.machine.x",
          postProcessors: [[{ config: {}, keep_input_artifact: true, type: "pack" }]],
          provisioners: [{ config: { text: "b" }, max_retries: 2, type: "act" }],
          source: { config: {}, name: "x", type: "machine" },
        },
        {
          build: "web",
          description: "All of it.",
          name: "web.machine.y",
          postProcessors: [],
          provisioners: [{ config: { text: "c" }, name: "third", type: "act" }],
          source: { config: {}, name: "y", type: "machine" },
        },
      ],
      datasources: [],
      variables: [
        { default: "<sensitive>", name: "a", sensitive: true, value: "<sensitive>" },
        { name: "b", sensitive: false, value: 1 },
      ],
    }),
  );
});

test("values are converted to the specification, so that doors with other types print the same", async () => {
  const same = { b: true, block: { x: 1 }, blocks: [{ x: 2 }], list: ["a", "b"], n: 3, s: "4" };
  assert.equal(await config({ n: "3", b: "true", s: 4, list: "a,b", block: [{ x: "1" }], blocks: { x: "2" } }), same);
  assert.equal(await config({ n: 3, b: true, s: "4", list: ["a", "b"], block: { x: 1 }, blocks: [{ x: 2 }] }), same);
});

test("what the specification does not know, or cannot take, prints as written", async () => {
  assert.equal(await config({ n: "many", unknown: { z: 1, a: [true] } }), { n: "many", unknown: { a: [true], z: 1 } });
  assert.equal(await config({ n: "3" }, "unheard-of"), { n: "3" });
});

test("a value known later prints what it waits for and a sample", async () => {
  const host = { kind: "build", path: ["Host"] } as const;
  const port = { kind: "build", path: ["Port"] } as const;
  const joined = deferred([port, host, host], (scope: Scope) => `${scope.value(host)}:${Number(scope.value(port)) + 1}`);
  assert.equal(await config({ s: joined, list: ["a", buildValue("ID")] }), {
    s: { $ref: { waits: ["build.Host", "build.Port"], sample: "<build.Host>:2" } },
    list: ["a", { $ref: { waits: ["build.ID"], sample: "<build.ID>" } }],
  });
});

test("samples of data have the types that the data source states", async () => {
  const datasources = [{ type: "http", name: "x", config: {} }];
  const ref = (sample: unknown, path: string) => ({ $ref: { waits: [path], sample } });
  assert.equal(
    await config(
      { a: dataValue("http", "x", "body"), n: dataValue("http", "x", "status"), c: dataValue("http", "x", "headers", "etag") },
      "rich",
      { datasources },
    ),
    {
      a: ref("<data.http.x.body>", "data.http.x.body"),
      n: ref(1, "data.http.x.status"),
      c: ref("<data.http.x.headers.etag>", "data.http.x.headers.etag"),
    },
  );
});

test("a function that cannot cope with the sample says so instead of failing", async () => {
  const host = { kind: "build", path: ["Host"] } as const;
  const picky = deferred([host], () => {
    throw new TypeError("no");
  });
  assert.equal(await config({ s: picky }), { s: { $ref: { waits: ["build.Host"], sample: "<no sample>" } } });
});

test("secrets print as <sensitive>: alone, inside a text, changed beyond recognition, and with something known later", async () => {
  const secrets = { secrets: ["s3cret"] };
  const host = { kind: "build", path: ["Host"] } as const;
  assert.equal(
    await config(
      {
        a: deferred([], () => "s3cret", true),
        b: deferred([], () => "TOKEN=s3cret", true),
        c: deferred([], () => "TERCES", true),
        d: deferred([host], (scope) => `${scope.value(host)} s3cret`, true),
        e: "plain text that holds s3cret",
      },
      "rich",
      secrets,
    ),
    {
      a: "<sensitive>",
      b: "TOKEN=<sensitive>",
      c: "<sensitive>",
      d: { $ref: { waits: ["build.Host"], sample: "<build.Host> <sensitive>" } },
      e: "plain text that holds <sensitive>",
    },
  );
});

test("the same program prints the same every time", async () => {
  const make = () =>
    program([build("a", source("x", { provisioners: [provision("act", { text: buildValue("Host") })] }))], { root: "/somewhere" });
  assert.is(JSON.stringify(await canonical(make())), JSON.stringify(await canonical(make())));
});

test.run();
