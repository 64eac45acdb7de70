import { test } from "uvu";
import * as assert from "uvu/assert";
import { globPattern, matchesGlob } from "../../src/engine/glob.ts";
import { programGraph } from "../../src/engine/graph.ts";
import { selectBuilds } from "../../src/engine/select.ts";
import type { Program } from "../../src/index.ts";
import { artifactValue, build, postProcess, program, source } from "./programs.ts";

const two = program([
  build("web", source("a"), source("b")),
  build(undefined, source("c", { postProcessors: [[postProcess("pack", {}, { name: "zip" })]] })),
]);

function select(from: Program, options: { only?: string[]; except?: string[] }) {
  const { builds, broughtAlong, diagnostics } = selectBuilds(from, programGraph(from).nodes, options);
  return { builds, broughtAlong, problems: diagnostics.map(({ severity, code }) => `${severity} ${code}`) };
}

test("globs cross dots, and know classes, alternatives and escapes", () => {
  for (const [pattern, name, matches] of [
    ["web.*", "web.machine.a", true],
    ["*.a", "web.machine.a", true],
    ["*", "web.machine.a", true],
    ["web", "web.machine.a", false],
    ["web?machine?a", "web.machine.a", true],
    ["*.[ab]", "web.machine.a", true],
    ["*.[!ab]", "web.machine.a", false],
    ["*.[a-c]", "web.machine.b", true],
    ["{web,db}.machine.{a,b}", "db.machine.b", true],
    ["{web,db}.machine.{a,b}", "xx.machine.b", false],
    ["a\\*", "a*", true],
    ["a\\*", "ab", false],
    ["a+(b)", "a+(b)", true],
    ["**", "x.y", true],
    ["w[", "w[", false],
  ] as const) {
    assert.is(matchesGlob(pattern, name), matches, `${pattern} and ${name}`);
  }
  for (const broken of ["a[", "{a,b", "[z-a]", "a\\"]) assert.is(globPattern(broken), undefined, broken);
});

test("only and except go by the full build name", () => {
  assert.equal(select(two, { only: ["web.*"] }).builds, ["web.machine.a", "web.machine.b"]);
  assert.equal(select(two, { except: ["web.*"] }).builds, ["machine.c"]);
  assert.equal(select(two, { only: ["web.*", "machine.c"], except: ["*.a"] }).builds, ["web.machine.b", "machine.c"]);
  assert.equal(select(two, { only: ["a"] }).builds, []);
});

test("a pattern without a match is a warning, nothing left an error, a broken pattern an error", () => {
  assert.equal(select(two, { only: ["web.*", "nix"] }).problems, ["warning TPK3205"]);
  assert.equal(select(two, { except: ["nix"] }).problems, ["warning TPK3205"]);
  assert.equal(select(two, { except: ["*"] }).problems, ["error TPK3204"]);
  assert.equal(select(two, { only: ["web.["] }).problems, ["error TPK3205"]);
  assert.equal(select(program([]), {}).problems, ["error TPK3204"]);
});

test("-except with the name or type of a post-processor is no warning", () => {
  assert.equal(select(two, { except: ["zip"] }).problems, []);
  assert.equal(select(two, { except: ["pa?k"] }).problems, []);
});

test("parents come along, however far; excluding one is an error", () => {
  const chain = program([
    build("a", source("x")),
    build("b", source("x", { config: { text: artifactValue("a.machine.x", "id") } })),
    build("c", source("x", { config: { text: artifactValue("b.machine.x", "id") } })),
    build("d", source("x")),
  ]);
  const selected = select(chain, { only: ["c.*"] });
  assert.equal(selected.builds, ["a.machine.x", "b.machine.x", "c.machine.x"]);
  assert.equal(selected.broughtAlong, ["a.machine.x", "b.machine.x"]);
  assert.equal(select(chain, { except: ["a.*"] }).problems, ["error TPK3205", "error TPK3205"]);
  assert.equal(select(chain, { except: ["a.*", "b.*", "c.*"] }).problems, []);
});

test("SEL-04, SEL-06: builds of legacy JSON are selected by their bare names, exactly", () => {
  const sources = [source("a[1"), { ...source("b"), displayName: "b" }];
  const plain: Program = { ...program([build(undefined, ...sources)]), configStyle: "plain" };
  assert.equal(select(plain, { only: ["a[1"] }), { builds: ["machine.a[1"], broughtAlong: [], problems: [] });
  assert.equal(select(plain, { except: ["a[1"] }), { builds: ["b"], broughtAlong: [], problems: [] });
  // The displayed name is taken too.
  assert.equal(select(plain, { only: ["machine.a[1"] }).builds, ["machine.a[1"]);
  assert.equal(select(plain, { only: ["*"] }), { builds: [], broughtAlong: [], problems: ["warning TPK3205", "error TPK3204"] });
});

test.run();
