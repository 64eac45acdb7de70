import { lab, RecordingUi, rejects } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { sectorConfig, withKit } from "../build-kit.ts";

lab(
  test,
  "qemu-system-x86_64",
  "qemu-img",
)("a machine starts while its key is made, unless the boot command types that", async () => {
  for (const [typed, isEarly] of [
    ["", false],
    ["{{ .SSHPublicKey }}", true],
  ] as const) {
    await withKit(async (kit, folder) => {
      const guest = sectorConfig(folder, { says: "ready" }, { communicator: "ssh", ssh_username: "root", ssh_timeout: "1s" });
      const boot = { boot_wait: "-1s", boot_key_interval: "1ms", boot_command: [`<waitText "ready" 2m>${typed}`] };
      const ui = new RecordingUi();
      await rejects(kit.builder("qemu", { ...guest, ...boot, temporary_key_pair_type: "ecdsa" }).run({ ui }), { message: /SSH/ });
      const lines = ui.lines.map((line) => line.replace(/^say: /, ""));
      const [made, started] = [lines.indexOf("Made a temporary ecdsa key for SSH"), lines.indexOf("Starting the machine...")];
      assert.ok(made >= 0 && started >= 0, ui.text);
      assert.is(made < started, isEarly, ui.text);
      assert.is(lines.filter((line) => line.startsWith("Made a temporary")).length, 1, ui.text);
    });
  }
});

test.run();
