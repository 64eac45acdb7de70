import { canonicalProgram, deferredOf, dependencyName, type Scope } from "@tspack/core";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { build, isRef, programFrom, source } from "../../src/index.ts";
import { loadContext } from "./loading.ts";

const debian = source("qemu", "debian", {});
const base = build({ name: "base", sources: [debian] });
const artifact = base.artifact(debian);

function evaluated(ref: unknown, files: readonly string[]): unknown {
  const scope: Scope = {
    value: (dependency) => {
      assert.is(dependencyName(dependency), "artifact.base.qemu.debian.files");
      return files;
    },
  };
  return deferredOf(ref)?.evaluate(scope);
}

test("parts of an artifact wait for the build that makes it", () => {
  const waits = (ref: unknown): unknown => deferredOf(ref)?.waitsFor.map(dependencyName);
  assert.equal(waits(artifact.id), ["artifact.base.qemu.debian.id"]);
  assert.equal(waits(artifact.files), ["artifact.base.qemu.debian.files"]);
  assert.equal(waits(artifact.file(/qcow2$/)), ["artifact.base.qemu.debian.files"]);
  assert.equal(waits(build({ sources: [debian] }).artifact(debian).id), ["artifact.qemu.debian.id"]);
});

test("fields of the builder's own are Refs as well", () => {
  const amis: unknown = (artifact as unknown as { amis: unknown }).amis;
  assert.ok(isRef(amis));
  assert.equal(deferredOf(amis)?.waitsFor.map(dependencyName), ["artifact.base.qemu.debian.amis"]);
});

test("file() picks the one file that matches", () => {
  const files = ["/out/disk.qcow2", "/out/logs/boot.log", "/out/efivars.fd"];
  assert.is(evaluated(artifact.file(/qcow2$/), files), "/out/disk.qcow2");
  assert.is(evaluated(artifact.file("*.log"), files), "/out/logs/boot.log");
  assert.is(evaluated(artifact.file("disk.qcow?"), files), "/out/disk.qcow2");
  assert.is(evaluated(artifact.file("/out/**/boot.log"), files), "/out/logs/boot.log");
  assert.is(evaluated(artifact.file("/out/**/disk.qcow2"), files), "/out/disk.qcow2");
  assert.is(evaluated(artifact.file("efivars.fd"), files), "/out/efivars.fd");
});

test("a regular expression with the flag g gives the same answer each time", () => {
  const pattern = artifact.file(/qcow2/g);
  for (let round = 0; round < 3; round++) assert.is(evaluated(pattern, ["a.qcow2"]), "a.qcow2");
});

test("none or several matching files are an error that lists them", () => {
  assert.throws(
    () => evaluated(artifact.file("*.iso"), ["/out/a.img"]),
    'no file of the artifact of base.qemu.debian matches "*.iso"; it has:\n  /out/a.img',
  );
  assert.throws(
    () => evaluated(artifact.file(/a/), ["/a1", "/a2", "/b"]),
    "2 files of the artifact of base.qemu.debian match /a/:\n  /a1\n  /a2",
  );
  assert.throws(() => evaluated(artifact.file(/a/), []), "the artifact of base.qemu.debian has no files, so none matches /a/");
});

test("a source of another build is refused with the names of the own ones", () => {
  assert.throws(
    () => base.artifact(source("qemu", "web", {}) as never),
    "artifact() was given qemu.web, which is not a source of this build.",
  );
});

test("in the canonical Program two patterns are two values", async () => {
  const printed = async (pattern: RegExp): Promise<string> => {
    const web = source("file", "web", { target: "x", source: base.artifact(debian).file(pattern) });
    const { program } = programFrom({ default: build({ name: "web", sources: [web] }) }, loadContext(), "/program/image.ts");
    return program === undefined ? "" : JSON.stringify(await canonicalProgram(program));
  };
  assert.match(await printed(/qcow2$/), "<artifact.base.qemu.debian.file(/qcow2$/)>");
  assert.is.not(await printed(/qcow2$/), await printed(/log$/));
});

test.run();
