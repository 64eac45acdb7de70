import { test } from "uvu";
import * as assert from "uvu/assert";
import { LastWords } from "../../src/machine/last-words.ts";

test("the last lines are kept, without what gives commands to a terminal, and no longer than a message takes", () => {
  const words = new LastWords(2);
  for (const line of ["first", "\u001b]0;title\u0007\u001b[31mred\u001b[0m\u009b2J", "x".repeat(1000)]) words.add(line);
  assert.equal(words.lines(), ["red2J", "x".repeat(400)]);
});

test.run();
