import { chmodSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lab, RecordingUi, rejects, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { prepareDisks } from "../../src/disks/prepare-disks.ts";
import { qemuOptions } from "../../src/options.ts";

const imgTest = lab(test, "qemu-img");

function copy(folder: string, signal: AbortSignal, ui = new RecordingUi(), format = "raw"): Promise<readonly string[]> {
  const config = qemuOptions().parse({ iso_url: "x.raw", iso_checksum: "none", disk_image: true, format, skip_resize_disk: true });
  return prepareDisks({ config, outputDirectory: ".", name: "disk", image: "x.raw", env: process.env, cwd: folder, ui, signal });
}

/** An image with a mark at its beginning and its end. */
function image(folder: string, megabytes: number): void {
  const path = join(folder, "x.raw");
  writeFileSync(path, "begin");
  truncateSync(path, megabytes * 1024 * 1024 - 3);
  writeFileSync(path, "end", { flag: "a" });
  chmodSync(path, 0o444);
}

for (const megabytes of [2, 260]) {
  imgTest(`an image of ${megabytes} MiB is copied whole, and the copy can be written`, async () => {
    const folder = tmp();
    image(folder, megabytes);
    assert.equal(await copy(folder, new AbortController().signal), ["disk"]);
    const disk = join(folder, "disk");
    const copied = readFileSync(disk);
    assert.is(copied.length, megabytes * 1024 * 1024);
    assert.is(copied.subarray(0, 5).toString(), "begin");
    assert.is(copied.subarray(-3).toString(), "end");
    assert.ok((statSync(disk).mode & 0o200) !== 0);
  });
}

imgTest("the progress of a conversion is told in bytes of the disk, to the last", async () => {
  const folder = tmp();
  image(folder, 2);
  const ui = new RecordingUi();
  await copy(folder, new AbortController().signal, ui, "qcow2");
  const totalBytes = 2 * 1024 * 1024;
  assert.equal(ui.progressed, [{ label: "disk image", totalBytes, bytes: totalBytes, isFinished: true }]);
});

imgTest("copying a large image can be cancelled", async () => {
  const folder = tmp();
  image(folder, 260);
  const abort = new AbortController();
  const ui = new RecordingUi();
  const say = ui.say.bind(ui);
  ui.say = (text) => {
    say(text);
    if (text.startsWith("Copying")) setImmediate(() => abort.abort());
  };
  await rejects(copy(folder, abort.signal, ui), { code: "TPK6009" });
});

test.run();
