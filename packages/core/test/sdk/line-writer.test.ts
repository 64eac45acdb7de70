import { test } from "uvu";
import * as assert from "uvu/assert";
import { LineWriter, LONGEST_LINE } from "../../src/sdk/line-writer.ts";

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

test("lines that end in one chunk can be had together, up to a size far below that of a cut line", () => {
  const texts: string[] = [];
  const writer = new LineWriter((text) => texts.push(text), { isJoined: true });
  for (const chunk of ["a \n\n5%\rb\nc", "d\n", "\n", "rest"]) writer.write(chunk);
  writer.flush();
  assert.equal(texts, ["a\n\nb", "cd", "", "rest"]);
  texts.length = 0;
  writer.write("line\n".repeat(100_000));
  assert.equal(texts.join("\n"), "line\n".repeat(100_000).slice(0, -1));
  assert.ok(texts.length > 1 && texts.every(({ length }) => length <= 64 * 1024), `${texts.length} texts`);
  texts.length = 0;
  writer.write(`one\n${"y".repeat(100_000)}\ntwo\n`);
  for (const part of [LONGEST_LINE, 1]) writer.write("x".repeat(part));
  writer.write("\nthree\n");
  assert.equal(
    texts.map(({ length }) => length),
    [3, 100_000, 3, LONGEST_LINE, "x\nthree".length],
  );
});

test.run();
