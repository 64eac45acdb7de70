import { test } from "uvu";
import * as assert from "uvu/assert";
import { LineWriter } from "../../src/sdk/line-writer.ts";

/** The lines that come of these chunks. */
function linesOf(chunks: Iterable<Uint8Array | string>): string[] {
  const lines: string[] = [];
  const writer = new LineWriter((line) => lines.push(line));
  for (const chunk of chunks) writer.write(chunk);
  writer.flush();
  return lines;
}

test("lines end with a line feed, or with the output", () => {
  assert.equal(linesOf(["a\n\nb\r\nc"]), ["a", "", "b", "c"]);
  assert.equal(linesOf([""]), []);
});

test("white space at the end and what a carriage return overwrote are dropped", () => {
  assert.equal(linesOf(["10%\r50%\r100%\n", " indented  \t\n", "done\r\r\n"]), ["100%", " indented", "done"]);
});

test("characters that chunks cut in two are whole, whatever the chunks", () => {
  const bytes = Buffer.from("é☃😀\nü\n");
  assert.equal(linesOf([...bytes].map((byte) => Buffer.from([byte]))), ["é☃😀", "ü"]);
});

test("bytes that are no UTF-8 become replacement characters", () => {
  assert.equal(linesOf([Buffer.from([0x61, 0xff, 0x62, 0x0a, 0xc3])]), ["a\ufffdb", "\ufffd"]);
});

test("a line without end is handed on in pieces", () => {
  const chunk = "x".repeat(64 * 1024);
  const lines = linesOf(Array.from({ length: 40 }, () => chunk));
  assert.is(lines.join("").length, 40 * 64 * 1024);
  assert.ok(lines.every((line) => line.length <= 1024 * 1024));
});

test.run();
