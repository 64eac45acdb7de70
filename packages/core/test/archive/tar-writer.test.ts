import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { createReadStream, createWriteStream, mkdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { rejects, tmp } from "@tspack/test-support";
import { extract, type Header } from "tar-stream";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type TarEntry, writeTar } from "../../src/archive/tar-writer.ts";

async function write(entries: readonly TarEntry[], path = join(tmp(), "a.tar")): Promise<string> {
  await pipeline(writeTar(entries), createWriteStream(path));
  return path;
}

async function headersOf(path: string): Promise<Header[]> {
  const found: Header[] = [];
  const reader = extract();
  reader.on("entry", (header, content, next) => {
    found.push(header);
    content.on("end", next);
    content.resume();
  });
  await pipeline(createReadStream(path), reader);
  return found;
}

test("GNU tar unpacks files, folders, links and modes", async () => {
  const big = randomBytes(300_001);
  const path = await write([
    { name: "dir", type: "directory", mode: 0o750, mtimeSeconds: 1_700_000_000 },
    { name: "dir/small", type: "file", mode: 0o755, content: Buffer.from("hello"), mtimeSeconds: 1_700_000_000 },
    {
      name: "dir/big",
      type: "file",
      mode: 0o644,
      sizeBytes: big.length,
      content: () => Readable.from([big.subarray(0, 7), big.subarray(7)]),
    },
    { name: "dir/empty", type: "file", mode: 0o600 },
    { name: "dir/link", type: "symlink", mode: 0o777, linkName: "small" },
    { name: "dir/hard", type: "hardlink", mode: 0o755, linkName: "dir/small" },
  ]);
  const out = tmp();
  execFileSync("tar", ["-xf", path, "-C", out, "--no-same-owner", "--same-permissions"]);
  assert.is(readFileSync(join(out, "dir/small"), "utf8"), "hello");
  assert.ok(readFileSync(join(out, "dir/big")).equals(big));
  assert.is(statSync(join(out, "dir/empty")).size, 0);
  assert.is(readlinkSync(join(out, "dir/link")), "small");
  assert.is(statSync(join(out, "dir/hard")).ino, statSync(join(out, "dir/small")).ino);
  assert.is(statSync(join(out, "dir")).mode & 0o7777, 0o750);
  assert.is(statSync(join(out, "dir/small")).mode & 0o7777, 0o755);
  assert.is(statSync(join(out, "dir/small")).mtimeMs, 1_700_000_000_000);
});

test("long and non-ASCII names survive, with every length around ustar's limits", async () => {
  const names = [
    "Főtanúsítvány.crt",
    "x".repeat(100),
    "x".repeat(101),
    `${"p".repeat(155)}/${"n".repeat(100)}`,
    `${"p".repeat(156)}/${"n".repeat(100)}`,
    `${"p".repeat(154)}/${"n".repeat(101)}`,
    // Lengths at which the PAX record's own length gains a digit.
    ...[87, 88, 89, 90, 91, 92, 980, 985, 986, 987, 988, 989, 990].map((length) => `é${"y".repeat(200)}/${"z/".repeat(length / 2)}w`),
  ];
  const path = await write(names.map((name) => ({ name, type: "file", mode: 0o644, content: Buffer.from(name) })));
  const listed = execFileSync("tar", ["--quoting-style=literal", "-tf", path], { encoding: "utf8", maxBuffer: 1e8 });
  assert.equal(listed.trimEnd().split("\n"), names);
  assert.equal(
    (await headersOf(path)).map((header) => header.name),
    names,
  );
});

test("large ids, sizes from 8 GiB and extended attributes go into PAX records", async () => {
  const size = 8 * 1024 ** 3;
  const block = Buffer.alloc(1024 * 1024);
  const first: Buffer[] = [];
  let kept = 0;
  let total = 0;
  await pipeline(
    writeTar([
      {
        name: "disk.raw",
        type: "file",
        mode: 0o644,
        uid: 3_000_000,
        gid: 3_000_001,
        mtimeSeconds: -5,
        xattrs: { "user.b": Buffer.from("2"), "user.a": Buffer.from([0, 1]) },
        sizeBytes: size,
        content: async function* () {
          for (let done = 0; done < size; done += block.length) yield block;
        },
      },
    ]),
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        total += chunk.length;
        if (kept < 4096) {
          first.push(chunk.subarray(0, 4096));
          kept += chunk.length;
        }
        done();
      },
    }),
  );
  const head = Buffer.concat(first).toString("latin1");
  assert.match(head, "19 size=8589934592\n");
  assert.match(head, "15 uid=3000000\n");
  assert.match(head, "15 gid=3000001\n");
  assert.match(head, "12 mtime=-5\n");
  assert.match(head, /SCHILY\.xattr\.user\.a=\0\x01\n.*SCHILY\.xattr\.user\.b=2\n/s);
  assert.is(total, size + 3 * 512 + 1024);
});

test("the same entries give the same bytes however the content is cut", async () => {
  const content = randomBytes(200_000);
  const digests = [1, 1000, 200_000].map(async (step) => {
    const cut = async function* () {
      for (let at = 0; at < content.length; at += step) yield content.subarray(at, at + step);
    };
    const hash = createHash("sha256");
    const entries: TarEntry[] = [{ name: "f", type: "file", mode: 0o644, sizeBytes: content.length, content: cut }];
    await pipeline(writeTar(entries), hash);
    return hash.digest("hex");
  });
  assert.is(new Set(await Promise.all(digests)).size, 1);
});

test("a content that does not have the announced length is an error, not a broken archive", async () => {
  const short: TarEntry = { name: "log", type: "file", mode: 0o644, sizeBytes: 10, content: () => Readable.from([Buffer.alloc(4)]) };
  await rejects(write([short]), { code: "TPK6011", message: /log ended after 4 of 10 bytes/ });
  const long: TarEntry = { ...short, content: () => Readable.from([Buffer.alloc(11)]) };
  await rejects(write([long]), { code: "TPK6011", message: /log became longer than 10 bytes/ });
});

test("entries are pulled one after the other and closed when writing stops", async () => {
  const folder = tmp();
  mkdirSync(join(folder, "in"));
  for (let index = 0; index < 3; index++) writeFileSync(join(folder, "in", String(index)), Buffer.alloc(200_000));
  const opened: ReturnType<typeof createReadStream>[] = [];
  const entries = [0, 1, 2].map(
    (index): TarEntry => ({
      name: String(index),
      type: "file",
      mode: 0o644,
      sizeBytes: 200_000,
      content: () => {
        const stream = createReadStream(join(folder, "in", String(index)));
        opened.push(stream);
        return stream;
      },
    }),
  );
  for await (const chunk of writeTar(entries)) if (chunk.length >= 64 * 1024) break;
  assert.is(opened.length, 1);
  assert.ok(opened[0]?.destroyed);
});

test.run();
