import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { RecordingUi, rejects, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { SerialConsole } from "../../src/console/serial-console.ts";

const { signal } = new AbortController();

test("a text is found among sequences for terminals, also when its bytes come one at a time", async () => {
  const port = new PassThrough();
  const console = new SerialConsole(port, { ui: new RecordingUi(), logFile: undefined });
  const found = console.waitForText("Press any key, später", signal);
  for (const byte of Buffer.from("\u001b[2J\u001b[01;01HPress \u001b[1many\u001b[0m \u001b(Bkey\u001b]0;title\u0007, später\r\n")) {
    port.write(Buffer.of(byte));
  }
  await within(30_000, () => found);
  await within(30_000, async () => {
    while (console.lastLines().length === 0) await new Promise((resolve) => setImmediate(resolve));
  });
  assert.equal(console.lastLines(), ["Press any key, später"]);
});

test("nothing that a guest prints is a command for the terminal that shows it", async () => {
  const port = new PassThrough();
  const ui = new RecordingUi();
  const console = new SerialConsole(port, { ui, logFile: undefined });
  port.write("a\u001b[2Jb\u001bcc\u009b2Jd\u0007\u007f\u0085e\n");
  await within(30_000, async () => {
    while (console.lastLines().length === 0) await new Promise((resolve) => setImmediate(resolve));
  });
  for (const text of [...console.lastLines(), ...ui.logged]) assert.not.match(text, /[\u0000-\u001f\u007f-\u009f]/);
});

test("a text is looked for behind the last one that was found, until the machine ends", async () => {
  const port = new PassThrough();
  const console = new SerialConsole(port, { ui: new RecordingUi(), logFile: undefined });
  port.write("login: ");
  await within(30_000, () => console.waitForText("login:", signal));
  const again = rejects(console.waitForText("login:", signal), { message: /the machine has ended/ });
  port.destroy();
  await within(30_000, () => again);
});

test("of a guest that floods its console only so much is kept, and the rest is still looked through", async () => {
  const port = new PassThrough();
  const logFile = join(tmp("console"), "console.log");
  const console = new SerialConsole(port, { ui: new RecordingUi(), logFile, mostBytes: 10 });
  const found = console.waitForText("login:", signal);
  port.write("0123456");
  port.write("789abc");
  port.write("login:");
  await within(30_000, () => found);
  port.destroy();
  const kept = "0123456789\n[The console printed more than is kept.]\n";
  await within(30_000, async () => {
    while (!existsSync(logFile) || readFileSync(logFile, "utf8") !== kept) await new Promise((resolve) => setImmediate(resolve));
  });
  assert.is(statSync(logFile).mode & 0o777, 0o600, "a password may be typed there");
});

test.run();
