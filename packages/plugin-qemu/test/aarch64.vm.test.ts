// Machines of another processor than a PC's start with the defaults (rows QM-171, QM-200).
import { readFileSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { lab, RecordingUi, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { openQmp } from "../src/machine/qmp.ts";
import { assertNothingLeft, withKit } from "./build-kit.ts";

const armTest = lab(test, "qemu-system-aarch64", "qemu-img", "arm-firmware", "swtpm", "linux");

armTest("a 64-bit ARM machine starts from EFI with the defaults alone, has CDs, a TPM and a screen, and is typed at", async () => {
  await withKit(async (kit, folder) => {
    const ui = new RecordingUi();
    writeFileSync(join(folder, "medium.iso"), Buffer.alloc(64 * 1024));
    const options = {
      qemu_binary: "qemu-system-aarch64",
      iso_url: "medium.iso",
      iso_checksum: "none",
      disk_size: "1M",
      headless: true,
      vm_name: "arm",
      output_directory: "out",
      communicator: "none",
      // The firmware has no driver for it, and so nowhere to look for a system on the network.
      net_device: "e1000",
      cd_content: { file: "on the second CD" },
      vtpm: true,
      qmp_enable: true,
      qmp_socket_path: "monitor",
      boot_wait: "-1s",
      boot_command: [
        // On the serial console: there is no text mode as that of PCs.
        '<waitText "any other key to continue" 4m> <waitSerial "Shell>" 1m>',
        '<waitStill 1s>map -r<enter><waitSerial "Shell>" 1m>reset -s',
      ],
      shutdown_timeout: "2m",
    };
    const building = kit.builder("qemu", options).run({ ui });
    // The last key is typed when the screen has been looked at.
    const typed = (async () => {
      while (!ui.logged.some((line) => /console: .*Shell> .*reset -s/.test(line)) && !ui.text.includes("power itself off")) await turn();
      const qmp = await openQmp(createConnection(join(folder, "monitor")));
      await qmp.execute("screendump", { filename: join(folder, "screen.ppm") });
      await qmp.execute("send-key", { keys: [{ type: "qcode", data: "ret" }] });
    })();
    const [{ artifact }] = await within(360_000, () => Promise.all([building, Promise.race([typed, building])]));
    const console = ui.logged.filter((line) => line.includes("console: ")).join("\n");
    assert.match(console, /Shell> map -r\n[\s\S]*Mapping table[\s\S]*Scsi\(0x0,0x0\)[\s\S]*Shell> reset -s/);
    const picture = readFileSync(join(folder, "screen.ppm"));
    assert.match(picture.subarray(0, 20).toString("latin1"), /^P6\n\d{3,4} \d{3,4}\n255\n/);
    assert.ok(new Set(picture.subarray(20)).size > 1, "there is something on the screen");
    const line = ui.logged.find((text) => text.includes("command line: ")) ?? "";
    assert.match(line, /-machine type=virt,accel=\w+ .*-device scsi-cd,bus=scsi0\.0,drive=cdrom1 -device tpm-tis-device,tpmdev=tpm0 /);
    assert.equal(artifact?.files, ["out/arm", "out/efivars.fd"]);
    await artifact?.destroy();
    assertNothingLeft(folder);
  });
});

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

test.run();
