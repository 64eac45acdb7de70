// How disks, CDs and floppies reach a machine: each build here boots a guest of one sector from the medium in question.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BuilderRun } from "@tspack/core/sdk/testing";
import { lab, rejects, sectorGuest, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { assertNothingLeft, type Options, sectorConfig, withKit, writeBootCd } from "./build-kit.ts";

const qemuTest = lab(test, "qemu-system-x86_64", "qemu-img", "linux");
const isoTest = lab(test, "qemu-system-x86_64", "qemu-img", "xorriso", "linux");

interface ImageInfo {
  readonly format: string;
  readonly "virtual-size": number;
  readonly "full-backing-filename"?: string;
}

function imageInfo(path: string): ImageInfo {
  return JSON.parse(execFileSync("qemu-img", ["info", "--output=json", path], { encoding: "utf8" }));
}

const MIB = 1024 * 1024;

/** Runs a build to its end. The guest powers itself off when it has been started, so an end is proof of a boot. */
async function build(
  changes: Options,
  look: (folder: string, run: BuilderRun) => void | Promise<void>,
  make: (folder: string) => Options = () => ({}),
): Promise<void> {
  await withKit(async (kit, folder) => {
    const options = { ...sectorConfig(folder, { says: "up\r\n", powersOff: true }, changes), ...make(folder) };
    const run = await within(240_000, () => kit.builder("qemu", options).run());
    assert.ok(run.ui.logged.includes("debug: console: up"), run.ui.logged.join("\n"));
    await look(folder, run);
    await run.artifact?.destroy();
    assertNothingLeft(folder);
  });
}

for (const [bus, further] of [
  ["virtio", {}],
  ["ide", { disk_cache: "unsafe", disk_discard: "unmap", disk_detect_zeroes: "unmap" }],
  ["virtio-scsi", { machine_type: "q35" }],
  ["scsi", {}],
  ["sata", { machine_type: "q35", cpus: 2, cores: 2 }],
] as const) {
  qemuTest(`a disk on ${bus} is booted from, beside a further one`, async () => {
    await build({ disk_interface: bus, disk_additional_size: ["2M"], ...further }, async (folder, { artifact }) => {
      assert.equal(artifact?.files, ["out/tiny", "out/tiny-1"]);
      assert.equal(await artifact?.state("diskPaths"), ["out/tiny", "out/tiny-1"]);
      assert.is(imageInfo(join(folder, "out/tiny-1"))["virtual-size"], 2 * MIB);
    });
  });
}

for (const [bus, disks] of [
  ["", "virtio"],
  ["ide", "ide"],
  ["virtio-scsi", "virtio"],
  ["virtio-scsi", "virtio-scsi"],
  ["scsi", "scsi"],
  ["sata", "sata"],
] as const) {
  isoTest(`a CD on ${bus || "QEMU's own choice"} is booted from, beside a disk on ${disks} and a CD of files`, async () => {
    const changes = { disk_image: false, skip_resize_disk: false, disk_size: "3M", cdrom_interface: bus, disk_interface: disks };
    await build(
      { ...changes, cd_content: { "user-data": "x" }, cd_label: "cidata", format: "raw", skip_compaction: false },
      async (folder, { artifact }) => {
        assert.equal(artifact?.files, ["out/tiny"]);
        assert.is(statSync(join(folder, "out/tiny")).size, 3 * MIB);
        assert.is(await artifact?.state("diskSize"), "3M");
        assert.is(await artifact?.state("diskType"), "raw");
      },
      (folder) => ({ iso_url: writeBootCd(folder, { says: "up\r\n", powersOff: true }) }),
    );
  });
}

qemuTest("CDs on virtio are taken beside disks on virtio", async () => {
  await build({ cdrom_interface: "virtio", cd_content: { a: "b" } }, () => undefined);
});

qemuTest("a floppy is taken, and a machine booted from one that the user gives", async () => {
  await build({ floppy_content: { "answers.txt": "x" } }, (_, { ui }) =>
    assert.match(ui.logged.join("\n"), /command line: .* -fda \S+floppy\S+ /),
  );
  await build(
    {
      qemuargs: [
        ["-fda", "own.img"],
        ["-boot", "a"],
      ],
    },
    (_, { ui }) => assert.match(ui.logged.join("\n"), /command line: .* -boot a .*-fda own\.img/),
    (folder) => {
      writeFileSync(join(folder, "own.img"), sectorGuest({ says: "up\r\n", powersOff: true }));
      truncateSync(join(folder, "own.img"), 1440 * 1024);
      return {};
    },
  );
});

qemuTest("a disk grows to disk_size, and is compressed", async () => {
  await build({ skip_resize_disk: false, disk_size: "64", disk_compression: true }, (folder, { ui }) => {
    assert.is(imageInfo(join(folder, "out/tiny"))["virtual-size"], 64 * MIB);
    assert.match(ui.text, /Resizing the disk\.\.\./);
    assert.match(ui.text, /Compressing the disk\.\.\./);
    assert.equal(readdirSync(join(folder, "out")), ["tiny"]);
  });
});

qemuTest("a raw disk is neither compacted nor compressed, and one of the right format is copied", async () => {
  await build(
    { format: "raw", disk_compression: true },
    (folder, { ui }) => {
      assert.is(imageInfo(join(folder, "out/tiny")).format, "raw");
      assert.not.match(ui.text, /Compact|Compress/);
      assert.match(ui.text, /Copying the disk image\.\.\./);
    },
    (folder) => {
      execFileSync("cp", [join(folder, "guest-says-powersOff.img"), join(folder, "guest.raw")]);
      execFileSync("chmod", ["0400", join(folder, "guest.raw")]);
      return { iso_url: "guest.raw" };
    },
  );
});

qemuTest("a compressed difference to a disk image stays one", async () => {
  await build(
    { use_backing_file: true, disk_compression: true },
    (folder, { ui }) => {
      assert.is(imageInfo(join(folder, "out/tiny"))["full-backing-filename"], join(folder, "base.qcow2"));
      assert.match(ui.text, /Creating the disk out\/tiny \(1M\)/);
    },
    (folder) => {
      execFileSync("qemu-img", ["convert", "-O", "qcow2", join(folder, "guest-says-powersOff.img"), join(folder, "base.qcow2")]);
      return { iso_url: join(folder, "base.qcow2") };
    },
  );
});

qemuTest("the same disk gives the same bytes, compressed too", async () => {
  for (const disk_compression of [false, true]) {
    const digests = new Set<string>();
    for (const _ of [1, 2]) {
      await build({ disk_compression }, (folder) => {
        digests.add(
          createHash("sha256")
            .update(readFileSync(join(folder, "out/tiny")))
            .digest("hex"),
        );
      });
    }
    assert.is(digests.size, 1);
  }
});

qemuTest("further disks are compacted on request", async () => {
  const preallocated = { disk_additional_size: ["2M"], qemu_img_args: { create: ["-o", "preallocation=full"] } };
  for (const compact_additional_disks of [false, true]) {
    await build({ ...preallocated, compact_additional_disks }, (folder) => {
      assert.is(statSync(join(folder, "out/tiny-1")).size < 2 * MIB, compact_additional_disks);
      assert.is(imageInfo(join(folder, "out/tiny-1"))["virtual-size"], 2 * MIB);
    });
  }
});

qemuTest("words for qemu-img arrive, and what it says of bad ones is the error", async () => {
  await build({ qemu_img_args: { convert: ["-o", "compat=0.10"] } }, (folder) => {
    assert.match(execFileSync("qemu-img", ["info", join(folder, "out/tiny")], { encoding: "utf8" }), /compat: 0\.10/);
  });
  await withKit(async (kit, folder) => {
    const options = sectorConfig(folder, { powersOff: true }, { qemu_img_args: { convert: ["-o", "no_such=1"] } });
    await rejects(kit.builder("qemu", options).run(), { message: /qemu-img convert failed: .*no_such/ });
    assertNothingLeft(folder);
  });
});

qemuTest("a boot command is typed, at a guest that then powers itself off", async () => {
  await withKit(async (kit, folder) => {
    const command = { boot_wait: "-1s", boot_steps: [['<waitText "type" 1m>', "Waiting for the guest"], ["ab<enter>", "Typing"], [""]] };
    const options = sectorConfig(folder, { says: "type\r\n", waitsForEnter: true, powersOff: true }, command);
    const { ui } = await within(240_000, () => kit.builder("qemu", options).run());
    assert.match(ui.text, /say: Waiting for the guest\nsay: Waiting for "type" on the screen or the serial console\.\.\.\nsay: Typing\n/);
  });
});

qemuTest("a monitor of the user's own is there while the machine runs, at a short path when its own is too long", async () => {
  await build({ qmp_enable: true }, (_, { ui, artifact }) => {
    assert.match(ui.logged.join("\n"), /-qmp unix:out\/tiny\.monitor,server=on/);
    assert.equal(artifact?.files, ["out/tiny"]);
  });
  await build({ qmp_enable: true, output_directory: `out-${"x".repeat(100)}` }, (_, { ui }) => {
    assert.match(ui.text, /monitor socket is longer than the system takes: the socket is \S+\/monitor-/);
  });
});

test.run();
