import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lab, rejects, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { readTar } from "../../src/archive/tar-reader.ts";
import { type TarEntry, writeTar } from "../../src/archive/tar-writer.ts";

const entries: readonly TarEntry[] = [
  { name: "plain", type: "file", mode: 0o644, uid: 1, gid: 2, mtimeSeconds: 1_600_000_000, content: Buffer.from("content") },
  { name: `${"long/".repeat(60)}täxt`, type: "file", mode: 0o4755, uid: 3_000_000, content: Buffer.alloc(1500, "y") },
  { name: "folder/", type: "directory", mode: 0o1777 },
  { name: "link", type: "symlink", mode: 0o777, linkName: `../${"z".repeat(150)}` },
  { name: "again", type: "hardlink", mode: 0o644, linkName: "plain" },
  { name: "null", type: "character-device", mode: 0o666, device: { major: 1, minor: 3 } },
  {
    name: "ping",
    type: "file",
    mode: 0o755,
    xattrs: { "security.capability": Buffer.from([1, 0, 0, 2, 0xff, 0x80, 10, 61]) },
    content: Buffer.from("x"),
  },
];

for (const cut of [1, 7, 512, 100_000]) {
  test(`what the writer writes is read back, in pieces of ${cut} bytes`, async () => {
    const archive = await written(entries);
    const seen = await members(pieces(archive, cut));
    assert.equal(
      seen.map(({ name, type, mode, text }) => [name, type, mode, text.length]),
      entries.map(({ name, type, mode, content }) => [name, type, mode, content instanceof Uint8Array ? content.length : 0]),
    );
    assert.is(seen[0]?.text, "content");
    assert.equal([seen[0]?.uid, seen[0]?.gid, seen[0]?.mtimeSeconds], [1, 2, 1_600_000_000]);
    assert.is(seen[1]?.uid, 3_000_000);
    assert.is(seen[3]?.linkName, entries[3]?.linkName);
    assert.equal(seen[5]?.device, { major: 1, minor: 3 });
    assert.ok(Buffer.from([1, 0, 0, 2, 0xff, 0x80, 10, 61]).equals(seen[6]?.xattrs?.["security.capability"] ?? Buffer.alloc(0)));
  });
}

test("content that nobody reads is skipped", async () => {
  const names = [];
  for await (const { name } of readTar(pieces(await written(entries), 300))) names.push(name);
  assert.equal(
    names,
    entries.map(({ name }) => name),
  );
});

for (const format of ["gnu", "pax", "ustar", "v7"]) {
  lab(test, "linux")(`archives of GNU tar are read (format ${format})`, async () => {
    const folder = tmp("gnutar");
    mkdirSync(join(folder, "t", "d".repeat(90)), { recursive: true });
    const long = format === "gnu" || format === "pax" ? "n".repeat(120) : "name";
    const path = join("t", format === "v7" ? "" : "d".repeat(90), long);
    writeFileSync(join(folder, path), "text");
    symlinkSync(long, join(folder, "t/l"));
    execFileSync("tar", [`--format=${format}`, "--owner=5", "--group=6", "-cf", "out.tar", "t"], { cwd: folder });
    const seen = await members(pieces(readFileSync(join(folder, "out.tar")), 1000));
    const file = seen.find(({ name }) => name === path);
    assert.equal([file?.type, file?.text, file?.uid, file?.gid], ["file", "text", 5, 6]);
    assert.is(seen.find(({ name }) => name === "t/l")?.linkName, long);
  });
}

test("an archive that ends early, or is none, is an error that says so", async () => {
  const archive = await written(entries);
  await rejects(members(pieces(archive.subarray(0, 520), 100)), { code: "TPK3107", message: /ends/ });
  await rejects(members(pieces(Buffer.alloc(2048, "not a tar"), 100)), { code: "TPK3107", message: /checksum|malformed/ });
});

for (const record of ["mtime:=soon", "uid:=-1", "gid:=1.5", "size:=0x10"]) {
  lab(test, "linux")(`a number that is none is an error (${record})`, async () => {
    const folder = tmp("numbers");
    writeFileSync(join(folder, "f"), "text");
    execFileSync("tar", ["--format=pax", `--pax-option=${record}`, "-cf", "out.tar", "f"], { cwd: folder });
    await rejects(members(pieces(readFileSync(join(folder, "out.tar")), 1000)), { code: "TPK3107", message: /malformed/ });
  });
}

async function members(source: AsyncIterable<Uint8Array>) {
  const all = [];
  for await (const member of readTar(source)) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of member.content) chunks.push(Buffer.from(chunk));
    all.push({ ...member, text: Buffer.concat(chunks).toString() });
  }
  return all;
}

async function written(list: readonly TarEntry[]): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of writeTar(list)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* pieces(bytes: Buffer, length: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += length) yield bytes.subarray(start, start + length);
}

test.run();
