import type { EventBody, EventHeader, RunEvent } from "@tspack/core";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { runSummary } from "../../src/display/summary.ts";
import { palette, textWidth } from "../../src/display/terminal-text.ts";
import { treeFrame } from "../../src/display/tree-frame.ts";
import { TreeState } from "../../src/display/tree-state.ts";

type Described = EventBody & Pick<EventHeader, "build" | "phase">;

function stateAfter(...events: Described[]): TreeState {
  const state = new TreeState();
  events.forEach((event, index) => {
    state.apply({ time: index * 1000, sequence: index + 1, ...event } as RunEvent);
  });
  return state;
}

const started = (names: readonly string[], steps = ["null", "shell-local"]): Described => ({
  kind: "run-started",
  runId: "1",
  version: "0",
  runDirectory: "/p/.tspack/runs/1",
  builds: names.map((name) => ({ name, steps, waitsFor: [] })),
});

const frame = (state: TreeState, size: { width?: number; height?: number; now?: number } = {}): string[] =>
  treeFrame(state, { width: 80, height: 24, now: 10_000, spinner: "*", palette: palette(false), logs: ".tspack/runs/1", ...size });

test("a running build shows its steps, times and the last lines of output", () => {
  const state = stateAfter(
    started(["a.null.x"]),
    { kind: "build-started", build: "a.null.x" },
    { kind: "step-started", step: "null", build: "a.null.x" },
    { kind: "step-finished", step: "null", outcome: "succeeded", durationMs: 250, build: "a.null.x" },
    { kind: "step-started", step: "shell-local", build: "a.null.x" },
    { kind: "output", stream: "stdout", text: "one\ntwo\nthree\n\u001b[31mfour\u001b[0m", build: "a.null.x" },
  );
  assert.equal(frame(state), [
    "* a.null.x  9.0 s",
    "  ✔ null  250 ms",
    "  * shell-local  6.0 s",
    "    │ two",
    "    │ three",
    "    │ four",
    "full output: .tspack/runs/1",
  ]);
});

test("progress is drawn as a bar, and goes when it is done", () => {
  const events: Described[] = [
    started(["b"]),
    { kind: "build-started", build: "b" },
    { kind: "step-started", step: "null", build: "b" },
    { kind: "progress", id: 1, label: "debian.iso", doneBytes: 50_000_000, totalBytes: 200_000_000, finished: false, build: "b" },
  ];
  assert.match(frame(stateAfter(...events)).join("\n"), /█{6}░{18} {2}25 % of 200\.0 MB {2}debian\.iso/);
  const done: Described = { kind: "progress", id: 1, label: "debian.iso", doneBytes: 2e8, totalBytes: 2e8, finished: true, build: "b" };
  assert.not.match(frame(stateAfter(...events, done)).join("\n"), /debian\.iso/);
});

test("a waiting build says what it waits for", () => {
  const state = stateAfter({
    kind: "run-started",
    runId: "1",
    version: "0",
    builds: [
      { name: "base", steps: [], waitsFor: [] },
      { name: "web", steps: [], waitsFor: ["base"] },
    ],
  });
  assert.match(frame(state).join("\n"), /○ web {2}waits for base/);
});

test("a hundred builds fit a terminal of 24 rows: finished ones are counted, running ones have a line", () => {
  const names = Array.from({ length: 100 }, (_, index) => `web.null.n${index}`);
  const events: Described[] = [started(names)];
  for (const [index, build] of names.slice(0, 60).entries()) {
    events.push({ kind: "build-started", build }, { kind: "step-started", step: "null", build });
    if (index < 50) events.push({ kind: "build-finished", outcome: "succeeded", durationMs: 5, artifacts: [], errors: [], build });
  }
  const lines = frame(stateAfter(...events));
  assert.ok(lines.length <= 23, `${lines.length} lines`);
  assert.is(lines.filter((line) => line.startsWith("* web.null.")).length, 10);
  assert.match(lines.join("\n"), /10 running · 40 waiting · 50 succeeded/);
});

test("more running builds than rows are cut, and the rest is counted", () => {
  const names = Array.from({ length: 50 }, (_, index) => `b${index}`);
  const lines = frame(stateAfter(started(names), ...names.map((build): Described => ({ kind: "build-started", build }))), { height: 12 });
  assert.is(lines.length, 11);
  assert.match(lines.join("\n"), /… and 42 more/);
});

