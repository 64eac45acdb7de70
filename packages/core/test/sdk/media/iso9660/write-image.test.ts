import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lab, rejects, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { readMedia } from "../../../../src/sdk/media/collect.ts";
import { writeIsoImage } from "../../../../src/sdk/media/iso9660/write-image.ts";
import { type MediaFolder, mediaFolder, mediaText, placeFile } from "../../../../src/sdk/media/tree.ts";

const { signal } = new AbortController();
const timeMs = Date.UTC(2026, 0, 2, 3, 4, 6);
const options = { label: "cidata", timeMs, signal };

async function treeOf(folder: string): Promise<MediaFolder> {
  const node = await readMedia({ text: folder, path: folder }, { workingDirectory: "/", signal });
  if (node.kind !== "folder") throw new Error(`${folder} is no folder`);
  return node;
}

async function imageOf(folder: string): Promise<string> {
  const image = join(tmp("iso"), "cd.iso");
  await writeIsoImage(image, await treeOf(folder), options);
  return image;
}

/** Every file below a folder with its digest; links are followed. */
function contentOf(folder: string): { readonly [path: string]: unknown } {
  const entries = readdirSync(folder)
    .sort()
    .map((name) => {
      const path = join(folder, name);
      return [name, statSync(path).isDirectory() ? contentOf(path) : createHash("sha256").update(readFileSync(path)).digest("hex")];
    });
  return Object.fromEntries(entries);
}

/** What xorriso finds in the image: the tree with Rock Ridge names, or ("norock") the Joliet one. */
function extracted(image: string, tree: "any" | "norock"): string {
  const folder = join(tmp("extracted"), "content");
  execFileSync("xorriso", ["-read_fs", tree, "-osirrox", "on", "-indev", image, "-extract", "/", folder], { stdio: "ignore" });
  return folder;
}

/** A folder with what is hard: names, depths, sizes, links. */
function hardFolder(): string {
  const folder = tmp("media");
  const write = (name: string, content: string | Buffer): void => writeFileSync(join(folder, name), content);
  mkdirSync(join(folder, "empty"));
  const deep = join(folder, "deep", ...Array.from({ length: 11 }, (_, level) => `level ${level}`));
  mkdirSync(deep, { recursive: true });
  writeFileSync(join(deep, "leaf.txt"), "leaf");
  write("zero", "");
  write("exact", randomBytes(2048));
  write("one more", randomBytes(2049));
  write("large", randomBytes(2_500_001));
  for (const name of ["user-data", "meta-data", "User-Data", "user_data", ".hidden", "two.dots.tar.gz"]) write(name, name);
  write("grüße 日本 😀.txt", "unicode");
  symlinkSync("exact", join(folder, "link"));
  symlinkSync("deep", join(folder, "link to folder"));
  return folder;
}

const labTest = lab(test, "xorriso", "isoinfo");

