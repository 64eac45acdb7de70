// What a Linux guest sees of the options, in as few boots as possible.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { isCancellation } from "@tspack/core/sdk";
import { freePort, lab, RecordingUi, rejects, tinyGuest, tinyGuestNeeds, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { qemuArtifact } from "../src/artifact.ts";
import { assertNothingLeft, inGuest, sectorConfig, withKit } from "./build-kit.ts";

const efiTest = lab(test, ...tinyGuestNeeds, "swtpm", "linux");

efiTest("EFI, a TPM, a CD of files, HTTP, further disks, and a port that the template puts in place itself", async () => {
  await withKit(async (kit, folder) => {
    const guest = tinyGuest();
    const port = await freePort();
    const seen = new Map<string, string>();
    const options = sectorConfig(
      folder,
      {},
      {
        communicator: "ssh",
        ssh_username: guest.username,
        ssh_password: guest.password,
        ssh_timeout: "5m",
        shutdown_command: "poweroff",
        memory: 384,
        cpu_model: "max",
        cpus: 2,
        efi_boot: true,
        vtpm: true,
        cd_content: { "meta/user-data": "from the CD" },
        cdrom_interface: "virtio-scsi",
        http_content: { "/hello": "from this host" },
        disk_additional_size: ["3M"],
        host_port_min: port,
        host_port_max: port,
        qemuargs: [
          ["-kernel", guest.kernel],
          ["-initrd", guest.initrd],
          ["-append", "console=ttyS0 quiet name={{ .Name }} http={{ .HTTPIP }}:{{ .HTTPPort }} output={{ .OutputDir }}"],
          ["-netdev", "user,id=user.0,hostfwd=tcp:127.0.0.1:{{ .SSHHostPort }}-:22"],
        ],
      },
    );
    const commands = {
      line: "cat /proc/cmdline",
      efi: "ls -d /sys/firmware/efi",
      tpm: "cat /sys/class/tpm/tpm0/tpm_version_major",
      cd: "load-cd && cat /cd/meta/user-data",
      disk: "cat /sys/block/vdb/size",
      processors: "nproc",
      hello: "wget -q -O - http://$(sed 's/.* http=\\([^ ]*\\).*/\\1/' /proc/cmdline)/hello",
    };
    const { artifact, hooks } = await within(400_000, () =>
      kit.builder("qemu", options).run({
        provisioners: [
          async (context) => {
            for (const [name, command] of Object.entries(commands)) seen.set(name, await inGuest(context, command));
          },
        ],
      }),
    );
    const data = hooks[0]?.data ?? {};
    const { line = "", ...rest } = Object.fromEntries(seen);
    assert.equal(rest, {
      efi: "/sys/firmware/efi",
      tpm: "2",
      cd: "from the CD",
      disk: String((3 * 1024 * 1024) / 512),
      processors: "2",
      hello: "from this host",
    });
    assert.ok(line.includes(`name=tiny http=${String(data.PackerHTTPAddr)} output=out`), line);
    assert.is(data.Port, port);
    assert.is(data.ID, "tiny");
    assert.equal(artifact?.files, ["out/efivars.fd", "out/tiny", "out/tiny-1"]);
    const dropped = await qemuArtifact({ directory: "out", workingDirectory: folder, without: ["efivars.fd"], state: {} });
    assert.equal(dropped.files, ["out/tiny", "out/tiny-1"]);
    assert.ok(existsSync(join(folder, "out/efivars.fd")));
    await artifact?.destroy();
    assertNothingLeft(folder);
  });
});

const vmTest = lab(test, "qemu-system-x86_64", "qemu-img", "linux");

vmTest("builds at the same time have ports of their own for SSH and VNC, out of ranges with room for just as many", async () => {
  await withKit(async (kit, folder) => {
    const base = await freePort();
    const uis = [new RecordingUi(), new RecordingUi()];
    const abort = new AbortController();
    // These guests answer nothing: what counts is that both machines run.
    const ends = uis.map((ui, index) => {
      const changes = {
        output_directory: `out-${index}`,
        communicator: "ssh",
        ssh_username: "root",
        ssh_password: "x",
        ssh_port: index === 0 ? 22 : 2200,
        host_port_min: base,
        host_port_max: base + 2,
        vnc_port_min: 5_950,
        vnc_port_max: 5_960,
        // One port is found before its machine starts, the other one afterwards.
        qemuargs: index === 0 ? [["-name", "port-{{ .SSHHostPort }}"]] : [],
      };
      const options = sectorConfig(folder, { says: "up\r\n" }, changes);
      return rejects(kit.builder("qemu", options).run({ ui, signal: abort.signal }));
    });
    let error: Error | undefined;
    for (const end of ends) void end.then((ended) => (error = ended));
    await within(120_000, async () => {
      while (error === undefined && !uis.every(({ logged }) => logged.includes("debug: console: up")))
        await new Promise((resolve) => setImmediate(resolve));
    });
    assert.is(error, undefined);
    const [first, second] = uis.map(({ logged, text }) => [logged.join("\n"), text].join("\n"));
    const early = /-name port-(\d+) /.exec(first ?? "")?.[1];
    const late = /port (\d+) of this host leads to port 2200 of the machine/.exec(second ?? "")?.[1];
    assert.equal([early, late].sort(), [String(base), String(base + 1)]);
    const screens = [first, second].map((text = "") => /connect to vnc:\/\/127\.0\.0\.1:(\d+)/.exec(text)?.[1]);
    assert.ok(screens[0] !== undefined && screens[1] !== undefined && screens[0] !== screens[1], screens.join());
    abort.abort();
    for (const end of await Promise.all(ends)) assert.ok(isCancellation(end));
    assertNothingLeft(folder);
  });
});

test.run();
