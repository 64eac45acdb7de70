import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { findLabProgram, lab, packerVariables, prepare, rejects, runInfo, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import factory from "../../../../src/components/builders/rootfs/index.ts";
import { HOOK_CLEANUP_PROVISION, HOOK_PROVISION, isCancellation } from "../../../../src/sdk/index.ts";
import { buildRootfs } from "./harness.ts";
import { readMembers } from "./read-tar.ts";

const run = promisify(execFile);
const ext4Test = lab(test, "mkfs.ext4", "debugfs", "e2fsck");
const rootTest = lab(test, "mounts");
const files = {
  "/srv/data": { content: "data", owner: "70000:5", mode: "0600" },
  "/srv/a b/l": { symlink: "../data" },
  "/srv/e": { directory: true },
};

test("every format at once, an artifact that names them all, and destroy removes them", async () => {
  const formats = ["oci-archive", "tar", "tar.gz", "directory"];
  const { artifact, folder } = await buildRootfs({
    base: "scratch",
    files,
    output: formats.map((format) => ({ format, path: `deep/er/${format}` })),
  });
  assert.equal(
    artifact.files,
    formats.map((format) => `deep/er/${format}`),
  );
  assert.is(artifact.builderId, "tspack.rootfs");
  assert.equal(readdirSync(join(folder, "deep/er")).sort(), [...formats].sort());
  assert.is(readFileSync(join(folder, "deep/er/directory/srv/data"), "utf8"), "data");
  const data = (await artifact.state("generated_data")) as { ID: string };
  assert.type(data.ID, "string");
  await artifact.destroy();
  assert.equal(readdirSync(join(folder, "deep/er")), []);
});

ext4Test("an ext4 image needs no root, has the owners of the tree, is sound, and is the same each time", async () => {
  const images = [];
  for (const _ of [1, 2]) {
    const { folder } = await buildRootfs(
      { base: "scratch", files, output: [{ format: "ext4", path: "disk.ext4", size: "32M", label: "data" }] },
      { run: runInfo({ startedAtMs: 1_700_000_000_000 }) },
    );
    images.push(join(folder, "disk.ext4"));
  }
  const [first = "", second = ""] = images;
  assert.is(statSync(first).size, 32 * 1024 * 1024);
  assert.ok(readFileSync(first).equals(readFileSync(second)));
  await run(findLabProgram("e2fsck") ?? "", ["-fn", first]);
  const { stdout } = await run(findLabProgram("debugfs") ?? "", ["-R", "stat /srv/data", first]);
  assert.match(stdout, /Mode:\s+0600[\s\S]*User:\s*70000\s+Group:\s+5/);
  assert.match((await run(findLabProgram("debugfs") ?? "", ["-R", 'stat "/srv/a b/l"', first])).stdout, /Fast link dest: "..\/data"/);
});

ext4Test("a large folder with many hard links fits into an ext4 image", async () => {
  const folder = tmp("many");
  mkdirSync(join(folder, "base"));
  writeFileSync(join(folder, "base/a name that is rather long 0"), "x");
  const { linkSync } = await import("node:fs");
  for (let number = 1; number < 400; number++) {
    linkSync(join(folder, "base/a name that is rather long 0"), join(folder, `base/a name that is rather long ${number}`));
  }
  await buildRootfs({ base: "base", output: [{ format: "ext4", path: "disk.ext4" }] }, { folder });
  await run(findLabProgram("e2fsck") ?? "", ["-fn", join(folder, "disk.ext4")]);
});

ext4Test("an ext4 image that is too small is an error that says so, and leaves nothing", async () => {
  const folder = tmp("small");
  writeFileSync(join(folder, "big"), Buffer.alloc(20_000_000, "x"));
  const build = buildRootfs(
    { base: "scratch", files: { "/big": "big" }, output: [{ format: "ext4", path: "disk.ext4", size: "12M" }] },
    { folder },
  );
  const error = await rejects(build, { code: "TPK6011" });
  assert.match(String((error as { hint?: string }).hint), /size/);
  assert.equal(readdirSync(folder), ["big"]);
});

rootTest("a full disk is TPK6011, and what was written is removed", async () => {
  const folder = tmp("full");
  const disk = join(folder, "disk");
  mkdirSync(disk);
  writeFileSync(join(folder, "big"), Buffer.alloc(3_000_000, "x"));
  await run("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", disk]);
  try {
    const output = [
      { format: "tar.gz", path: "first.tar.gz" },
      { format: "tar", path: "disk/out.tar" },
    ];
    const build = buildRootfs({ base: "scratch", files: { "/big": "big" }, output }, { folder });
    await rejects(build, { code: "TPK6011", message: /disk\/out\.tar.*full/ });
    assert.equal(readdirSync(disk), []);
    assert.equal(readdirSync(folder).sort(), ["big", "disk"]);
  } finally {
    await run("umount", [disk]);
  }
});