labTest("CDF-01: xorriso finds what was put on the CD, in its Rock Ridge and in its Joliet tree", async () => {
  const folder = hardFolder();
  const image = await imageOf(folder);
  const expected = contentOf(folder);
  assert.equal(contentOf(extracted(image, "any")), expected);
  assert.equal(contentOf(extracted(image, "norock")), expected);
  const facts = execFileSync("isoinfo", ["-d", "-i", image], { encoding: "utf8" });
  assert.match(facts, /Volume id: cidata\n/);
  assert.match(facts, /Joliet with UCS level 3 found/);
  assert.match(facts, /Rock Ridge signatures version 1 found/);
  const check = execFileSync("xorriso", ["-indev", image, "-find", "/", "-exec", "lsdl"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  assert.match(check, /-rw-r--r-- +1 0 +0 +2048 Jan +2 +2026 '\/exact'/);
});

labTest("names of 255 bytes stay whole in Rock Ridge, and are cut before their ending in Joliet", async () => {
  const folder = tmp("media");
  const [long, longer] = [`${"n".repeat(251)}.cfg`, "é".repeat(127)];
  writeFileSync(join(folder, long), "long");
  writeFileSync(join(folder, longer), "longer");
  const image = await imageOf(folder);
  assert.equal(contentOf(extracted(image, "any")), contentOf(folder));
  const joliet = readdirSync(extracted(image, "norock")).sort();
  assert.equal(joliet, [`${"n".repeat(99)}.cfg`, "é".repeat(103)]);
});

labTest("five thousand files with the same beginning get names of their own in every tree", async () => {
  const root = mediaFolder();
  for (let index = 0; index < 5000; index++) {
    const name = `${"the same beginning of a name, ".repeat(4)}${String(index).padStart(4, "0")}.conf`;
    placeFile(root, [name], mediaText(String(index)));
  }
  const image = join(tmp("iso"), "cd.iso");
  await writeIsoImage(image, root, options);
  const list = (tree: readonly string[]): readonly string[] =>
    execFileSync("isoinfo", [...tree, "-f", "-i", image], { encoding: "utf8", maxBuffer: 8 << 20 })
      .trimEnd()
      .split("\n");
  assert.equal(
    list(["-R"]).toSorted(),
    [...root.entries.keys()].map((name) => `/${name}`),
  );
  for (const tree of [["-J"], []]) assert.is(new Set(list(tree)).size, 5000);
  assert.ok(list([]).every((name) => /^\/[A-Z0-9_]{1,30}\.[A-Z]{0,10};1$/.test(name) && name.length <= 34));
});

labTest("a file of more than 4 GiB has extents that follow each other", async () => {
  const root = mediaFolder();
  const sizeBytes = 2 ** 32 + 4097;
  // Only its beginning is given: the image has zeros for the rest, and the test need not read gigabytes.
  root.entries.set("disk.img", { kind: "file", sizeBytes, source: { content: Buffer.from("the beginning") }, isExecutable: false });
  root.entries.set("next", mediaText("next"));
  const image = join(tmp("iso"), "cd.iso");
  await writeIsoImage(image, root, options);
  const tool = ["-indev", image, "-find", "/", "-type", "f", "-exec"];
  const ask = (what: string): string => execFileSync("xorriso", [...tool, what], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  assert.match(ask("lsdl"), new RegExp(` ${sizeBytes} .*'/disk.img'`));
  const places = [...ask("report_lba").matchAll(/^File data lba: +(\d+) , +(\d+) , +(\d+) , +(\d+) , '(.*)'$/gm)].map((place) =>
    place.slice(1),
  );
  const start = Number(places[0]?.[1]);
  assert.equal(places, [
    ["0", String(start), "2097151", String(sizeBytes), "/disk.img"],
    ["1", String(start + 2097151), "4", String(sizeBytes), "/disk.img"],
    ["0", String(start + 2097155), "1", "4", "/next"],
  ]);
});

test("the same files and time give the same bytes, wherever they lie and in whatever order they were made", async () => {
  const names = ["b", "A.txt", "a.txt", "c/d"];
  const images = await Promise.all(
    [names, names.toReversed()].map(async (order) => {
      const root = mediaFolder();
      for (const name of order) placeFile(root, name.split("/"), mediaText(name));
      const image = join(tmp("iso"), "cd.iso");
      await writeIsoImage(image, root, options);
      return readFileSync(image);
    }),
  );
  assert.ok(images[0]?.equals(images[1] ?? Buffer.alloc(0)));
});

test("an empty CD is one too", async () => {
  const image = join(tmp("iso"), "cd.iso");
  const { sizeBytes } = await writeIsoImage(image, mediaFolder(), options);
  assert.is(statSync(image).size, sizeBytes);
  assert.is(readFileSync(image).toString("latin1", 16 * 2048 + 1, 16 * 2048 + 6), "CD001");
});

test("what goes wrong names the file, or the image", async () => {
  const folder = tmp("media");
  writeFileSync(join(folder, "growing"), "short");
  const root = await treeOf(folder);
  writeFileSync(join(folder, "growing"), "longer than before");
  const image = join(tmp("iso"), "cd.iso");
  await rejects(writeIsoImage(image, root, options), {
    code: "TPK3107",
    message: /growing could not be copied to the CD: its size changed/,
  });
  writeFileSync(join(folder, "growing"), "s");
  await rejects(writeIsoImage(image, root, options), { code: "TPK3107", message: /its size changed/ });
  await rejects(writeIsoImage(join(folder, "none", "cd.iso"), root, options), {
    code: "TPK6011",
    message: /the CD image could not be written/,
  });
  await rejects(writeIsoImage(image, root, { ...options, signal: AbortSignal.abort() }));
});

test.run();
