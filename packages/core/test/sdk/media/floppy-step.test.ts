import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findLabProgram, lab, rejects, runInfo, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { TspackError } from "../../../src/diagnostics/error.ts";
import { checkFloppy, type FloppyConfig, floppyOptions } from "../../../src/sdk/media/floppy-options.ts";
import { floppyPathKey, floppyStep } from "../../../src/sdk/media/floppy-step.ts";
import { whileStepStands } from "./run-step.ts";

const env = { ...process.env, LC_ALL: "C.UTF-8" };

async function withFloppy(options: Partial<FloppyConfig>, workingDirectory: string, body: (image: string) => void): Promise<void> {
  let path = "";
  await whileStepStands(floppyStep(floppyOptions().parse(options)), { workingDirectory }, async ({ state }) => {
    path = state.get(floppyPathKey);
    body(path);
  });
  assert.not.ok(existsSync(path), "the image is removed at the end");
}

/** Paths and contents of the files on the disk, as mtools finds them; the disk is free of faults. */
function filesOnFloppy(image: string): { readonly [path: string]: string } {
  const check = spawnSync(findLabProgram("fsck.fat") ?? "fsck.fat", ["-n", image], { encoding: "utf8" });
  assert.is(check.status, 0, check.stdout + check.stderr);
  const content = tmp("extracted");
  execFileSync("mcopy", ["-s", "-n", "-i", image, "::/", content], { env, stdio: "ignore" });
  const files = execFileSync("find", [".", "-type", "f"], { cwd: content, encoding: "utf8" }).trim().split("\n").sort();
  return Object.fromEntries(files.map((file) => [file.slice(2), readFileSync(join(content, file), "latin1")]));
}

const labTest = lab(test, "mcopy", "fsck.fat");

labTest("CDF-05 to CDF-07: floppy_files are flattened, floppy_dirs keep their folders, texts win", async () => {
  const folder = tmp("project");
  mkdirSync(join(folder, "drivers", "net", "x64"), { recursive: true });
  mkdirSync(join(folder, "answers"));
  const put = (name: string, text = name) => writeFileSync(join(folder, name), text);
  for (const name of ["answers/Autounattend.xml", "answers/ks.cfg", "drivers/net/x64/net.inf", "drivers/net/net.inf", "setup.ps1"])
    put(name);
  await withFloppy(
    {
      floppy_files: ["answers", "setup.*", "*.none", "drivers/net/x64/"],
      floppy_dirs: ["drivers/", "*.none"],
      floppy_content: { "ks.cfg": "text", "/new/folder/a b.txt": "" },
    },
    folder,
    (image) => {
      assert.is(statSync(image).size, 1_474_560);
      assert.equal(filesOnFloppy(image), {
        "Autounattend.xml": "answers/Autounattend.xml",
        "drivers/net/net.inf": "drivers/net/net.inf",
        "drivers/net/x64/net.inf": "drivers/net/x64/net.inf",
        "ks.cfg": "text",
        "net.inf": "drivers/net/x64/net.inf",
        "new/folder/a b.txt": "",
        "setup.ps1": "setup.ps1",
      });
    },
  );
});

labTest("sizes, long names, equal beginnings and nine levels of folders come back as they were", async () => {
  const floppy_content: { [path: string]: string } = {
    zero: "",
    "sector.bin": "s".repeat(512),
    "two.bin": "t".repeat(513),
    "large.bin": "l".repeat(300_000),
    "grüße 日本.txt": "unicode",
    [`${"n".repeat(251)}.cfg`]: "long",
    [`${[..."123456789"].join("/")}/leaf`]: "deep",
  };
  for (let index = 0; index < 400; index++) floppy_content[`many/the same beginning ${index}.conf`] = String(index);
  await withFloppy({ floppy_content, floppy_label: "OEMDRV" }, tmp(), (image) => {
    const found = filesOnFloppy(image);
    assert.equal(Object.keys(found).sort(), Object.keys(floppy_content).sort());
    for (const [path, text] of Object.entries(found)) assert.is(text, floppy_content[path], path);
    const listing = execFileSync("mdir", ["-i", image], { encoding: "utf8", env });
    assert.match(listing, /Volume in drive : is OEMDRV/);
    const short = execFileSync("mdir", ["-i", image, "::/many"], { encoding: "utf8", env }).match(/^THESAM~\d|^THESA~\d\d|^THES~\d{3}/gm);
    assert.is(new Set(short).size, 400);
  });
});

labTest("a floppy disk filled to its last sector is one", async () => {
  await withFloppy({ floppy_content: { "full.bin": "f".repeat(2847 * 512) } }, tmp(), (image) => {
    assert.is(filesOnFloppy(image)["full.bin"]?.length, 2847 * 512);
  });
});

test("what cannot stand on a floppy disk is refused with the reason", async () => {
  const folder = tmp("project");
  mkdirSync(join(folder, "a"));
  mkdirSync(join(folder, "b"));
  for (const name of ["a/same", "b/same"]) writeFileSync(join(folder, name), name);
  const many = Object.fromEntries(Array.from({ length: 112 }, (_, index) => [`long name ${index}`, ""]));
  const cases: readonly [Partial<FloppyConfig>, RegExp][] = [
    [{ floppy_content: { "full.bin": "f".repeat(2847 * 512 + 1) } }, /need 1458176 bytes, and a floppy disk has room for 1457664/],
    [{ floppy_content: many }, /room for 223 names \(a long name takes several\), and 112 files need 224/],
    [{ floppy_content: { "a:b": "" } }, /a:b cannot stand on a floppy disk: it contains ":"/],
    [{ floppy_content: { "x/end.": "" } }, /x\/end\. cannot stand on a floppy disk: it ends in a dot/],
    [{ floppy_content: { readme: "", README: "" } }, /README and readme differ only in capitals/],
    [{ floppy_files: ["a", "b"] }, /a\/same and b\/same would both be same in the root/],
  ];
  for (const [options, message] of cases) {
    const standing = whileStepStands(floppyStep(floppyOptions().parse(options)), { workingDirectory: folder }, async () => undefined);
    const error = await rejects(standing, { code: "TPK3105", message });
    assert.is(TspackError.is(error) && error.option, Object.keys(options)[0]);
  }
});

test("the same content gives the same bytes; nothing to copy gives no disk", async () => {
  const images: Buffer[] = [];
  for (let count = 0; count < 2; count++) {
    await withFloppy({ floppy_content: { "ks.cfg": "text", b: "b" } }, tmp(), (image) => images.push(readFileSync(image)));
  }
  assert.ok(images[0]?.equals(images[1] ?? Buffer.alloc(0)));
  const { state } = await whileStepStands(floppyStep(floppyOptions().parse({})), {}, async () => undefined);
  assert.is(state.find(floppyPathKey), undefined);
});

test("the check names what is wrong with each option", async () => {
  const config = floppyOptions().parse({ floppy_files: ["none"], floppy_dirs: ["["], floppy_content: { "..": "" }, floppy_label: "grün" });
  const run = runInfo({ workingDirectory: tmp() });
  const found = await checkFloppy(config, { isUnknown: () => false, run });
  assert.equal(
    found.map(({ code, path }) => [code, path?.join(" ")]),
    [
      ["TPK3107", "floppy_files 0"],
      ["TPK3105", "floppy_dirs 0"],
      ["TPK3105", "floppy_content .."],
      ["TPK3105", "floppy_label"],
    ],
  );
  assert.equal(await checkFloppy(config, { isUnknown: () => true, run }), []);
});

test.run();
