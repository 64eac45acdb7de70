// Ports of this host that lead to a machine (rows QM-52 to QM-54, QM-127 to QM-131).
import { once } from "node:events";
import { createServer } from "node:net";
import { errorText, isCancellation } from "@tspack/core/sdk";
import { freePort, freePorts, lab, RecordingUi, rejects, tinyGuest, tinyGuestNeeds, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { assertNothingLeft, inGuest, type Options, sectorConfig, withKit } from "./build-kit.ts";

const qemuTest = lab(test, "qemu-system-x86_64", "qemu-img", "linux");

const MACHINES = 5;

/** Tells when the guest has printed `up`. */
class ListeningUi extends RecordingUi {
  readonly up: Promise<void>;
  #announce: () => void = () => undefined;

  constructor() {
    super();
    this.up = new Promise((resolve) => {
      this.#announce = resolve;
    });
  }

  override log(level: "debug" | "info" | "warn" | "error", text: string): void {
    super.log(level, text);
    if (text === "console: up") this.#announce();
  }
}

qemuTest("builds that start at once share a range with room for just as many, and one more is told that it is full", async () => {
  await withKit(async (kit, folder) => {
    const first = await freePorts(MACHINES);
    const range = { host_port_min: first, host_port_max: first + MACHINES };
    // The old names count more than the new ones.
    const oldRange = { host_port_min: 1, host_port_max: 2, ssh_host_port_min: first, ssh_host_port_max: first + MACHINES };
    const optionsOf = (index: number): Options =>
      sectorConfig(
        folder,
        { says: "up\r\n" },
        {
          output_directory: `out-${index}`,
          communicator: "ssh",
          ssh_username: "root",
          ssh_password: "x",
          ssh_port: 2200,
          vnc_port_min: 5_950,
          vnc_port_max: 5_990,
          ...(index % 3 === 0 ? oldRange : range),
          // Every other port is found before its machine starts. A network of the user's that forwards nothing gets a port like ours.
          qemuargs: index % 2 === 0 ? [["-name", "port-{{ .SSHHostPort }}"]] : [["-netdev", "user,id=user.0,ipv6=off"]],
        },
      );
    const uis = Array.from({ length: MACHINES }, () => new ListeningUi());
    const abort = new AbortController();
    const ends = uis.map((ui, index) => rejects(kit.builder("qemu", optionsOf(index)).run({ ui, signal: abort.signal })));
    const early = ends.map((end) => end.then((error) => Promise.reject(error)));
    await within(240_000, () => Promise.race([Promise.all(uis.map(({ up }) => up)), ...early]));
    const logs = uis.map(({ logged }) => logged.join("\n"));
    const ports = logs.map((log, index) => {
      const all = index % 2 === 0 ? log.matchAll(/-name port-(\d+) /g) : log.matchAll(/port (\d+) of this host leads to port 2200/g);
      return Number([...all].at(-1)?.[1]);
    });
    assert.equal(
      [...ports].sort((a, b) => a - b),
      Array.from({ length: MACHINES }, (_, index) => first + index),
    );
    const screens = uis.map(({ text }) => /connect to vnc:\/\/127\.0\.0\.1:(\d+)/.exec(text)?.[1]);
    assert.is(new Set(screens).size, MACHINES);
    for (const index of [MACHINES, MACHINES + 1]) {
      const full = errorText(await within(240_000, () => rejects(kit.builder("qemu", optionsOf(index)).run())));
      assert.match(full, new RegExp(`no port of this host between ${first} and ${first + MACHINES} is free for reaching the machine`));
      assert.match(full, /host_port_min and host_port_max/, full);
    }
    abort.abort();
    for (const end of await Promise.all(ends)) assert.ok(isCancellation(end));
    assertNothingLeft(folder);
  });
});

qemuTest("networks of the user's that lead nowhere, and ports of theirs that are taken, fail the build at once", async () => {
  await withKit(async (kit, folder) => {
    const port = await freePort();
    const taken = createServer().listen(port, "127.0.0.1");
    await once(taken, "listening");
    const login = { communicator: "ssh", ssh_username: "root", ssh_password: "x", ssh_timeout: "10m" };
    try {
      for (const [netdev, message] of [
        ["socket,id=user.0,udp=127.0.0.1:9,localaddr=127.0.0.1:0", /nothing leads to port 22 of the machine.*"user,id=user\.0".*ssh_host/],
        [
          `user,id=user.0,hostfwd=tcp:127.0.0.1:${port}-:22`,
          new RegExp(`qemuargs forward.* is taken \\(tcp:127\\.0\\.0\\.1:${port}-:22\\)`),
        ],
      ] as const) {
        const options = sectorConfig(folder, {}, { ...login, qemuargs: [["-netdev", netdev]] });
        const text = errorText(await within(240_000, () => rejects(kit.builder("qemu", options).run())));
        assert.match(text, message, text);
        assertNothingLeft(folder);
      }
    } finally {
      taken.close();
    }
  });
});

qemuTest("nothing is forwarded to a machine without a communicator, which is said", async () => {
  await withKit(async (kit, folder) => {
    const { artifact, ui } = await within(240_000, () => kit.builder("qemu", sectorConfig(folder, { powersOff: true })).run());
    assert.ok(ui.said.includes("No port of this host is forwarded: the communicator is none"), ui.text);
    assert.not.match(ui.logged.join("\n"), /hostfwd|leads to port/);
    await artifact?.destroy();
  });
});

const vmTest = lab(test, ...tinyGuestNeeds);

vmTest(
  "with skip_nat_mapping the machine is reached at the port of its communicator, forwarded by the builder or by the user",
  async () => {
    await withKit(async (kit, folder) => {
      const guest = tinyGuest();
      const build = async (name: string, guestPort: number, own: readonly (readonly string[])[]): Promise<void> => {
        // With skip_nat_mapping the port of this host is also that of the communicator; a forward of the user's may lead it elsewhere.
        const port = guestPort === 22 ? await freePort() : guestPort;
        const options = sectorConfig(
          folder,
          {},
          {
            communicator: "ssh",
            ssh_username: guest.username,
            ssh_private_key_file: guest.privateKey,
            ssh_port: port,
            ssh_timeout: "5m",
            shutdown_command: "poweroff",
            skip_nat_mapping: true,
            memory: 256,
            output_directory: name,
            qemuargs: [
              ["-kernel", guest.kernel],
              ["-initrd", guest.initrd],
              ["-append", `console=ttyS0 quiet no_timer_check name=${name} port=${guestPort}`],
              ...own,
            ],
          },
        );
        let line = "";
        const provision = async (context: Parameters<typeof inGuest>[0]): Promise<void> => {
          line = await inGuest(context, "cat /proc/cmdline");
        };
        const { artifact, hooks } = await within(400_000, () => kit.builder("qemu", options).run({ provisioners: [provision] }));
        assert.match(line, new RegExp(`name=${name} `));
        assert.equal([hooks[0]?.data.Host, hooks[0]?.data.Port], ["127.0.0.1", port]);
        await artifact?.destroy();
      };
      await Promise.all([
        build("out-builder", await freePort(), []),
        build("out-user", 22, [["-netdev", "user,id=user.0,hostfwd=tcp:127.0.0.1:{{ .SSHHostPort }}-:22"]]),
      ]);
      assertNothingLeft(folder);
    });
  },
);

test.run();
