import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lab, packerVariables, RecordingUi, rejects, runInfo, tmp, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { errorText, TspackError } from "../../../src/diagnostics/error.ts";
import { checkOutputDirectory, outputDirectoryStep } from "../../../src/sdk/steps/output-directory.ts";
import { runSteps } from "../../../src/sdk/steps/runner.ts";
import type { Step } from "../../../src/sdk/steps/step.ts";

interface Run {
  readonly workingDirectory: string;
  readonly directory?: string;
  readonly force?: boolean;
  readonly afterwards?: Step["run"];
  readonly signal?: AbortSignal;
  /** The folder for the files of a run of tspack's, and the name of the build. */
  readonly of?: readonly [runDirectory: string, build: string];
}

/** Runs the step, and another one behind it. */
async function make({ workingDirectory, directory = "out/image", force = false, afterwards, signal, of }: Run): Promise<RecordingUi> {
  const ui = new RecordingUi();
  const next: Step = { name: "next", run: async (context) => afterwards?.(context) };
  await runSteps([outputDirectoryStep({ directory, retryPauseMs: 1 }), next], {
    ui,
    signal: signal ?? new AbortController().signal,
    packer: packerVariables({ packer_force: force, ...(of === undefined ? {} : { packer_build_name: of[1] }) }),
    run: runInfo({ workingDirectory, ...(of === undefined ? {} : { environment: { TSPACK_RUN_DIRECTORY: of[0] } }) }),
  });
  return ui;
}

test("the directory is made with its parents, and kept after success", async () => {
  const workingDirectory = tmp();
  await make({ workingDirectory, afterwards: async () => writeFileSync(join(workingDirectory, "out/image/disk"), "x") });
  assert.equal(readdirSync(join(workingDirectory, "out/image")), ["disk"]);
});

test("one that exists fails the build and is left alone; with -force it is replaced", async () => {
  const workingDirectory = tmp();
  mkdirSync(join(workingDirectory, "out/image"), { recursive: true });
  writeFileSync(join(workingDirectory, "out/image/old"), "x");
  const error = await rejects(make({ workingDirectory }), { code: "TPK6007", message: /"out\/image", which exists already/ });
  const hint = (TspackError.is(error) && error.hint) || "";
  assert.match(hint, /-force/);
  const [early] = await checkOutputDirectory("out/image", { packer: packerVariables(), run: runInfo({ workingDirectory }) });
  assert.equal([early?.code, early?.detail, early?.hint], ["TPK6007", `${errorText(error)}.`, hint], "the same words before the build");
  assert.equal(readdirSync(join(workingDirectory, "out/image")), ["old"]);
  await make({ workingDirectory, force: true });
  assert.equal(readdirSync(join(workingDirectory, "out/image")), []);
});

test("of two builds with one directory one fails, and leaves the other's files alone", async () => {
  const workingDirectory = tmp();
  const build = (name: string) =>
    make({ workingDirectory, afterwards: async () => writeFileSync(join(workingDirectory, "out/image", name), "x") });
  const ends = await Promise.allSettled([build("one"), build("two")]);
  const failures = ends.flatMap((end) => (end.status === "rejected" ? [end.reason] : []));
  assert.equal(
    failures.map((failure) => TspackError.is(failure) && failure.code),
    ["TPK6007"],
  );
  assert.equal(readdirSync(join(workingDirectory, "out/image")), [ends[0].status === "fulfilled" ? "one" : "two"]);
});

test("builds that start together may share the folders above their directories, which none of them has", async () => {
  const workingDirectory = tmp();
  const names = ["a", "b", "c", "d"];
  await Promise.all(names.map((name) => make({ workingDirectory, directory: `out/of/this/run/${name}` })));
  assert.equal(readdirSync(join(workingDirectory, "out/of/this/run")).sort(), names);
});

test("a link that leads nowhere exists: it is not removed, but with -force", async () => {
  const workingDirectory = tmp();
  mkdirSync(join(workingDirectory, "out"));
  symlinkSync("nowhere", join(workingDirectory, "out/image"));
  await rejects(make({ workingDirectory }), { code: "TPK6007" });
  assert.equal(readdirSync(join(workingDirectory, "out")), ["image"]);
  await make({ workingDirectory, force: true });
  assert.equal(readdirSync(join(workingDirectory, "out/image")), []);
});

