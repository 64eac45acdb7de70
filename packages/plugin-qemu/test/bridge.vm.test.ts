// Machines on a bridge (rows QM-51, QM-83, QM-131 to QM-135, QM-203), in a network that is not this machine's.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { errorText } from "@tspack/core/sdk";
import type { PluginTest } from "@tspack/core/sdk/testing";
import { agentGuestNeeds, lab, type RecordingUi, rejects, tinyGuest, tinyGuestNeeds, within, writeAgentInitrd } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { allowBridge, connectBridge, furnishRoom, ip, isInRoom, makeBridge, runInRoom } from "./bridge-room.ts";
import { assertNothingLeft, inGuest, type Options, sectorConfig, whenItShows, withKit } from "./build-kit.ts";

/** A hardware address that the user chose, known to this host by an address of long ago. */
const OWN_CARD = "52:54:00:aa:bb:cc";

/** The options of a build on the bridge `br0`, whose guest has an address, fetches a file at once and has SSH on a port. */
function bridgedConfig(folder: string, address: string, port: number, changes: Options): Options {
  const guest = tinyGuest();
  return sectorConfig(
    folder,
    {},
    {
      communicator: "ssh",
      ssh_username: guest.username,
      ssh_private_key_file: guest.privateKey,
      ssh_port: port,
      ssh_timeout: "5m",
      shutdown_command: "poweroff",
      memory: 256,
      net_bridge: "br0",
      http_content: { "/hello": `to ${address}` },
      qemuargs: [
        ["-kernel", guest.kernel],
        ["-initrd", guest.initrd],
        [
          "-append",
          `console=ttyS0 quiet no_timer_check address=${address}/24 gateway=10.9.0.1 port=${port} fetch=http://{{ .HTTPIP }}:{{ .HTTPPort }}/hello`,
        ],
      ],
      ...changes,
    },
  );
}

