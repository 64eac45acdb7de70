// One file out of archives, sound ones and others.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { rejects, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { extractFromZip, readZipTexts } from "../../src/archive/zip-reader.ts";
import { writeZip } from "../../src/archive/zip-writer.ts";

const content = Buffer.from("content ".repeat(100_000));
const { signal } = new AbortController();

/** An archive of two files, packed or not. */
async function archive(level: number): Promise<Buffer> {
  const file = (name: string, bytes: Buffer) => ({ name, mode: 0o755, sizeBytes: bytes.length, content: () => Readable.from([bytes]) });
  const pieces: Buffer[] = [];
  for await (const piece of writeZip([file("other", Buffer.from("x")), file("wanted", content)], { level })) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** Takes a file out of an archive; answers what was written, undefined when there is no such file. */
async function take(bytes: Buffer, name = "wanted", largestBytes = 1e9): Promise<Buffer | undefined> {
  const folder = tmp("zip");
  writeFileSync(join(folder, "a.zip"), bytes);
  const destination = join(folder, "out");
  const isThere = await extractFromZip(join(folder, "a.zip"), { name, destination, largestBytes, signal });
  assert.is(existsSync(destination), isThere);
  return isThere ? readFileSync(destination) : undefined;
}

test("the named file is taken out, stored or deflated, also before a comment that looks like a directory", async () => {
  for (const level of [0, 9]) {
    const whole = await archive(level);
    assert.equal(await take(whole), content);
    assert.equal(await take(whole, "other"), Buffer.from("x"));
    assert.is(await take(whole, "want"), undefined);
    const comment = Buffer.concat([Buffer.from([0x50, 0x4b, 5, 6]), Buffer.alloc(30)]);
    const commented = Buffer.concat([whole, comment]);
    commented.writeUInt16LE(comment.length, whole.length - 2);
    assert.equal(await take(commented), content);
  }
});

test("what is damaged, encrypted, a link, too large or larger than it says is refused", async () => {
  const whole = await archive(9);
  const entry = whole.lastIndexOf(Buffer.from("wanted")) - 46;
  const changed = (change: (bytes: Buffer) => void): Buffer => {
    const copy = Buffer.from(whole);
    change(copy);
    return copy;
  };
  const cases: readonly (readonly [Buffer, RegExp])[] = [
    [Buffer.from("hello"), /it has no directory/],
    [Buffer.alloc(0), /it has no directory/],
    [whole.subarray(0, -30), /it has no directory/],
    [changed((bytes) => bytes.writeUInt32LE(0xfffffff0, bytes.length - 6)), /its directory is not where it says/],
    [changed((bytes) => bytes.writeUInt16LE(bytes.readUInt16LE(entry + 8) | 1, entry + 8)), /is encrypted/],
    [changed((bytes) => bytes.writeUInt32LE(0o120777 * 65536, entry + 38)), /is not a plain file/],
    [changed((bytes) => bytes.writeUInt16LE(12, entry + 10)), /packed in a way that is not supported \(12\)/],
    [changed((bytes) => bytes.writeUInt32LE(1000, entry + 24)), /is larger than it says/],
    [changed((bytes) => bytes.writeUInt32LE(0, entry + 16)), /is not what was packed/],
    [changed((bytes) => bytes.writeUInt32LE(5, entry + 42)), /an entry is not where its directory says/],
    [changed((bytes) => bytes.writeUInt32LE(0x7fffffff, entry + 20)), /it is cut off/],
    [changed((bytes) => bytes.fill(0xff, 130, 160)), /the zip archive cannot be used/],
  ];
  for (const [bytes, message] of cases) await rejects(take(bytes), { code: "TPK7001", message });
  await rejects(take(whole, "wanted", content.length - 1), { message: /is too large/ });
});

test("wanted files are read as text, within bounds", async () => {
  const file = join(tmp("zip"), "a.zip");
  const read = (
    isWanted: (name: string) => boolean,
    mostEntries = 2,
    largestBytes = content.length + 1,
  ): Promise<ReadonlyMap<string, string>> => readZipTexts(file, { isWanted, mostEntries, largestBytes });
  for (const level of [0, 9]) {
    writeFileSync(file, await archive(level));
    assert.equal(
      [...(await read(() => true))],
      [
        ["other", "x"],
        ["wanted", content.toString()],
      ],
    );
    assert.equal([...(await read((name) => name === "other", 1, 1))], [["other", "x"]]);
    assert.is((await read(() => false, 0, 0)).size, 0);
    await rejects(
      read(() => true, 1),
      { code: "TPK7001", message: /there is too much in it/ },
    );
    await rejects(
      read(() => true, 2, content.length),
      { code: "TPK7001", message: /there is too much in it/ },
    );
  }
  const whole = await archive(9);
  const entry = whole.lastIndexOf(Buffer.from("wanted")) - 46;
  const changes: readonly (readonly [(bytes: Buffer) => void, RegExp])[] = [
    // What it unpacks to is more, or less, than it says; or something else.
    [(bytes) => bytes.writeUInt32LE(content.length - 1, entry + 24), /could not be unpacked|is not what was packed/],
    [(bytes) => bytes.writeUInt32LE(content.length + 1, entry + 24), /is not what was packed/],
    [(bytes) => bytes.writeUInt32LE(0, entry + 16), /is not what was packed/],
    [(bytes) => bytes.writeUInt16LE(12, entry + 10), /packed in a way that is not supported/],
    [(bytes) => bytes.writeUInt16LE(bytes.readUInt16LE(entry + 8) | 1, entry + 8), /is encrypted/],
  ];
  for (const [change, message] of changes) {
    const copy = Buffer.from(whole);
    change(copy);
    writeFileSync(file, copy);
    await rejects(
      read((name) => name === "wanted", 1, 1e9),
      { code: "TPK7001", message },
    );
  }
});

test.run();
