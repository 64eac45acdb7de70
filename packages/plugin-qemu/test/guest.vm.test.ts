// What a Linux guest sees of the options, in as few boots as possible.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errorText } from "@tspack/core/sdk";
import { freePort, lab, rejects, tinyGuest, tinyGuestNeeds, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { qemuArtifact } from "../src/artifact.ts";
import { assertNothingLeft, inGuest, sectorConfig, whenItShows, withKit } from "./build-kit.ts";

/** The words that print a file of one of the CDs. The kernel may be looking for drives yet when `load-cd` has found the first one. */
function onCd(path: string): string {
  const mount = "umount /mnt 2>/dev/null; mount -t iso9660 -o ro $drive /mnt 2>/dev/null";
  const look = `for drive in /dev/sr?; do ${mount}; [ -e /mnt/${path} ] && break 2; done`;
  return `n=0; while [ $n -lt 200 ]; do ${look}; sleep 0.1; n=$((n + 1)); done; cat /mnt/${path}`;
}

const efiTest = lab(test, ...tinyGuestNeeds, "swtpm", "linux");

efiTest("EFI, a TPM, a CD of files, HTTP, further disks, and a port that the template puts in place itself", async () => {
  await withKit(async (kit, folder) => {
    const guest = tinyGuest();
    const port = await freePort();
    const drivers = join(folder, "drivers.iso");
    mkdirSync(join(folder, "drivers"));
    writeFileSync(join(folder, "drivers", "netkvm.inf"), "a driver");
    execFileSync("genisoimage", ["-quiet", "-r", "-o", drivers, join(folder, "drivers")], {
      stdio: ["ignore", "ignore", "pipe"],
    });
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
        additional_iso_files: [
          { iso_url: drivers, iso_checksum: `sha256:${createHash("sha256").update(readFileSync(drivers)).digest("hex")}` },
        ],
        http_content: { "/hello": "from this host" },
        disk_additional_size: ["3M"],
        host_port_min: port,
        host_port_max: port,
        qemuargs: [
          ["-kernel", guest.kernel],
          ["-initrd", guest.initrd],
          [
            "-append",
            "console=ttyS0 quiet no_timer_check name={{ .Name }} http={{ .HTTPIP }}:{{ .HTTPPort }} output={{ .OutputDir }} dir=[{{ .HTTPDir }}]",
          ],
          ["-netdev", "user,id=user.0,hostfwd=tcp:127.0.0.1:{{ .SSHHostPort }}-:22"],
        ],
      },
    );
    const commands = {
      line: "cat /proc/cmdline",
      efi: "ls -d /sys/firmware/efi",
      tpm: "cd /sys/class/tpm/tpm0 && cat tpm_version_major && basename $(readlink device/driver)",
      cd: `load-cd && { ${onCd("meta/user-data")}; }`,
      drivers: onCd("netkvm.inf"),
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
      drivers: "a driver",
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

lab(test, ...tinyGuestNeeds)(
  "a system that needs a newer processor is told apart from one that does not answer, with the option to set",
  async () => {
    await withKit(async (kit, folder) => {
      const guest = tinyGuest();
      const options = {
        communicator: "ssh",
        ssh_username: guest.username,
        ssh_password: guest.password,
        ssh_timeout: "1s",
        memory: 256,
        cpu_model: "qemu32",
        qemuargs: [["-kernel", guest.kernel]],
        ...whenItShows("requires an x86-64 CPU"),
      };
      const error = await within(240_000, () => rejects(kit.builder("qemu", sectorConfig(folder, {}, options)).run()));
      const text = errorText(error);
      assert.match(
        text,
        /^no SSH connection .*\. The machine's processor is too old for its system, which said "This kernel requires an x86-64 CPU, .*"\. Set cpu_model to "max"\./,
        text,
      );
      assertNothingLeft(folder);
    });
  },
);

test.run();
