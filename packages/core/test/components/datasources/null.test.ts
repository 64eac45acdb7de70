import { datasourceConformance, prepare, prepareWell, RecordingUi } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import source from "../../../src/components/datasources/null.ts";

test("DS-01: it answers its input", async () => {
  const component = await source.create();
  await prepareWell(component, { input: "hello\n{{upper `x`}}" });
  assert.equal(await component.execute({ ui: new RecordingUi(), signal: new AbortController().signal }), { output: "hello\nX" });
});

test("DS-01: input is required, and an empty one counts as none", async () => {
  for (const config of [{}, { input: "" }]) {
    assert.equal(
      (await prepare(await source.create(), config)).map(({ code, path }) => [code, path]),
      [["TPK3104", ["input"]]],
    );
  }
});

datasourceConformance(test, async () => ({ factory: source, config: { input: "x" } }));

test.run();