function roomTests(): void {
  furnishRoom();
  makeBridge("br0", "10.9.0.1/24");

  test("the helper that refuses a bridge is quoted, with what allows it", async () => {
    await withKit(async (kit, folder) => {
      const text = await failureOf(kit, sectorConfig(folder, {}, { net_bridge: "br0" }));
      assert.match(text, /the machine cannot be connected to the bridge br0: QEMU did not start: access denied by acl file/, text);
      assert.match(text, /bridge helper failed.*bridge\.conf in \/etc\/qemu needs the line "allow br0"/, text);
      assertNothingLeft(folder);
    });
    allowBridge("all");
  });

  test("a user whose bridge helper has no rights is told how it gets them", async () => {
    await withKit(async (kit, folder) => {
      const program = join(folder, "qemu-system-x86_64");
      const words = "setpriv --reuid 61234 --regid 61234 --clear-groups qemu-system-x86_64";
      writeFileSync(program, `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 });
      // That user may not read the disk.
      const options = sectorConfig(folder, {}, { net_bridge: "br0", qemu_binary: program, qemuargs: [["-drive"]] });
      const text = await failureOf(kit, options);
      assert.match(text, /failed to create tun device: Operation not permitted.*bridge helper failed.*chmod u\+s/, text);
      assertNothingLeft(folder);
    });
  });

  test("machines side by side are found on a bridge, and reached at the ports that were set", async () => {
    connectBridge("br0");
    ip("neighbour", "add", "10.9.0.77", "lladdr", OWN_CARD, "dev", "br0", "nud", "stale");
    await withKit(async (kit, folder) => {
      const builds = [
        { address: "10.9.0.11", port: 22, changes: {} },
        { address: "10.9.0.12", port: 2200, changes: { output_directory: "out-2" } },
        { address: "10.9.0.13", port: 22, changes: { output_directory: "out-3", net_device: `virtio-net,mac=${OWN_CARD}` } },
      ].map(async ({ address, port, changes }) => {
        let seen = "";
        const { artifact, hooks, ui } = await kit.builder("qemu", bridgedConfig(folder, address, port, changes)).run({
          provisioners: [
            async (context) => {
              seen = await inGuest(context, "cat /sys/class/net/eth0/address /run/fetched");
            },
          ],
        });
        const [mac = "", fetched] = seen.split("\n");
        const data = hooks[0]?.data ?? {};
        assert.is(fetched, `to ${address}`);
        assert.is(data.Host, address);
        assert.is(data.Port, port);
        assert.is(data.PackerHTTPIP, "10.9.0.1");
        assertSays(ui, `Waiting for the machine ${mac} to have an address on br0...`);
        assertSays(ui, "No port of this host is forwarded: the machine is on the bridge br0");
        await artifact?.destroy();
        return { mac, ui };
      });
      const [first, second, third] = await within(400_000, () => Promise.all(builds));
      assert.ok(first !== undefined && second !== undefined && third !== undefined);
      for (const { mac } of [first, second]) assert.match(mac, /^52:54:00:/);
      assert.is.not(first.mac, second.mac);
      assert.is(third.mac, OWN_CARD);
      // What this host remembers of a card is tried, and given up for what it learns.
      assertSays(third.ui, "The machine has the address 10.9.0.77");
      assertNothingLeft(folder);
    });
  });

  test("a guest that says nothing to this host is found by its agent", async () => {
    await withKit(async (kit, folder) => {
      const guest = tinyGuest();
      const initrd = join(folder, "initrd");
      writeAgentInitrd(initrd);
      const options = bridgedConfig(folder, "10.9.0.21", 22, {
        guest_agent: true,
        http_content: {},
        memory: 384,
        qemuargs: [
          ["-kernel", guest.kernel],
          ["-initrd", initrd],
          ["-append", "console=ttyS0 quiet no_timer_check address=10.9.0.21/24"],
        ],
      });
      const { artifact, hooks, ui } = await within(400_000, () => kit.builder("qemu", options).run());
      assertSays(ui, "The machine has the address 10.9.0.21");
      assert.is(hooks[0]?.data.Host, "10.9.0.21");
      await artifact?.destroy();
      assertNothingLeft(folder);
    });
  });

  test("a guest that nobody hears of fails the build after its time, with what can be done", async () => {
    await withKit(async (kit, folder) => {
      for (const login of [
        { communicator: "ssh", ssh_username: "root", ssh_password: "x", ssh_timeout: "2s" },
        { communicator: "winrm", winrm_username: "x", winrm_password: "x", winrm_timeout: "2s" },
      ]) {
        const options = { net_bridge: "br0", ...login, ...whenItShows("no network") };
        const text = await failureOf(kit, sectorConfig(folder, { says: "no network\r\n" }, options));
        assert.match(text, /the machine had no address on br0 after 2 seconds/, text);
        assert.match(text, new RegExp(`${login.communicator}_host`), text);
        assert.match(text, /console said last:\n {4}no network\n/, text);
        assertNothingLeft(folder);
      }
    });
  });

  test("interfaces that no machine can be connected to are told apart", async () => {
    makeBridge("br1");
    ip("address", "add", "10.8.0.1/24", "dev", "br0-out");
    ip("link", "add", "br2", "type", "bridge");
    await withKit(async (kit, folder) => {
      for (const [name, ...messages] of [
        ["nowhere", /there is no network interface "nowhere" on this host.*ip link add nowhere type bridge/],
        ["br1", /the bridge br1 has no IPv4 address/, /ip address add ADDRESS\/BITS dev br1/],
        ["br2", /the bridge br2 has no IPv4 address/],
        ["br0-out", /the machine cannot be connected to the bridge br0-out: .*not supported.*[Cc]hoose an interface that is a bridge/],
      ] as const) {
        const text = await failureOf(kit, sectorConfig(folder, {}, { net_bridge: name }));
        for (const message of messages) assert.match(text, message, `${name}: ${text}`);
        assertNothingLeft(folder);
      }
    });
  });
}

/** The text of the error that a build ends with. */
async function failureOf(kit: PluginTest, options: Options): Promise<string> {
  return errorText(await within(240_000, () => rejects(kit.builder("qemu", options).run())));
}

function assertSays(ui: RecordingUi, text: string): void {
  assert.ok(ui.said.includes(text), ui.text);
}

if (isInRoom) roomTests();
else
  lab(
    test,
    ...tinyGuestNeeds,
    ...agentGuestNeeds,
    "bridges",
  )("builds on bridges, in a network of their own", () => runInRoom(import.meta.url));

test.run();
