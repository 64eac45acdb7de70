import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { createWriteStream, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { gunzipSync } from "node:zlib";
import { lab, rejects, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type CompressionFormat, compressor } from "../../src/compression/compressor.ts";
import { decompressor, detectCompression } from "../../src/compression/decompressor.ts";
import { XxHash32 } from "../../src/compression/xxhash32.ts";

const { signal } = new AbortController();
const formats: readonly CompressionFormat[] = ["gz", "bgzf", "zst", "xz", "bz2", "lz4"];

/** Text, noise, long runs, and noise that comes again further back than any window's edge. */
function mixture(): Buffer {
  const noise = randomBytes(200_000);
  const text = Buffer.from("the quick brown fox jumps over the lazy dog\n".repeat(20_000));
  return Buffer.concat([text, noise, Buffer.alloc(600_000, 7), noise, text.subarray(0, 77)]);
}

function inPieces(content: Buffer, size: number): Readable {
  return Readable.from(
    (function* () {
      for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size);
    })(),
  );
}

async function compress(format: CompressionFormat, content: Buffer, level?: number, size = 65_536): Promise<string> {
  const path = join(tmp(), `a.${format}`);
  await pipeline(inPieces(content, size), compressor(format, { signal, level }), createWriteStream(path));
  return path;
}

async function decompress(format: CompressionFormat, path: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of decompressor(format, { signal })(Readable.from([readFileSync(path)]))) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const labTest = lab(test, "zstd", "xz", "lz4", "bzip2");

labTest("every format is read back by the usual program, at sizes around its block limits", async () => {
  const programs = { gz: "gzip", bgzf: "gzip", zst: "zstd", xz: "xz", bz2: "bzip2", lz4: "lz4" };
  const whole = mixture();
  for (const format of formats) {
    const fast = format === "gz" || format === "bgzf" || format === "lz4";
    const sizes = fast ? [0, 1, 12, 13, 0xff00, 0xff01, 262_144, 262_145, whole.length] : [0, whole.length];
    for (const size of sizes) {
      const content = whole.subarray(whole.length - size);
      const path = await compress(format, content);
      const back = execFileSync(programs[format], ["-d", "-c"], { input: readFileSync(path), maxBuffer: 1e8 });
      assert.ok(back.equals(content), `${format}, ${size} bytes`);
      assert.ok((await decompress(format, path)).equals(content), `${format} read by us, ${size} bytes`);
    }
    if (format !== "bgzf") assert.is(detectCompression(readFileSync(await compress(format, whole))), format);
  }
});

test("noise does not break gzip, bgzf and lz4, and grows only a little", async () => {
  const noise = randomBytes(700_000);
  for (const format of ["gz", "bgzf"] as const) {
    for (const level of [0, 1, 4, 9]) {
      const compressed = readFileSync(await compress(format, noise, level));
      assert.ok(gunzipSync(compressed).equals(noise));
      assert.ok(compressed.length < noise.length * 1.001);
    }
  }
  assert.ok(readFileSync(await compress("lz4", noise)).length < noise.length * 1.001);
});

test("gzip, bgzf and lz4 give the same bytes however the input is cut, and name no time", async () => {
  const content = mixture();
  for (const format of ["gz", "bgzf", "lz4"] as const) {
    const digests = new Set<string>();
    for (const size of [997, 65_536, content.length]) {
      const bytes = readFileSync(await compress(format, content, undefined, size));
      digests.add(createHash("sha256").update(bytes).digest("hex"));
      if (format !== "lz4") assert.equal([...bytes.subarray(4, 10)], [0, 0, 0, 0, 0, 255]);
    }
    assert.is(digests.size, 1, format);
  }
});

test("gzip is one member, and blocks reach back into the one before", async () => {
  const noise = randomBytes(20_000);
  const content = Buffer.concat([Buffer.alloc(1_048_576 - noise.length), noise, noise]);
  const compressed = readFileSync(await compress("gz", content));
  assert.ok(compressed.length < 30_000, `the second noise was not found in the first: ${compressed.length}`);
  assert.is(compressed.indexOf(Buffer.from([0x1f, 0x8b, 8, 0]), 1), -1);
  assert.is(compressed.readUInt32LE(compressed.length - 4), content.length);
});

test("noise is stored, also beside text, and text beside noise is compressed", async () => {
  const noise = randomBytes(262_144);
  const text = Buffer.from("some text, again and again\n".repeat(10_000)).subarray(0, 262_144);
  const compressed = readFileSync(await compress("gz", Buffer.concat([noise, text, noise])));
  assert.ok(compressed.includes(noise.subarray(1000, 50_000)), "the noise is in there as it was");
  assert.ok(compressed.length < 2 * noise.length + 10_000);
  // Noise in bytes of few values can be compressed, and is.
  const digits = Buffer.from(randomBytes(262_144).toString("hex"));
  assert.ok(readFileSync(await compress("gz", digits)).length < digits.length * 0.65);
});