test("two builds of a run cannot have one directory, not even with -force; the next run can", async () => {
  const workingDirectory = tmp();
  const [run, next] = [tmp("run"), tmp("next")];
  const afterwards = async () => writeFileSync(join(workingDirectory, "out/image/disk"), "x");
  await make({ workingDirectory, afterwards, of: [run, "a"] });
  const error = await rejects(make({ workingDirectory, directory: "out/../out/image", force: true, of: [run, "b"] }), {
    code: "TPK6007",
    message: /out\/image is that of another build of this run, a$/,
  });
  assert.is(TspackError.is(error) && error.option, "output_directory");
  for (const packer_force of [false, true]) {
    const check = (packer_build_name: string) =>
      checkOutputDirectory("out/../out/image", {
        packer: packerVariables({ packer_force, packer_build_name }),
        run: runInfo({ workingDirectory, environment: { TSPACK_RUN_DIRECTORY: run } }),
      });
    const [early] = await check("b");
    const hint = TspackError.is(error) ? error.hint : undefined;
    assert.equal([early?.code, early?.detail, early?.hint], ["TPK6007", `${errorText(error).replace("the", "The")}.`, hint]);
    assert.is((await check("a")).length, packer_force ? 0 : 1, "its own claim is no rival");
  }
  assert.equal(readdirSync(join(workingDirectory, "out/image")), ["disk"]);
  const failing = { workingDirectory, force: true, of: [next, "a"] as const };
  await rejects(make({ ...failing, afterwards: () => Promise.reject(new Error("boom")) }), { message: /boom/ });
  await make({ ...failing, of: [next, "b"] });
});

test("-force never removes the working directory, nor one that holds it", async () => {
  const workingDirectory = join(tmp(), "project");
  mkdirSync(workingDirectory);
  symlinkSync(".", join(workingDirectory, "link"));
  for (const directory of [".", "..", "/", "link"]) {
    await rejects(make({ workingDirectory, directory, force: true }), { code: "TPK6007", message: /holds the working directory/ });
    assert.ok(existsSync(join(workingDirectory, "link")));
  }
});

test("after a failure and after a cancellation the whole directory is removed", async () => {
  for (const isCancelled of [false, true]) {
    const workingDirectory = tmp();
    const abort = new AbortController();
    const afterwards = async () => {
      writeFileSync(join(workingDirectory, "out/image/half"), "x");
      if (isCancelled) abort.abort();
      throw new Error("boom");
    };
    await rejects(make({ workingDirectory, afterwards, signal: abort.signal }), { message: isCancelled ? /cancelled/ : /boom/ });
    assert.equal(readdirSync(join(workingDirectory, "out")), []);
  }
});

test("a directory that cannot be made is told before anything else is done", async () => {
  const workingDirectory = tmp();
  writeFileSync(join(workingDirectory, "out"), "a file");
  const error = await rejects(make({ workingDirectory }), {});
  assert.match(errorText(error), /out\/image cannot be (looked at|written to)/);
});

test("a file system that has no room for directories is no place for them", async () => {
  if (!existsSync("/proc/self")) return;
  const error = await within(30_000, () => rejects(make({ workingDirectory: tmp(), directory: "/proc/none/out" }), { code: "TPK6011" }));
  assert.match(errorText(error), /the output directory \/proc\/none\/out cannot be written to: ENOENT/);
  assert.ok(TspackError.is(error));
  assert.equal([error.option, error.hint], ["output_directory", "choose another one with output_directory"]);
});

lab(
  test,
  "linux",
  "root",
)("what cannot be removed in five tries is reported beside the failure", async () => {
  const workingDirectory = tmp();
  const mount = join(workingDirectory, "out/image/mount");
  try {
    const afterwards = async () => {
      mkdirSync(mount);
      execFileSync("mount", ["--bind", mount, mount]);
      throw new Error("boom");
    };
    const error = await rejects(make({ workingDirectory, afterwards }), {});
    assert.match(errorText(error), /boom/);
    assert.match(errorText(error), /out\/image could not be removed/);
  } finally {
    if (existsSync(mount)) execFileSync("umount", [mount]);
  }
});

test.run();
