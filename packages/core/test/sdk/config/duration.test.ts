import { test } from "uvu";
import * as assert from "uvu/assert";
import { formatDuration, parseDuration } from "../../../src/sdk/config/duration.ts";

test("reads Go durations into milliseconds", () => {
  for (const [text, expected] of [
    ["300ms", 300],
    ["10s", 10_000],
    ["1h30m", 5_400_000],
    ["1.5m", 90_000],
    ["-5s", -5000],
    ["2us", 0.002],
    ["0", 0],
    [".5s", 500],
  ] as const) {
    assert.is(parseDuration(text), expected, text);
  }
});

test("refuses what is not a duration", () => {
  for (const text of ["", "5", "5 s", "five", "10d", "1h 30m", "s", "1.2.3s"]) assert.is(parseDuration(text), undefined, text);
});

test("prints the two largest units", () => {
  for (const [ms, expected] of [
    [0, "0 milliseconds"],
    [12, "12 milliseconds"],
    [1000, "1 second"],
    [1500, "1 second 500 milliseconds"],
    [65_000, "1 minute 5 seconds"],
    [3_600_000, "1 hour"],
    [90_061_000, "1 day 1 hour"],
  ] as const) {
    assert.is(formatDuration(ms), expected);
  }
});

test.run();
