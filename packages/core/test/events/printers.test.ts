import { test } from "uvu";
import * as assert from "uvu/assert";
import type { EventBody, EventHeader, RunEvent } from "../../src/events/event.ts";
import { LogPrinter } from "../../src/events/log.ts";
import { MachineReadablePrinter } from "../../src/events/machine-readable.ts";
import { ndjsonLine } from "../../src/events/ndjson.ts";
import { PlainPrinter } from "../../src/events/plain.ts";

const time = Date.UTC(2026, 10, 21, 11, 42, 47);
const image = { builderId: "packer.file", id: "File", description: "Stored file: a,b", files: ["/tmp/a,b", "/tmp/c"] };

function at(body: EventBody, header: Partial<EventHeader> = {}): RunEvent {
  return { time, sequence: 1, ...header, ...body };
}

const web = { build: "web.file.one" };
const started: readonly RunEvent[] = [
  at({
    kind: "run-started",
    runId: "x",
    version: "0.1.0",
    builds: [web.build, "null.two"].map((name) => ({ name, steps: [], waitsFor: [] })),
  }),
  at({ kind: "build-started" }, web),
  at({ kind: "build-started" }, { build: "null.two" }),
];
const finished: readonly RunEvent[] = [
  at({ kind: "build-finished", outcome: "succeeded", durationMs: 1234, artifacts: [image], errors: [] }, web),
  at({ kind: "build-finished", outcome: "failed", durationMs: 65_000, artifacts: [], errors: ["no, never"] }, { build: "null.two" }),
  at({ kind: "run-finished", outcome: "failed", durationMs: 65_000, timings: [{ build: "null.two", step: "shell", durationMs: 64_000 }] }),
];

function print(printer: { lines(event: RunEvent): readonly string[] }, ...events: readonly RunEvent[]): string[] {
  return events.flatMap((event) => printer.lines(event));
}

test("plain: work that takes long says how far it is, now and then", () => {
  const builder = { ...web, component: { kind: "builder", type: "qemu" } } as const;
  const step = (seconds: number, doneBytes: number, totalBytes?: number, id = 1, finished = false): RunEvent =>
    at({ kind: "progress", id, label: "disk.iso", doneBytes, totalBytes, finished }, { ...builder, time: time + seconds * 1000 });
  const printer = new PlainPrinter();
  assert.equal(print(printer, step(0, 0, 29e6), step(9, 1e6, 29e6), step(10.2, 8.2e6, 29e6), step(20, 9e6, 29e6)), [
    "==> web.file.one: disk.iso: 28 % of 29.0 MB",
  ]);
  assert.equal(print(printer, step(41, 29e6, 29e6), step(42, 29e6, 29e6, 1, true)), ["==> web.file.one: disk.iso: 100 % of 29.0 MB"]);
  assert.equal(print(printer, step(50, 0, undefined, 2), step(61, 5e6, undefined, 2)), ["==> web.file.one: disk.iso: 5.0 MB"]);
  const quick = [step(70, 0, 9, 3), step(75, 9, 9, 3), step(99, 9, 9, 3, true)];
  assert.equal(print(printer, ...quick), []);
  assert.equal(print(new MachineReadablePrinter(), step(0, 0), step(99, 5)), [], "machines are told by -json");
});

test("plain: every line of a build has its prefix, and summaries read as Packer's", () => {
  const shell = { ...web, component: { kind: "provisioner", type: "shell" } } as const;
  const checksum = { ...web, component: { kind: "post-processor", type: "checksum" } } as const;
  const data = { component: { kind: "datasource", type: "http", name: "x" } } as const;
  assert.equal(
    print(
      new PlainPrinter(),
      ...started,
      at({ kind: "say", text: "two\nlines" }, shell),
      at({ kind: "output", stream: "stdout", text: "  indented 10%\r  50%\r done  \n1%\r2%\nlast" }, shell),
      at({ kind: "output", stream: "stderr", text: "" }, shell),
      at({ kind: "say", text: "sums" }, checksum),
      at({ kind: "say", text: "asked" }, data),
      at({ kind: "say", text: "of the run" }),
      ...finished,
    ),
    [
      "==> web.file.one: two",
      "==> web.file.one: lines",
      "==> web.file.one:  done",
      "==> web.file.one: 2%",
      "==> web.file.one: last",
      "==> web.file.one:",
      "==> web.file.one (checksum): sums",
      "==> data.http.x: asked",
      "of the run",
      "Build 'web.file.one' finished after 1 second 234 milliseconds.",
      "Build 'null.two' errored after 1 minute 5 seconds: no, never",
      "",
      "==> Wait completed after 1 minute 5 seconds",
      "",
      "==> Some builds didn't complete successfully and had errors:",
      "--> null.two: no, never",
      "",
      "==> Builds finished. The artifacts of successful builds are:",
      "--> web.file.one: Stored file: a,b",
      "",
      "==> Time per step, slowest first:",
      "--> null.two: shell: 1 minute 4 seconds",
    ],
  );
});

