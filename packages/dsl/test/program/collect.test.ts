import type { DatasourceDeclaration } from "@tspack/core";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { build, data, packer, packerVersion, path, programFrom, provision, resolved, source, t, variable } from "../../src/index.ts";
import type { LoadContext } from "../../src/program/context.ts";
import { loadContext, loading, told } from "./loading.ts";

/** The names of the builds of a program with these exports, and what was told. */
function collect(exports: { readonly [name: string]: unknown }, context: LoadContext = loadContext()): readonly (string | undefined)[] {
  const { program, diagnostics } = programFrom(exports, context, "/program/image.ts");
  return [...program.builds.map((each) => each.name), ...told(diagnostics)];
}

const named = (name: string): ReturnType<typeof build> => build({ name, sources: [source("null", "x", {})] });

test("the default export may be a build or lists of builds at any depth", () => {
  const [a, b, c] = ["a", "b", "c"].map(named);
  assert.equal(collect({ default: a }), ["a"]);
  assert.equal(collect({ default: [b, [a, [c]], false, null] }), ["b", "a", "c"]);
});

test("named exports follow in the order of their making, each build once", () => {
  const zebra = named("zebra");
  const ant = named("ant");
  const main = named("main");
  assert.equal(collect({ ant, zebra, main, default: [main, main], more: [ant], helper: () => 1, list: [1, 2] }), ["main", "zebra", "ant"]);
});

test("no export of a build is told", () => {
  assert.equal(collect({}), ["TPK1005 The program exports nothing. Write `export default build({ … })`, or export a list of builds."]);
  assert.equal(collect({ debian: source("null", "x", {}), release: "x" }), [
    "TPK1005 The program exports no build, only: debian, release. Write `export default build({ … })`, or export a list of builds.",
  ]);
});

test("a default export of another shape is told with the way out", () => {
  assert.equal(collect({ default: source("null", "x", {}) }), [
    "TPK1006 The default export is a source, not a build. Export what build({ … }) returns, or a list of builds.",
  ]);
  assert.equal(collect({ default: () => named("a") }), [
    "TPK1006 The default export is a function, not a build. Call it: what it returns is exported, not the function.",
  ]);
  assert.equal(collect({ default: Promise.resolve(named("a")) }), [
    "TPK1006 The default export is a promise, not a build. Await it: export default await …",
  ]);
  assert.equal(collect({ default: [named("a"), "b"] }), [
    "a",
    "TPK1006 The default export[1] is text, not a build. Export what build({ … }) returns, or a list of builds.",
  ]);
});

test("a build that only an artifact reference names belongs to the program, before its user", () => {
  const debian = source("null", "debian", {});
  const base = build({ name: "base", sources: [debian] });
  const middle = build({ name: "middle", sources: [source("null", "m", { from: base.artifact(debian).id })] });
  const web = build({
    name: "web",
    sources: [source("null", "web", {})],
    provisioners: [
      provision("file", {
        sources: [
          t`${middle
            .artifact(source("null", "m", {}))
            .file("*.img")
            .map((file) => file)}`,
        ],
      }),
    ],
  });
  assert.equal(collect({ other: named("other"), web }), ["base", "middle", "web", "other"]);
  assert.equal(collect({ default: [web, base] }), ["base", "middle", "web"]);
});

test("data sources of used Refs belong to the program, also those made outside the load", () => {
  const inner = data("null", "inner", { input: "x" });
  const outer = data("null", "outer", { input: inner.output });
  const web = build({ sources: [source("null", "web", { note: t`${outer.output.more}` })] });
  const { program } = programFrom({ default: web }, loadContext(), "/program/image.ts");
  assert.equal(
    program.datasources.map(({ name }) => name),
    ["outer", "inner"],
  );
});

test("the program says what the calls left behind", () => {
  const context = loadContext();
  const exports = loading(context, () => {
    packer({ required_version: ">= 0.1", required_plugins: { qemu: { version: "1", source: "github.com/hashicorp/qemu" } } });
    packer({ required_version: "< 2" });
    const token = variable("token", { default: "abc", sensitive: true });
    data("null", "unused", {});
    assert.is(path.root, "/program");
    assert.is(path.cwd, process.cwd());
    return { default: build({ sources: [source("null", "x", { token })] }) };
  });
  const { program, diagnostics } = programFrom(exports, context, "/program/image.ts");
  assert.equal(diagnostics, []);
  assert.is(program.root, "/program");
  assert.is(program.file, "/program/image.ts");
  assert.is(program.configStyle, "typed");
  assert.equal(program.requirements, {
    required_version: ">= 0.1, < 2",
    required_plugins: { qemu: { version: "1", source: "github.com/hashicorp/qemu" } },
  });
  assert.equal(program.secrets, ["abc"]);
  assert.equal(
    program.variables.map(({ name }) => name),
    ["token"],
  );
  assert.equal(
    program.datasources.map(({ name }) => name),
    ["unused"],
  );
});

test("two data sources of one name are told", () => {
  const context = loadContext();
  loading(context, () => [data("null", "a", {}), data("null", "a", {})]);
  assert.equal(told(context.diagnostics), [
    'TPK1006 There is another data source of type "null" with the name "a". Give one of them another name.',
  ]);
});

test("resolved executes the data sources a Ref waits for, each once, inner ones first", async () => {
  const executed: string[] = [];
  const executeDatasource = async ({ name, config }: DatasourceDeclaration): Promise<unknown> => {
    executed.push(`${name} ${JSON.stringify(config)}`);
    return { output: `<${String(config.input)}>` };
  };
  const context = loadContext({ executeDatasource });
  await loading(context, async () => {
    const inner = data("null", "inner", { input: "x" });
    const outer = data("null", "outer", { input: inner.output });
    assert.is(await resolved(t`${outer.output}!`), "<<x>>!");
    assert.is(await resolved(inner.output.map((text: string) => text.length)), 3);
  });
  assert.equal(executed, ['inner {"input":"x"}', 'outer {"input":"<x>"}']);
});

test("resolved says why where data may not be executed, and for values of builds", async () => {
  const failing = async (ref: Parameters<typeof resolved>[0], context: LoadContext): Promise<string> =>
    loading(context, () => resolved(ref)).then(String, (error: Error & { code: string }) => `${error.code} ${error.message}`);
  const body = data("http", "x", { url: "http://localhost" });
  assert.is(await failing(body, loadContext()), "TPK1007 data.http.x is not known: data sources are not executed here");
  const debian = source("null", "x", {});
  assert.is(
    await failing(build({ sources: [debian] }).artifact(debian).id, loadContext({ executeDatasource: async () => ({}) })),
    "TPK1007 artifact.null.x.id is known only while builds run, so it cannot be resolved while the program loads",
  );
});

test("a value that is no Ref is resolved already", async () => {
  assert.is(await resolved("x" as never), "x");
});

test("packerVersion is text like 0.1.0", () => {
  assert.match(packerVersion, /^\d+\.\d+\.\d+/);
});

test.run();
