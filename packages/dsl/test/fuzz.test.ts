// A few of the cases that `npm run fuzz` tries, always the same ones: see scripts/fuzz.
import { tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { inputFor, runCase } from "../../../scripts/fuzz/cases.ts";

const SEED = 20_000;
const CASES = 2000;

test("random templates are told about in words, and nothing crashes", async () => {
  const folder = tmp("fuzz");
  let throughDoors = 0;
  for (let index = 0; index < CASES; index++) {
    // Only from the grammar: with templates to damage, each new fixture would change the cases.
    const input = inputFor(SEED + index, []);
    if (input.door !== undefined) throughDoors++;
    try {
      await runCase(input, folder);
    } catch (error) {
      throw new Error(`case ${index} as ${input.door ?? input.language}:\n${input.text}`, { cause: error });
    }
  }
  assert.ok(throughDoors > CASES / 20, "a share of the cases is loaded from files");
});

test.run();