test("a build cancelled while it writes leaves nothing and rejects with a cancellation", async () => {
  const folder = tmp("cancel");
  writeFileSync(join(folder, "big"), Buffer.alloc(50_000_000, "x"));
  const abort = new AbortController();
  const output = [
    { format: "tar", path: "out.tar" },
    { format: "oci-archive", path: "out.oci" },
  ];
  const run = runInfo();
  const build = buildRootfs(
    { base: "scratch", files: { "/big": "big" }, output },
    { folder, run, signal: abort.signal, provision: async () => void setTimeout(() => abort.abort(), 20) },
  );
  assert.ok(isCancellation(await rejects(build)));
  assert.equal(readdirSync(folder), ["big"]);
  assert.equal(readdirSync(run.temporaryDirectory), []);
});

test("an output that exists is refused before anything starts, and replaced with -force", async () => {
  const folder = tmp("exists");
  writeFileSync(join(folder, "out.tar"), "old");
  const config = { base: "scratch", output: [{ format: "tar", path: "out.tar" }] };
  const run = { ...runInfo(), workingDirectory: folder };
  const [found] = await prepare(await factory.create(), config, { run });
  assert.is(found?.code, "TPK6007");
  assert.equal(found?.path, ["output", 0, "path"]);
  await buildRootfs(config, { folder, packer: packerVariables({ packer_force: true }) });
  assert.equal([...(await readMembers(join(folder, "out.tar"))).keys()], []);
});

test("provisioners are called without a namespace being entered, and uploads need no rights", async () => {
  const hooks: string[] = [];
  const { folder, ui } = await buildRootfs(
    { base: "scratch", output: [{ format: "tar", path: "out.tar" }] },
    {
      onHook: (name) => hooks.push(name),
      async provision(communicator) {
        const { Readable } = await import("node:stream");
        await communicator.upload({
          path: "/opt/../opt/app/run",
          content: Readable.from(["#!"]),
          mode: 0o755,
          signal: new AbortController().signal,
        });
        assert.match(
          (await rejects(communicator.execute({ command: "true", signal: new AbortController().signal }), { code: "TPK5006" })).message,
          /\/bin\/sh/,
        );
      },
    },
  );
  assert.equal(hooks, [HOOK_PROVISION]);
  assert.not.match(ui.text, /Entering/);
  const members = await readMembers(join(folder, "out.tar"));
  assert.equal([...members.keys()], ["opt/", "opt/app/", "opt/app/run"]);
  assert.is(members.get("opt/app/run")?.mode, 0o755);
});

test("a failing provisioner fails the build, runs the error cleanup, and writes nothing", async () => {
  const hooks: string[] = [];
  const folder = tmp("fails");
  const build = buildRootfs(
    { base: "scratch", output: [{ format: "tar", path: "out.tar" }] },
    {
      folder,
      onHook: (name) => hooks.push(name),
      async provision() {
        throw new Error("no luck");
      },
    },
  );
  await rejects(build, { message: /no luck/ });
  assert.equal(hooks, [HOOK_PROVISION, HOOK_CLEANUP_PROVISION]);
  assert.not.ok(existsSync(join(folder, "out.tar")));
});

test("mistakes are found before anything starts, each at its place", async () => {
  const cases: readonly [object, string, readonly (string | number)[]][] = [
    [{ base: { hostfiles: ["sh"] } }, "TPK3105", ["base"]],
    [{ base: "nowhere" }, "TPK3107", ["base"]],
    [{ base: "https://example.org/base.tar" }, "TPK3104", ["base"]],
    [{ base: { archive: "https://example.org/base.tar", checksum: "md5:zz" } }, "TPK3105", ["base", "checksum"]],
    [{ base: { host_files: ["no-such-program"] } }, "TPK3107", ["base", "host_files", 0]],
    [{ base: "scratch", files: { "no/slash": { content: "" } } }, "TPK3105", ["files", "no/slash"]],
    [{ base: "scratch", files: { "/a": "missing" } }, "TPK3107", ["files", "/a"]],
    [{ base: "scratch", output: [{ format: "tar", path: "x", cmd: ["x"] }] }, "TPK3106", ["output", 0, "cmd"]],
    [{ base: "scratch", output: [{ format: "ext4", path: "x", layer_only: true }] }, "TPK3106", ["output", 0, "layer_only"]],
    [
      { base: "scratch", output: [{ format: "oci-archive", path: "x", exposed_ports: ["http"] }] },
      "TPK3105",
      ["output", 0, "exposed_ports"],
    ],
    [{ base: "scratch", output: [{ format: "directory", path: ".." }] }, "TPK3105", ["output", 0, "path"]],
    [{ base: "scratch", output: [] }, "TPK3105", ["output"]],
  ];
  const run = { ...runInfo(), workingDirectory: tmp("mistakes") };
  for (const [config, code, path] of cases) {
    const found = await prepare(await factory.create(), { output: [{ format: "tar", path: "x" }], ...config }, { run });
    assert.equal(
      found.map((diagnostic) => [diagnostic.code, diagnostic.path]),
      [[code, path]],
      JSON.stringify(config),
    );
  }
});

test.run();
