// What a Linux guest sees of the options, in as few boots as possible.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { freePort, lab, tinyGuest, tinyGuestNeeds, within } from "@tspack/test-support";
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
        tpm_device_type: "tpm-crb",
        cd_content: { "meta/user-data": "from the CD" },
        cdrom_interface: "virtio-scsi",
        http_content: { "/hello": "from this host" },
        disk_additional_size: ["3M"],
        host_port_min: port,
        host_port_max: port,
        qemuargs: [
          ["-kernel", guest.kernel],
          ["-initrd", guest.initrd],
          [
            "-append",
            "console=ttyS0 quiet name={{ .Name }} http={{ .HTTPIP }}:{{ .HTTPPort }} output={{ .OutputDir }} dir=[{{ .HTTPDir }}]",
          ],
          ["-netdev", "user,id=user.0,hostfwd=tcp:127.0.0.1:{{ .SSHHostPort }}-:22"],
        ],
      },
    );
    const commands = {
      line: "cat /proc/cmdline",
      efi: "ls -d /sys/firmware/efi",
      tpm: "cd /sys/class/tpm/tpm0 && cat tpm_version_major && basename $(readlink device/driver)",
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
      tpm: "2\ntpm_crb",
      cd: "from the CD",
      disk: String((3 * 1024 * 1024) / 512),
      processors: "2",
      hello: "from this host",
    });
    assert.ok(line.includes(`name=tiny http=${String(data.PackerHTTPAddr)} output=out dir=[]`), line);
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

test.run();