test("plain with colours: one per build in turn, errors red, and a line that announces each", () => {
  assert.equal(
    print(
      new PlainPrinter({ color: true }),
      ...started,
      at({ kind: "say", text: "a\nb" }, { build: "null.two" }),
      at({ kind: "error", text: "bad" }, { build: "null.two" }),
    ),
    [
      "\u001b[1;32mweb.file.one: output will be in this color.\u001b[0m",
      "\u001b[1;36mnull.two: output will be in this color.\u001b[0m",
      "",
      "\u001b[1;36m==> null.two: a\u001b[0m",
      "\u001b[1;36m==> null.two: b\u001b[0m",
      "\u001b[1;31m==> null.two: bad\u001b[0m",
    ],
  );
});

test("plain with time stamps: on lines of builds, not on the summary", () => {
  const lines = print(new PlainPrinter({ timestamps: true }), ...started, at({ kind: "say", text: "hello" }, web), ...finished);
  assert.match(lines[0] ?? "", /^2026-11-2\dT\d\d:\d\d:47(Z|[+-]\d\d:\d\d): ==> web\.file\.one: hello$/);
  assert.match(lines[1] ?? "", /^2026-.*: Build 'web\.file\.one' finished/);
  assert.ok(lines.includes("==> Wait completed after 1 minute 5 seconds"));
});

test("plain: a run in which no build started has no summary", () => {
  const [runStarted] = started;
  const [, , last] = finished;
  assert.ok(runStarted !== undefined && last !== undefined);
  assert.equal(print(new PlainPrinter(), runStarted, last), []);
});

test("of what a diagnostic has told in full, the first sentence stands where Packer repeats it; records for programs have all of it", () => {
  const reason = "no login. Check the password. The console said last:\n    login:\n    a, b";
  const build = { build: "null.two" };
  const failed = (detail: string, errors: readonly string[]): readonly RunEvent[] => [
    ...started,
    at({ kind: "diagnostic", diagnostic: { severity: "error", code: "TPK6001", summary: "Builder failed", detail } }, build),
    at({ kind: "build-finished", outcome: "failed", durationMs: 1_000, artifacts: [], errors }, build),
    at({ kind: "run-finished", outcome: "failed", durationMs: 1_000, timings: [] }),
  ];
  const told = `N${reason.slice(1)}`;
  const brief = "no login";
  const lines = print(new PlainPrinter(), ...failed(told, [reason, "one: two\nthree"]));
  const from = lines.findIndex((text) => text.startsWith("Build "));
  assert.equal(lines.slice(from), [
    `Build 'null.two' errored after 1 second: ${brief}`,
    "one: two",
    "three",
    "",
    "==> Wait completed after 1 second",
    "",
    "==> Some builds didn't complete successfully and had errors:",
    `--> null.two: ${brief}`,
    "one: two",
    "three",
    "",
    "==> Builds finished but no artifacts were created.",
  ]);
  assert.is(lines.filter((text) => text.includes("login:")).length, 1);
  const records = print(new MachineReadablePrinter(), ...failed(told, [reason]));
  assert.ok(
    records.some((record) => record.endsWith(`null.two,error,${reason.replaceAll("\n", "\\n").replaceAll(",", "%!(PACKER_COMMA)")}`)),
  );
});

