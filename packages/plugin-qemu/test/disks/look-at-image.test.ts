import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { lab, sectorGuest, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { doubtAboutImage } from "../../src/disks/look-at-image.ts";
import { writeBootCd } from "../build-kit.ts";

const page = "<!DOCTYPE html><title>Please log in</title>".padEnd(100_000);

test("a page of text is neither a disk nor a medium", async () => {
  const path = join(tmp(), "image");
  for (const text of [page, page.slice(0, 60), ""]) {
    writeFileSync(path, text);
    assert.match((await doubtAboutImage({ path, isDisk: true })) ?? "", /image has neither the format of a disk image nor a boot sector$/);
    assert.match((await doubtAboutImage({ path, isDisk: false })) ?? "", /image is no image of a CD or DVD/);
  }
});

test("a raw disk with a boot sector is one", async () => {
  const path = join(tmp(), "disk");
  writeFileSync(path, sectorGuest({}));
  assert.is(await doubtAboutImage({ path, isDisk: true }), undefined);
});

lab(test, "qemu-img")("disks of QEMU's formats are known, and told where a medium should be", async () => {
  const folder = tmp();
  for (const format of ["qcow2", "qcow", "qed", "vmdk", "vdi", "vhdx", "vpc", "parallels"]) {
    const path = join(folder, format);
    execFileSync("qemu-img", ["create", "-q", "-f", format, path, "4M"]);
    assert.is(await doubtAboutImage({ path, isDisk: true }), undefined, format);
    assert.match((await doubtAboutImage({ path, isDisk: false })) ?? "", /is a disk image, .* set disk_image to true$/, format);
  }
});

lab(test, "xorriso")("an ISO image is a medium", async () => {
  const folder = tmp();
  const path = writeBootCd(folder, {});
  assert.is(await doubtAboutImage({ path, isDisk: false }), undefined);
});

test.run();
