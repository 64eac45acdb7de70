import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { tmp } from "../../../../test/support/src/index.ts";
import { eventJsonSchema, eventSchema } from "../../src/events/schema.ts";
import { BuildError, type RunEvent } from "../../src/index.ts";
import { artifactValue, build, components, dataValue, postProcess, program, provision, source } from "../engine/programs.ts";
import { runToEnd } from "../engine/run.ts";

const published = fileURLToPath(new URL("../../../../docs/events.schema.json", import.meta.url));

test("the published schema is the one that the code has (UPDATE_GOLDEN=1 rewrites it)", () => {
  if (process.env.UPDATE_GOLDEN === "1") writeFileSync(published, `${JSON.stringify(eventJsonSchema(), undefined, 2)}\n`);
  assert.equal(JSON.parse(readFileSync(published, "utf8")), JSON.parse(JSON.stringify(eventJsonSchema())));
});

test("every kind of event that real runs emit fits the schema, with no field that the schema does not name", async () => {
  const events: RunEvent[] = [];
  const file = `${tmp("schema")}/image.ts`;
  writeFileSync(file, "one\ntwo\n");
  const at = { file, start: { line: 2, column: 1 }, end: { line: 2, column: 4 } };
  const { catalog } = components({
    provision: async ({ ui, signal, config }) => {
      ui.say("hello");
      ui.error("oh");
      ui.output("stderr", "line");
      ui.machine("own", "a", "b");
      ui.machine("tspack:file", "screen", "/run/screen.png");
      ui.log("debug", "thinking");
      ui.progress("copy", 10).finish();
      await ui.ask("Well?", { signal, choices: ["y", "n"] });
      if (config.text === "bad") throw new BuildError("no");
    },
  });
  const provisioners = [provision("act", { text: "bad" }, { max_retries: 1, name: "named" })];
  const first = program(
    [
      build("a", source("x", { config: { text: dataValue("fetch", "d", "body") }, postProcessors: [[postProcess("pack")]] })),
      build("b", source("x", { provisioners, config: { text: artifactValue("a.machine.x", "id") } })),
      build("c", source("x", { config: { nonsense: 1 }, origin: { locate: () => at } })),
    ],
    { datasources: [{ type: "fetch", name: "d", config: {} }] },
  );
  const onEvent = (event: RunEvent): number => events.push(event);
  await runToEnd(first, { catalog, onEvent, answer: async () => "y", runsDirectory: tmp("runs") });
  await runToEnd(program([build("a", source("x"))]), { catalog, onEvent, signal: AbortSignal.abort() });
  const schema = eventSchema();
  for (const event of events) {
    const data: unknown = JSON.parse(JSON.stringify(event));
    // Parsing drops fields that the schema does not name.
    assert.equal(JSON.parse(JSON.stringify(schema.parse(data))), data);
  }
  assert.equal([...new Set(events.map(({ kind }) => kind))].sort(), [
    "answer",
    "build-finished",
    "build-started",
    "cancelling",
    "diagnostic",
    "error",
    "file",
    "log",
    "machine",
    "output",
    "progress",
    "question",
    "run-finished",
    "run-started",
    "say",
    "step-finished",
    "step-started",
  ]);
});

test.run();
