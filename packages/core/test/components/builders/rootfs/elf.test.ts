import { existsSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lab, rejects, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { readElf } from "../../../../src/components/builders/rootfs/base/elf.ts";
import { expandOrigin, LibrarySearch, parseLoaderCache } from "../../../../src/components/builders/rootfs/base/library-search.ts";

const linuxTest = lab(test, "linux");

linuxTest("the running Node says which loader and libraries it needs, and each is found", async () => {
  const elf = await readElf(process.execPath);
  assert.ok(elf !== undefined && elf.interpreter !== undefined && existsSync(elf.interpreter));
  assert.ok(elf.needed.some((name) => name.startsWith("libc.")));
  const search = new LibrarySearch();
  for (const name of elf.needed) {
    const path = await search.find(name, elf, process.execPath, []);
    assert.ok(path !== undefined && existsSync(path), name);
    assert.is((await readElf(realpathSync(path)))?.machine, elf.machine);
  }
});

test("a program of another byte order and width is read too", async () => {
  const file = join(tmp("elf"), "mips");
  writeFileSync(file, bigEndianProgram());
  const elf = await readElf(file);
  assert.equal(elf, {
    wordBits: 32,
    machine: 8,
    interpreter: "/lib/ld.so.1",
    needed: ["libx.so"],
    rpath: [],
    runpath: ["$ORIGIN/../lib", "/opt"],
  });
});

test("what is no ELF file is none, and a broken one is an error that names it", async () => {
  const folder = tmp("elf");
  writeFileSync(join(folder, "script"), "#!/bin/sh\n");
  writeFileSync(join(folder, "short"), "");
  assert.is(await readElf(join(folder, "script")), undefined);
  assert.is(await readElf(join(folder, "short")), undefined);
  const broken = bigEndianProgram();
  broken.writeUInt32BE(0x7fffffff, 28);
  writeFileSync(join(folder, "broken"), broken);
  await rejects(readElf(join(folder, "broken")), { message: /broken is not a well-formed/ });
});

test("$ORIGIN is the folder of the file that says it; unknown variables and relative folders are left out", () => {
  assert.equal(expandOrigin(["$ORIGIN/../lib", `$${"{ORIGIN}"}`, "/x", "$LIB/y", "rel"], "/opt/app/bin/run"), [
    "/opt/app/bin/../lib",
    "/opt/app/bin",
    "/x",
  ]);
});

linuxTest("the loader's cache names real files", () => {
  if (!existsSync("/etc/ld.so.cache")) return;
  const cache = parseLoaderCache(readFileSync("/etc/ld.so.cache"));
  assert.ok(cache.size > 5);
  for (const path of cache.get("libc.so.6") ?? []) assert.match(path, /^\/.*libc\.so\.6$/);
  assert.is(parseLoaderCache(Buffer.from("something else")).size, 0);
});

/** A 32-bit big-endian program: two strings and a search path, and nothing to execute. */
function bigEndianProgram(): Buffer {
  const strings = "\0libx.so\0$ORIGIN/../lib:/opt\0";
  const interpreter = "/lib/ld.so.1\0";
  const at = { headers: 52, interpreter: 52 + 3 * 32, strings: 200, dynamic: 240 };
  const file = Buffer.alloc(320);
  Buffer.from([0x7f, 0x45, 0x4c, 0x46, 1, 2, 1]).copy(file);
  file.writeUInt16BE(2, 16);
  file.writeUInt16BE(8, 18);
  file.writeUInt32BE(at.headers, 28);
  file.writeUInt16BE(32, 42);
  file.writeUInt16BE(3, 44);
  const base = 0x400000;
  const segments = [
    [1, 0, base, file.length],
    [3, at.interpreter, base + at.interpreter, interpreter.length],
    [2, at.dynamic, base + at.dynamic, 40],
  ];
  for (const [index, [type = 0, offset = 0, address = 0, size = 0]] of segments.entries()) {
    const start = at.headers + index * 32;
    file.writeUInt32BE(type, start);
    file.writeUInt32BE(offset, start + 4);
    file.writeUInt32BE(address, start + 8);
    file.writeUInt32BE(size, start + 16);
  }
  file.write(interpreter, at.interpreter, "latin1");
  file.write(strings, at.strings, "latin1");
  const entries = [
    [5, base + at.strings],
    [10, strings.length],
    [1, 1],
    [29, 9],
    [0, 0],
  ];
  for (const [index, [tag = 0, value = 0]] of entries.entries()) {
    file.writeUInt32BE(tag, at.dynamic + index * 8);
    file.writeUInt32BE(value, at.dynamic + index * 8 + 4);
  }
  return file;
}

test.run();