test("no line is wider than the terminal, whatever the text", () => {
  const build = "a-very-long-name-of-a-build-that-somebody-made-up.null.machine";
  const state = stateAfter(
    started([build], ["日本語の長いステップ名がここにあります"]),
    { kind: "build-started", build },
    { kind: "step-started", step: "日本語の長いステップ名がここにあります", build },
    { kind: "output", stream: "stdout", text: `${"漢字".repeat(60)}\t\u0007end`, build },
    { kind: "progress", id: 1, label: "x".repeat(100), doneBytes: 1, totalBytes: 3, finished: false, build },
    { kind: "cancelling", reason: "interrupted" },
  );
  for (const width of [20, 33, 80]) {
    for (const line of frame(state, { width })) assert.ok(textWidth(line) < width, `${textWidth(line)} columns of ${width}: ${line}`);
  }
});

test("the summary keeps the output before a failure, its error, artifacts and times, slowest first", () => {
  const artifact = { builderId: "x", id: "1", description: "file /home/me/a", files: [] };
  const state = stateAfter(
    started(["good", "bad"]),
    { kind: "build-finished", outcome: "succeeded", durationMs: 900, artifacts: [artifact], errors: [], build: "good" },
    { kind: "build-started", build: "bad" },
    { kind: "step-started", step: "null", build: "bad" },
    { kind: "step-started", step: "shell-local", build: "bad" },
    { kind: "output", stream: "stderr", text: "cannot find it", build: "bad" },
    { kind: "step-finished", step: "shell-local", outcome: "failed", durationMs: 4000, error: "exit code 3", build: "bad" },
    { kind: "say", text: "running the error cleanup", build: "bad" },
    { kind: "step-finished", step: "null", outcome: "failed", durationMs: 4000, error: "exit code 3", build: "bad" },
    { kind: "build-finished", outcome: "failed", durationMs: 65_000, artifacts: [], errors: ["exit code 3"], build: "bad" },
    {
      kind: "run-finished",
      outcome: "failed",
      durationMs: 66_000,
      timings: [
        { build: "bad", step: "shell-local", durationMs: 64_000 },
        { build: "good", step: "null", durationMs: 800 },
      ],
    },
  );
  const text = runSummary(state, { palette: palette(false), width: 80, logs: undefined, workingDirectory: "/home/me" });
  assert.match(text, /✔ good {2}900 ms\n {4}file a/);
  assert.match(text, /✘ bad {2}failed after 1 m 05 s\n {4}last output of shell-local:\n {4}│ cannot find it\n {4}exit code 3/);
  assert.match(text, /1 m 04 s {2}bad: shell-local\n {4}800 ms {2}good: null/);
  assert.match(text, /1 of 2 builds succeeded in 1 m 06 s/);
});

test("the summary has one line of an error that a diagnostic has told in full, and all of any other", () => {
  const reason = "no login. The console said last:\n    login:";
  const failed = (detail: string) =>
    stateAfter(
      started(["bad"]),
      { kind: "build-started", build: "bad" },
      { kind: "diagnostic", diagnostic: { severity: "error", code: "TPK6001", summary: "Builder failed", detail }, build: "bad" },
      { kind: "build-finished", outcome: "failed", durationMs: 900, artifacts: [], errors: [reason], build: "bad" },
      { kind: "run-finished", outcome: "failed", durationMs: 900, timings: [] },
    );
  const summary = (detail: string) =>
    runSummary(failed(detail), { palette: palette(false), width: 80, logs: undefined, workingDirectory: "/" });
  assert.match(summary(`N${reason.slice(1)}`), /failed after 900 ms\n {4}no login\n\n/);
  assert.match(summary("Something else."), /\n {4}no login\. The console said last:\n {8}login:\n/);
});

test("the summary of a failed build names what was kept of it, whole, and the last of many", () => {
  const folder = "/home/me/.tspack/runs/01a2014b-0846-7a22-9e40-d7ff968e5f0e/machines";
  const state = stateAfter(
    started(["bad"]),
    { kind: "build-started", build: "bad" },
    ...[1, 2, 3, 4, 5, 6].map((n): Described => ({ kind: "file", type: "screen", path: `${folder}/a-${n}-screen.png`, build: "bad" })),
    { kind: "build-finished", outcome: "failed", durationMs: 900, artifacts: [], errors: ["no login"], build: "bad" },
    { kind: "run-finished", outcome: "failed", durationMs: 900, timings: [] },
  );
  const lines = runSummary(state, { palette: palette(false), width: 60, logs: undefined, workingDirectory: "/home/me" }).split("\n");
  const from = lines.indexOf("    no login");
  assert.equal(lines.slice(from + 1, from + 7), [
    ...[2, 3, 4, 5, 6].map((n) => `    see .tspack/runs/01a2014b-0846-7a22-9e40-d7ff968e5f0e/machines/a-${n}-screen.png`),
    "",
  ]);
});

test.run();
