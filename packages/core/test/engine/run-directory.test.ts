import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { lab, tmp } from "../../../../test/support/src/index.ts";
import { AppendFile } from "../../src/engine/append-file.ts";
import { RunDirectory } from "../../src/engine/run-directory.ts";
import { EventBus } from "../../src/events/bus.ts";
import { Redactor } from "../../src/events/redact.ts";
import { program } from "./programs.ts";

test("lines are in the file once flushed, in order, and the file is its owner's", () => {
  const path = join(tmp("append"), "log");
  const file = new AppendFile(path);
  file.write("one");
  assert.not.ok(existsSync(path));
  file.flush();
  file.write("two é");
  file.flush();
  file.flush();
  assert.is(readFileSync(path, "utf8"), "one\ntwo é\n");
  assert.is(statSync(path).mode & 0o777, 0o600);
});

test("much text is written without being asked", () => {
  const path = join(tmp("append"), "log");
  const file = new AppendFile(path);
  for (let index = 0; index < 2000; index++) file.write("x".repeat(99));
  assert.ok(statSync(path).size > 100_000);
});

lab(test, "linux")("a full disk throws once, then lines are dropped", () => {
  const file = new AppendFile("/dev/full");
  file.write("one");
  assert.throws(() => file.flush(), /ENOSPC/);
  file.write("two");
  file.flush();
});

lab(test, "linux")("a disk that fills up while a run goes on is said once, and costs the files alone", () => {
  const parent = tmp("runs");
  mkdirSync(join(parent, "id", "logs"), { recursive: true });
  symlinkSync("/dev/full", join(parent, "id", "events.ndjson"));
  symlinkSync("/dev/full", join(parent, "id", "logs", "a.log"));
  const bus = new EventBus(new Redactor());
  const errors: string[] = [];
  bus.listen((event) => event.kind === "error" && errors.push(event.text));
  const directory = RunDirectory.open(parent, "id", program([]), bus);
  for (let index = 0; index < 3000; index++) bus.emit({ kind: "output", stream: "stdout", text: "x".repeat(100) }, { build: "a" });
  bus.emit({ kind: "build-finished", outcome: "succeeded", durationMs: 1, artifacts: [], errors: [] }, { build: "a" });
  directory?.close({ id: "id", outcome: "succeeded", exitCode: 0, builds: [], diagnostics: [], timings: [], runDirectory: undefined });
  assert.is(errors.length, 1);
  assert.match(errors[0] ?? "", /are incomplete: ENOSPC/);
});

test.run();