test("a diagnostic is one record of Packer's form: errors are errors, warnings are said", () => {
  const diagnostic = (severity: "error" | "warning") =>
    at({ kind: "diagnostic", diagnostic: { severity, code: "TPK3101", summary: "Odd", detail: "One, two." } });
  for (const [severity, level] of [
    ["error", "error"],
    ["warning", "say"],
  ] as const) {
    const lines = new MachineReadablePrinter().lines(diagnostic(severity));
    assert.is(lines.length, 1);
    const [, target, type, ...data] = lines[0]?.split(",") ?? [];
    assert.equal([target, type, data[0], data.length], ["", "ui", level, 2]);
    assert.match(data[1] ?? "", /TPK3101\)\\n\\nOne%!\(PACKER_COMMA\) two\./);
  }
});

test("machine-readable: Packer's records in Packer's order", () => {
  const stamp = String(time / 1000);
  assert.equal(
    print(
      new MachineReadablePrinter(),
      ...started,
      at({ kind: "say", text: "a, b\nc\r" }, web),
      at({ kind: "output", stream: "stderr", text: "one\ntwo" }, web),
      at({ kind: "machine", type: "own", data: ["x,y"] }, web),
      ...finished,
    ),
    [
      ",ui,say,==> web.file.one: a%!(PACKER_COMMA) b\\n==> web.file.one: c",
      ",ui,error,==> web.file.one: one",
      ",ui,error,==> web.file.one: two",
      "web.file.one,own,x%!(PACKER_COMMA)y",
      ",ui,say,Build 'web.file.one' finished after 1 second 234 milliseconds.",
      ",ui,error,Build 'null.two' errored after 1 minute 5 seconds: no%!(PACKER_COMMA) never",
      ",ui,say,\\n==> Wait completed after 1 minute 5 seconds",
      ",error-count,1",
      ",ui,error,\\n==> Some builds didn't complete successfully and had errors:",
      "null.two,error,no%!(PACKER_COMMA) never",
      ",ui,error,--> null.two: no%!(PACKER_COMMA) never",
      ",ui,say,\\n==> Builds finished. The artifacts of successful builds are:",
      "web.file.one,artifact-count,1",
      "web.file.one,artifact,0,builder-id,packer.file",
      "web.file.one,artifact,0,id,File",
      "web.file.one,artifact,0,string,Stored file: a%!(PACKER_COMMA)b",
      "web.file.one,artifact,0,files-count,2",
      "web.file.one,artifact,0,file,0,/tmp/a%!(PACKER_COMMA)b",
      "web.file.one,artifact,0,file,1,/tmp/c",
      "web.file.one,artifact,0,end",
      ",ui,say,--> web.file.one: Stored file: a%!(PACKER_COMMA)b",
      ",ui,say,\\n==> Time per step%!(PACKER_COMMA) slowest first:\\n--> null.two: shell: 1 minute 4 seconds",
    ].map((line) => `${stamp},${line}`),
  );
});

test("the log has time, level and source, machine records, and the user's lines only in a file", () => {
  const events = [
    at({ kind: "log", level: "warn", source: "shell", text: "careful" }, web),
    at({ kind: "log", level: "info", source: "core", text: "thinking" }),
    at({ kind: "say", text: "hello" }, web),
    at({ kind: "error", text: "bad" }, web),
    at({ kind: "machine", type: "own", data: ["x"] }, web),
  ];
  const without = (lines: string[]): string[] => lines.map((line) => line.replace(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d /, ""));
  assert.equal(without(print(new LogPrinter(), ...events)), [
    "[WARN] shell: careful",
    "[INFO] thinking",
    'machine readable: web.file.one,own ["x"]',
  ]);
  assert.equal(without(print(new LogPrinter({ includeUi: true }), ...events)).slice(2), [
    "ui: ==> web.file.one: hello",
    "ui error: ==> web.file.one: bad",
    'machine readable: web.file.one,own ["x"]',
  ]);
});

test("NDJSON is one line per event, whatever is in it", () => {
  const event = at({ kind: "say", text: "two\nlines\u2028and a separator" }, web);
  assert.not.match(ndjsonLine(event), /[\n\u2028]/);
  assert.equal(JSON.parse(ndjsonLine(event)), event);
});

test.run();
