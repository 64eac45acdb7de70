import { writeFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { tmp, within } from "../../../../test/support/src/index.ts";
import { AppendFile } from "../../src/engine/append-file.ts";
import { EventBus } from "../../src/events/bus.ts";
import type { RunEvent } from "../../src/events/event.ts";
import { ndjsonLine } from "../../src/events/ndjson.ts";
import { PlainPrinter } from "../../src/events/plain.ts";
import { Redactor } from "../../src/events/redact.ts";
import { EventUi } from "../../src/events/ui.ts";

test("every listener sees an event before anyone sees the next, also one that a listener causes", () => {
  const bus = new EventBus(new Redactor());
  const seen: string[] = [];
  bus.listen((event) => {
    if (event.kind !== "say") return;
    seen.push(`first ${event.text}`);
    if (event.text === "a") bus.emit({ kind: "say", text: "b" });
  });
  bus.listen((event) => event.kind === "say" && seen.push(`second ${event.text}`));
  bus.emit({ kind: "say", text: "a" });
  assert.equal(seen, ["first a", "second a", "first b", "second b"]);
});

test("a listener that throws is dropped and said so, and the run goes on", () => {
  const bus = new EventBus(new Redactor());
  const kinds: string[] = [];
  bus.listen(() => {
    throw new Error("broken display");
  });
  bus.listen((event) => kinds.push(event.kind === "log" ? event.text : event.kind));
  bus.emit({ kind: "say", text: "a" });
  bus.emit({ kind: "say", text: "b" });
  assert.equal(kinds, ["say", "a listener of events failed and gets no more: broken display", "say"]);
});

test("readers at different speeds each get everything, also when they come late", async () => {
  const bus = new EventBus(new Redactor());
  const read = async (pause: boolean): Promise<number[]> => {
    const sequence: number[] = [];
    for await (const event of bus.history.read()) {
      sequence.push(event.sequence);
      if (pause) await new Promise((resolve) => setImmediate(resolve));
    }
    return sequence;
  };
  const early = [read(false), read(true)];
  for (let index = 0; index < 100; index++) {
    bus.emit({ kind: "say", text: String(index) });
    if (index % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  bus.end();
  bus.emit({ kind: "say", text: "after the end" });
  const all = await within(20_000, () => Promise.all([...early, read(false)]));
  for (const sequence of all)
    assert.equal(
      sequence,
      Array.from({ length: 100 }, (_, index) => index + 1),
    );
});

test("what is too old for memory is read back from the run's file", async () => {
  const bus = new EventBus(new Redactor());
  const file = new AppendFile(`${tmp("events")}/events.ndjson`);
  bus.history.file = file;
  bus.listen((event: RunEvent) => file.write(ndjsonLine(event)));
  const count = 100_000;
  for (let index = 1; index <= count; index++) bus.emit({ kind: "output", stream: "stdout", text: `line ${index} é` });
  bus.end();
  let next = 1;
  for await (const event of bus.history.read()) {
    if (event.sequence !== next || (event.kind === "output" && event.text !== `line ${next} é`))
      assert.unreachable(`wrong event ${event.sequence}`);
    next++;
  }
  assert.is(next, count + 1);
});

test("a diagnostic carries its source lines, without the secrets in them", () => {
  const file = `${tmp("source")}/image.ts`;
  writeFileSync(file, 'const a = 1;\nconst token = "hunter2";\n');
  const bus = new EventBus(new Redactor(["hunter2"]));
  const texts: string[] = [];
  bus.listen((event) => texts.push(...new PlainPrinter().lines(event)));
  const subject = { file, start: { line: 2, column: 7 }, end: { line: 2, column: 12 } };
  bus.emit({ kind: "diagnostic", diagnostic: { severity: "error", code: "TPK3105", summary: "Bad", subject } });
  assert.ok(texts.includes('  2 │ const token = "<sensitive>";'), texts.join("\n"));
});

test("progress is thinned out, but its beginning and its end are always told", () => {
  const bus = new EventBus(new Redactor());
  const done: [number, boolean][] = [];
  bus.listen((event) => event.kind === "progress" && done.push([event.doneBytes, event.finished]));
  const progress = new EventUi(bus, {}, () => Promise.reject(new Error("no"))).progress("upload", 1000);
  for (let index = 0; index < 1000; index++) progress.advance(1);
  progress.finish();
  progress.finish();
  assert.equal(done[0], [0, false]);
  assert.equal(done.at(-1), [1000, true]);
  assert.ok(done.length < 20, String(done.length));
});

test.run();
