import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lab, rejects, runInfo, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { TspackError } from "../../../src/diagnostics/error.ts";
import { type CdConfig, cdOptions, checkCd } from "../../../src/sdk/media/cd-options.ts";
import { cdPathKey, cdStep } from "../../../src/sdk/media/cd-step.ts";
import { whileStepStands } from "./run-step.ts";

/** A folder with `seed/{meta-data,user-data,scripts/run.sh}`, `other/user-data` and a link to the scripts. */
function project(): string {
  const folder = tmp("project");
  mkdirSync(join(folder, "seed", "scripts"), { recursive: true });
  mkdirSync(join(folder, "other"));
  for (const name of ["seed/meta-data", "seed/user-data", "seed/scripts/run.sh", "other/user-data"])
    writeFileSync(join(folder, name), name);
  symlinkSync("scripts", join(folder, "seed", "linked"));
  return folder;
}

/** Paths and texts of the files on the CD, as xorriso finds them. */
async function filesOnCd(options: Partial<CdConfig>, workingDirectory: string): Promise<{ readonly [path: string]: string }> {
  const found: { [path: string]: string } = {};
  await whileStepStands(cdStep(cdOptions().parse(options)), { workingDirectory }, async ({ state }) => {
    const image = state.get(cdPathKey);
    const content = join(tmp("extracted"), "content");
    execFileSync("xorriso", ["-osirrox", "on", "-indev", image, "-extract", "/", content], { stdio: "ignore" });
    const files = execFileSync("find", [".", "-type", "f"], { cwd: content, encoding: "utf8" }).trim().split("\n").sort();
    for (const file of files) found[file.slice(2)] = readFileSync(join(content, file), "utf8");
  });
  return found;
}

const labTest = lab(test, "xorriso");

labTest("CDF-01, CDF-02: what goes where, by how it is named; later files and texts win", async () => {
  const folder = project();
  const seed = {
    "meta-data": "seed/meta-data",
    "user-data": "seed/user-data",
    "scripts/run.sh": "seed/scripts/run.sh",
    "linked/run.sh": "seed/scripts/run.sh",
  };
  const below = (prefix: string) => Object.fromEntries(Object.entries(seed).map(([name, text]) => [`${prefix}${name}`, text]));
  const cases: readonly [string, Partial<CdConfig>, { readonly [path: string]: string }][] = [
    ["a file goes to the root", { cd_files: ["seed/user-data"] }, { "user-data": "seed/user-data" }],
    ["a folder keeps its name", { cd_files: ["seed"] }, below("seed/")],
    ["a folder with a slash gives its content", { cd_files: ["seed/"] }, seed],
    ["a pattern gives files and folders", { cd_files: [join(folder, "seed/*")] }, seed],
    ["a pattern without a match gives nothing", { cd_files: ["*.iso", "seed/m*"] }, { "meta-data": "seed/meta-data" }],
    ["the later file wins", { cd_files: ["seed/user-data", "other/user-data"] }, { "user-data": "other/user-data" }],
    [
      "texts win and make folders",
      { cd_files: ["seed/user-data"], cd_content: { "user-data": "text", "/a/b/c": "deep", "./d": "" } },
      { "user-data": "text", "a/b/c": "deep", d: "" },
    ],
  ];
  for (const [name, options, expected] of cases) assert.equal(await filesOnCd(options, folder), expected, name);
});

test("CDF-09: the image is removed at the end, and is the same for the same start of the run", async () => {
  const folder = project();
  const images: Buffer[] = [];
  let path = "";
  for (let count = 0; count < 2; count++) {
    await whileStepStands(cdStep(cdOptions().parse({ cd_files: ["seed"] })), { workingDirectory: folder }, async ({ state }) => {
      path = state.get(cdPathKey);
      images.push(readFileSync(path));
    });
    assert.not.ok(existsSync(path));
  }
  assert.ok(images[0]?.equals(images[1] ?? Buffer.alloc(0)));
  const { ui, state } = await whileStepStands(cdStep(cdOptions().parse({})), {}, async () => undefined);
  assert.is(state.find(cdPathKey), undefined, "no CD without files");
  assert.is(ui.text, "");
});

test("links in a circle and missing files are refused by name", async () => {
  const folder = project();
  symlinkSync("..", join(folder, "seed", "up"));
  const run = runInfo({ workingDirectory: folder });
  const standing = (files: readonly string[]) =>
    whileStepStands(cdStep(cdOptions().parse({ cd_files: files })), run, async () => undefined);
  await rejects(standing(["seed"]), {
    code: "TPK3107",
    message: /seed\/up\/seed cannot be put on the medium: symbolic links lead in a circle/,
  });
  const error = await rejects(standing(["none"]), { code: "TPK3107", message: /none cannot be put on the medium: it does not exist/ });
  assert.is(TspackError.is(error) && error.option, "cd_files");
});

lab(test, "linux")("a file that has more than it says ends the step, and what was written is removed", async () => {
  const run = runInfo();
  const standing = whileStepStands(cdStep(cdOptions().parse({ cd_files: ["/proc/version"] })), run, async () => undefined);
  await rejects(standing, {
    code: "TPK3107",
    message: /\/proc\/version could not be copied to the CD: its size changed while it was read/,
  });
  assert.equal(readdirSync(run.temporaryDirectory), []);
});

test("the check names what is wrong with each option, and skips what is not known", async () => {
  const config = cdOptions().parse({
    cd_files: ["seed/user-data", "none", "[", "*.none"],
    cd_content: { "../x": "", "a/": "", ok: "", "ok/b/c": "", "./ok": "" },
    cd_label: "x".repeat(33),
  });
  const run = runInfo({ workingDirectory: project() });
  const found = await checkCd(config, { isUnknown: () => false, run });
  assert.equal(
    found.map(({ code, path, detail }) => [code, path?.join("."), detail]),
    [
      ["TPK3107", "cd_files.1", '"none" in "cd_files" cannot be read: it does not exist.'],
      ["TPK3105", "cd_files.2", 'Of "cd_files", "[" is not a valid pattern.'],
      ["TPK3105", "cd_content.../x", 'Of "cd_content", "../x" is not a path for a file of the medium: it contains "..".'],
      ["TPK3105", "cd_content.a/", 'Of "cd_content", "a/" is not a path for a file of the medium: it names no file.'],
      ["TPK3105", "cd_content../ok", 'Of "cd_content", "./ok" and "ok" are the same file.'],
      ["TPK3105", "cd_content.ok/b/c", 'Of "cd_content", "ok/b/c" wants a folder where "ok" is a file.'],
      ["TPK3105", "cd_label", `The label "${"x".repeat(33)}" in "cd_label" has 33 characters, and 32 is the most.`],
    ],
  );
  assert.equal(await checkCd(config, { isUnknown: () => true, run }), []);
});

test.run();