test("the level is used", async () => {
  const content = mixture();
  const sizes = await Promise.all([0, 1, 9].map(async (level) => readFileSync(await compress("gz", content, level)).length));
  assert.ok((sizes[0] ?? 0) > content.length);
  assert.ok((sizes[1] ?? 0) > (sizes[2] ?? 0));
});

test("bgzf members tell their length and the file ends with the empty one", async () => {
  const compressed = readFileSync(await compress("bgzf", mixture()));
  let at = 0;
  let last = 0;
  while (at < compressed.length) {
    assert.equal([...compressed.subarray(at, at + 4)], [0x1f, 0x8b, 8, 4]);
    assert.is(compressed.toString("latin1", at + 12, at + 14), "BC");
    last = compressed.readUInt16LE(at + 16) + 1;
    at += last;
  }
  assert.is(at, compressed.length);
  assert.is(compressed.subarray(-last).toString("hex"), "1f8b08040000000000ff0600424302001b0003000000000000000000");
});

test("xxh32 agrees with its published values, in any pieces", () => {
  const digest = (text: string): string => new XxHash32().update(Buffer.from(text)).digest().toString(16);
  assert.is(digest(""), "2cc5d05");
  assert.is(digest("a"), "550d7456");
  assert.is(digest("Nobody inspects the spammish repetition"), "e2293b2f");
  const pieces = new XxHash32();
  for (const letter of "Nobody inspects the spammish repetition") pieces.update(Buffer.from(letter));
  assert.is(pieces.digest().toString(16), "e2293b2f");
});

test("a program that is not installed is named with its package", async () => {
  const stage = compressor("xz", { signal, environment: { PATH: tmp() } });
  const path = join(tmp(), "a.xz");
  const error = await rejects(pipeline(Readable.from([Buffer.from("a")]), stage, createWriteStream(path)), {
    code: "TPK6008",
    message: /xz is needed to write xz, and it is not installed/,
  });
  assert.match((error as { hint?: string }).hint ?? "", /xz-utils/);
});

labTest("a failing program's own words are in the error", async () => {
  const stage = decompressor("xz", { signal });
  await rejects(pipeline(Readable.from([Buffer.from("not xz at all")]), stage, createWriteStream(join(tmp(), "x"))), {
    code: "TPK6011",
    message: /xz failed with exit code 1: .*format not recognized/,
  });
});

labTest("abort, a failing source and a reader that leaves early end every stage and its program", () =>
  within(20_000, async () => {
    const piece = randomBytes(65_536);
    for (const format of formats) {
      const endless = async function* () {
        for (;;) yield piece;
      };
      const controller = new AbortController();
      let seen = 0;
      const aborted = pipeline(
        endless(),
        compressor(format, { signal: controller.signal, level: 1 }),
        async (compressed) => {
          for await (const chunk of compressed) {
            seen += chunk.length;
            if (seen > 500_000) controller.abort();
          }
        },
        { signal: controller.signal },
      );
      const reason = await rejects(aborted);
      assert.ok(reason.name === "AbortError" || "code" in reason, format);

      const failing = async function* () {
        yield randomBytes(65_536);
        throw new Error("the disk is gone");
      };
      await rejects(pipeline(failing(), compressor(format, { signal }), createWriteStream(join(tmp(), "x"))), {
        message: /the disk is gone/,
      });

      for await (const _ of compressor(format, { signal, level: 1 })(endless())) break;
    }
    const children = execFileSync("ps", ["-o", "comm=", "--ppid", String(process.pid)], { encoding: "utf8" });
    assert.not.match(children, /xz|zstd|bzip2|lz4/);
  }),
);

test("a slow reader holds the source back", async () => {
  const piece = randomBytes(1_048_576);
  let produced = 0;
  const source = async function* () {
    for (;;) {
      produced += 1_048_576;
      yield piece;
    }
  };
  let read = 0;
  for await (const chunk of compressor("gz", { signal, level: 1 })(source())) {
    read += chunk.length;
    if (read > 20_000_000) break;
    assert.ok(produced - read < 200_000_000);
  }
  assert.ok(produced - read < 150 * 1_048_576, `${produced - read} bytes ahead`);
});

test("broken gzip input is an error", async () => {
  const path = join(tmp(), "a.gz");
  const good = gunzipSync(readFileSync(await compress("gz", mixture())));
  const bytes = readFileSync(await compress("gz", good));
  writeFileSync(path, bytes.subarray(0, bytes.length - 100));
  await rejects(decompress("gz", path));
});

test.run();
