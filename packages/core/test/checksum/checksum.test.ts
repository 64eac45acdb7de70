import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { rejects, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { formatChecksum, parseChecksum } from "../../src/checksum/checksum.ts";
import { findInChecksumList, parseChecksumList } from "../../src/checksum/checksum-list.ts";
import { checksumTypes, digestFile } from "../../src/checksum/digest.ts";

const { signal } = new AbortController();

test("all digests of a file in one pass are those of coreutils", async () => {
  const path = join(tmp(), "data");
  writeFileSync(path, randomBytes(2_500_000));
  let bytes = 0;
  const digests = await digestFile(path, checksumTypes, { signal, onBytes: (count) => (bytes += count) });
  const expected = checksumTypes.map((type) => execFileSync(`${type}sum`, [path], { encoding: "utf8" }).split(" ")[0]);
  assert.equal([...digests], expected);
  assert.is(bytes, 2_500_000);
});

test("digesting stops on abort, and a missing file is the file system's error", async () => {
  const controller = new AbortController();
  controller.abort();
  const path = join(tmp(), "data");
  await rejects(digestFile(path, ["md5"], { signal }), { code: "ENOENT" });
  writeFileSync(path, "x");
  assert.is((await rejects(digestFile(path, ["md5"], { signal: controller.signal }))).name, "AbortError");
});

test("ISO-03: the forms of a checksum", () => {
  const hex = (length: number): string => "aB".repeat(length / 2);
  assert.equal(parseChecksum("none"), { kind: "none" });
  for (const [length, type] of [
    [32, "md5"],
    [40, "sha1"],
    [64, "sha256"],
    [128, "sha512"],
  ] as const) {
    assert.equal(parseChecksum(hex(length)), { kind: "digest", type, hex: hex(length).toLowerCase() });
    assert.equal(parseChecksum(`${type.toUpperCase()}:${hex(length)}`), { kind: "digest", type, hex: hex(length).toLowerCase() });
  }
  assert.is(formatChecksum(parseChecksum(`sha384:${hex(96)}`)), `sha384:${hex(96).toLowerCase()}`);
  assert.equal(parseChecksum("file:https://example.org/SHA256SUMS"), { kind: "list", location: "https://example.org/SHA256SUMS" });
});

test("ISO-03: what is no checksum is refused with a reason", () => {
  const refused: readonly (readonly [string, RegExp])[] = [
    ["", /empty/],
    ["abc", /neither a digest/],
    ["z".repeat(64), /neither a digest/],
    ["sha256:abc", /has 64 digits, this one has 3/],
    [`sha256:${"x".repeat(64)}`, /not hexadecimal/],
    [`crc32:${"a".repeat(8)}`, /"crc32" is not a type/],
    ["https://example.org/debian.iso", /ends in .iso/],
    ["file:", /not followed by a location/],
  ];
  for (const [text, message] of refused) {
    assert.throws(() => parseChecksum(text), message, text);
  }
});

test("lists of GNU and BSD tools are read, with text around them", () => {
  const folder = tmp();
  for (const name of ["a.iso", "b.iso", "with space.iso"]) writeFileSync(join(folder, name), name);
  const gnu = execFileSync("sha256sum", ["a.iso", "./b.iso", "with space.iso"], { cwd: folder, encoding: "utf8" });
  const binary = execFileSync("sha512sum", ["-b", "a.iso"], { cwd: folder, encoding: "utf8" });
  const bsd = execFileSync("md5sum", ["--tag", "a.iso", "b.iso"], { cwd: folder, encoding: "utf8" });
  const find = (list: string, ...names: string[]): string | undefined => {
    const found = findInChecksumList(parseChecksumList(list), names);
    return found === undefined ? undefined : formatChecksum(found);
  };
  const digest = (type: string, name: string): string =>
    `${type}:${execFileSync(`${type}sum`, [name], { cwd: folder, encoding: "utf8" }).split(" ")[0]}`;
  assert.is(find(gnu, "b.iso"), digest("sha256", "b.iso"));
  assert.is(find(gnu, "with space.iso"), digest("sha256", "with space.iso"));
  assert.is(find(binary, "a.iso"), digest("sha512", "a.iso"));
  assert.is(find(bsd, "b.iso"), digest("md5", "b.iso"));
  assert.is(find(`-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n# images\r\n${gnu}`, "a.iso"), digest("sha256", "a.iso"));
  assert.is(find(gnu, "c.iso"), undefined);
  const openssl = execFileSync("openssl", ["dgst", "-sha512", "a.iso", "b.iso"], { cwd: folder, encoding: "utf8" });
  for (const manifest of [openssl, openssl.replaceAll("SHA2-512", "SHA512"), `\ufeff${openssl}`]) {
    assert.is(find(manifest, "b.iso"), digest("sha512", "b.iso"));
  }
  const both = `${bsd}${execFileSync("sha256sum", ["--tag", "a.iso"], { cwd: folder, encoding: "utf8" })}`;
  assert.is(find(both, "a.iso"), digest("sha256", "a.iso"), "the strongest");
  assert.is(find(both, "b.iso"), digest("md5", "b.iso"));
  const blake = execFileSync("b2sum", ["a.iso"], { cwd: folder, encoding: "utf8" });
  const digests = `# BLAKE2B HASH\n${blake}# SHA512 HASH\n${binary}`;
  assert.is(find(digests, "a.iso"), digest("sha512", "a.iso"), "Gentoo's parts");
  assert.is(find(`# BLAKE2B HASH\n${blake}`, "a.iso"), undefined);
});

test("the path relative to the list wins over the base name, and a lone digest needs no name", () => {
  const one = "1".repeat(64);
  const two = "2".repeat(64);
  const list = parseChecksumList(`${one}  amd64/x.iso\n${two}  arm64/x.iso\n`);
  assert.is(findInChecksumList(list, ["arm64/x.iso", "x.iso"])?.hex, two);
  assert.is(findInChecksumList(list, ["x.iso"]), undefined, "two candidates");
  assert.is(findInChecksumList(list.slice(0, 1), ["x.iso"])?.hex, one);
  assert.is(findInChecksumList(parseChecksumList(`${two}\n`), ["x.iso"])?.hex, two);
});

test.run();
