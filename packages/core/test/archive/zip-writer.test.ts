import { execFileSync } from "node:child_process";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { lab, rejects, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { writeZip, type ZipEntry, zipName } from "../../src/archive/zip-writer.ts";

const entry = (name: string, content: Buffer, sizeBytes = content.length): ZipEntry => ({
  name,
  mode: 0o640,
  sizeBytes,
  content: () => Readable.from([content]),
});

test("names stay inside the folder that is unpacked to", () => {
  assert.is(zipName("/etc/passwd"), "etc/passwd");
  assert.is(zipName("../../x"), "x");
  assert.is(zipName("./a//b"), "a/b");
  assert.is(zipName("C:\\dir\\file"), "dir/file");
});

lab(test, "unzip")("unzip finds nothing wrong, empty archives and files included", async () => {
  for (const entries of [[], [entry("empty", Buffer.alloc(0)), entry("dir/full", Buffer.alloc(300_000, "abc"))]]) {
    const path = join(tmp(), "a.zip");
    await pipeline(writeZip(entries, { level: 9 }), createWriteStream(path));
    if (entries.length > 0) assert.match(execFileSync("unzip", ["-t", path], { encoding: "utf8" }), /No errors detected/);
  }
});

test("a file that does not have its announced size is an error, and so is one that cannot be read", () =>
  within(20_000, async () => {
    const write = (wrong: ZipEntry) =>
      pipeline(writeZip([entry("first", Buffer.from("1")), wrong], { level: -1 }), createWriteStream(join(tmp(), "a.zip")));
    await rejects(write(entry("log", Buffer.from("12345"), 3)), { code: "TPK6011", message: /zip/ });
    const broken = new Readable({
      read() {
        this.destroy(new Error("the disk is gone"));
      },
    });
    const error = await rejects(write({ ...entry("x", Buffer.alloc(0), 5), content: () => broken }));
    assert.match(String(error.cause ?? error.message), /the disk is gone/);
  }));

test("leaving early closes the file that was open and opens no other", async () => {
  const opened: Readable[] = [];
  const entries = ["a", "b"].map((name): ZipEntry => {
    const content = (): Readable => {
      const stream = new Readable({
        read() {
          this.push(Buffer.alloc(65_536, name));
        },
      });
      opened.push(stream);
      return stream;
    };
    return { name, mode: 0o644, sizeBytes: 1e9, content };
  });
  for await (const chunk of writeZip(entries, { level: 1 })) if (chunk.length > 100) break;
  assert.is(opened.length, 1);
  assert.ok(opened[0]?.destroyed);
});

test.run();
