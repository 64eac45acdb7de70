import { test } from "uvu";
import * as assert from "uvu/assert";
import { programGraph, withParents } from "../../src/engine/graph.ts";
import { validateProgram } from "../../src/engine/validate-program.ts";
import { artifactValue, build, buildValue, components, dataValue, program, provision, source } from "./programs.ts";

const from = (name: string) => ({ config: { text: artifactValue(name, "id") } });

test("a cycle is a diagnostic that names it, and nothing is prepared", async () => {
  const { catalog, log } = components();
  const found = await validateProgram(
    program([
      build("free", source("x")),
      build("a", source("x", from("c.machine.x"))),
      build("b", source("x", from("a.machine.x"))),
      build("c", source("x", from("b.machine.x"))),
    ]),
    { catalog },
  );
  assert.equal(
    found.map(({ code, detail }) => [code, detail]),
    [["TPK3201", 'These wait for each other: "a.machine.x" → "c.machine.x" → "b.machine.x" → "a.machine.x".']],
  );
  assert.equal(log, []);
});

test("a build that waits for itself is a cycle of one", () => {
  const { diagnostics } = programGraph(program([build("a", source("x", from("a.machine.x")))]));
  assert.equal(
    diagnostics.map(({ code, detail }) => [code, detail]),
    [["TPK3201", '"a.machine.x" waits for itself.']],
  );
});

test("data sources can be part of a cycle too", () => {
  const { diagnostics } = programGraph(
    program([], {
      datasources: [
        { type: "fetch", name: "a", config: { text: dataValue("fetch", "b", "body") } },
        { type: "fetch", name: "b", config: { text: dataValue("fetch", "a", "body") } },
      ],
    }),
  );
  assert.match(diagnostics[0]?.detail ?? "", /"data\.fetch\.a" → "data\.fetch\.b" → "data\.fetch\.a"/);
});

test("two builds of one name, and references to nothing, are diagnostics", () => {
  const { diagnostics } = programGraph(
    program([
      build("web", source("a"), source("a")),
      build(undefined, source("b", from("web.machine.aa"))),
      build("c", source("c", { config: { text: dataValue("fetch", "x") } })),
    ]),
  );
  assert.equal(
    diagnostics.map(({ code, hint }) => [code, hint]),
    [
      ["TPK3202", "Give one of the builds a name of its own, or the source another name."],
      ["TPK3203", 'Did you mean "web.machine.a"?'],
      ["TPK3203", "Export the build it refers to as well."],
    ],
  );
});

test("a data source cannot use values of a running build", () => {
  const { diagnostics } = programGraph(program([], { datasources: [{ type: "fetch", name: "a", config: { text: buildValue("Host") } }] }));
  assert.equal(
    diagnostics.map(({ code }) => code),
    ["TPK3203"],
  );
});

test("references anywhere in a build are edges: provisioners, overrides, common arguments", () => {
  const { nodes } = programGraph(
    program([
      build("p", source("a"), source("b"), source("c")),
      build(
        "web",
        source("x", {
          provisioners: [
            provision(
              "act",
              { list: [{ deep: artifactValue("p.machine.a", "id") }] },
              { timeout: artifactValue("p.machine.b", "id"), override: { x: { text: artifactValue("p.machine.c", "id") } } },
            ),
          ],
        }),
      ),
    ]),
  );
  assert.equal(nodes.get("web.machine.x")?.waitsFor, ["p.machine.a", "p.machine.b", "p.machine.c"]);
  assert.equal([...withParents(nodes, ["web.machine.x"])].sort(), ["p.machine.a", "p.machine.b", "p.machine.c", "web.machine.x"]);
});

test("a chain of ten thousand builds is no problem", () => {
  const names = Array.from({ length: 10_000 }, (_, index) => index);
  const { diagnostics } = programGraph(
    program(names.map((index) => build(`b${index}`, source("x", index === 0 ? {} : from(`b${index - 1}.machine.x`))))),
  );
  assert.equal(diagnostics, []);
});

test.run();
