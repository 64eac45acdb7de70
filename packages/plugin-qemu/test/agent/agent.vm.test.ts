import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { agentGuestNeeds, lab, tinyGuest, tinyGuestNeeds, within, writeAgentInitrd } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { assertNothingLeft, inGuest, sectorConfig, withKit } from "../build-kit.ts";

lab(
  test,
  ...tinyGuestNeeds,
  ...agentGuestNeeds,
)("a guest whose agent answers is shut down by it when there is no command", async () => {
  await withKit(async (kit, folder) => {
    const guest = tinyGuest();
    const initrd = join(folder, "initrd");
    writeAgentInitrd(initrd);
    const options = {
      communicator: "ssh",
      ssh_username: guest.username,
      ssh_private_key_file: guest.privateKey,
      ssh_timeout: "5m",
      memory: 384,
      guest_agent: true,
      qemuargs: [
        ["-kernel", guest.kernel],
        ["-initrd", initrd],
        ["-append", "console=ttyS0 quiet no_timer_check"],
        // The port does not go with the builder's own devices.
        ["-device", "virtio-rng-pci"],
      ],
    };
    const hasPort = "n=0; until ls -l /proc/[0-9]*/fd | grep -q /dev/vport; do [ $n = 600 ] && exit 1; sleep 0.1; n=$((n + 1)); done";
    const provisioners = [async (context: Parameters<typeof inGuest>[0]) => void (await inGuest(context, hasPort))];
    const { artifact, ui } = await within(400_000, () => kit.builder("qemu", sectorConfig(folder, {}, options)).run({ provisioners }));
    assert.ok(ui.said.includes("There is no shutdown_command: asking the guest's agent to shut it down..."), ui.text);
    assert.not.match(ui.text, /power button|switched off/, ui.text);
    const machines = join(folder, "run/machines");
    const console = readFileSync(join(machines, readdirSync(machines).find((name) => name.endsWith("console.log")) ?? ""), "utf8");
    assert.match(console, /shut down: -h -P \+0/);
    await artifact?.destroy();
    assertNothingLeft(folder);
  });
});

test.run();
