// What a Linux guest sees of each kind of TPM (rows QM-18, QM-20, QM-21, QM-206).
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errorText } from "@tspack/core/sdk";
import { lab, RecordingUi, rejects, tinyGuest, tinyGuestNeeds, within } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { assertNothingLeft, inGuest, type Options, processesWith, sectorConfig, withKit } from "./build-kit.ts";

const tpmTest = lab(test, ...tinyGuestNeeds, "swtpm", "linux");

/** A guest that starts from its kernel, over SSH. */
function guestConfig(folder: string, changes: Options): Options {
  const guest = tinyGuest();
  const base = {
    communicator: "ssh",
    ssh_username: guest.username,
    ssh_password: guest.password,
    ssh_timeout: "5m",
    shutdown_command: "poweroff",
    memory: 256,
    vtpm: true,
    qemuargs: [
      ["-kernel", guest.kernel],
      ["-initrd", guest.initrd],
      ["-append", "console=ttyS0 quiet no_timer_check"],
    ],
  };
  return sectorConfig(folder, {}, { ...base, ...changes });
}

tpmTest("TPM 1.2 with EFI, whose variables are left out of the artifact, and whose state is kept in it", async () => {
  await withKit(async (kit, folder) => {
    let seen = "";
    const options = guestConfig(folder, {
      efi_boot: true,
      efi_drop_efivars: true,
      use_tpm1: true,
      tpm_state_directory: "out/tpm",
      cpu_model: "max",
    });
    const { artifact } = await within(400_000, () =>
      kit.builder("qemu", options).run({
        provisioners: [
          async (context) => {
            const look = "cd /sys/class/tpm/tpm0 && cat tpm_version_major && basename $(readlink device/driver)";
            seen = await inGuest(context, `${look} && ls -d /sys/firmware/efi`);
          },
        ],
      }),
    );
    assert.is(seen, "1\ntpm_tis\n/sys/firmware/efi");
    assert.equal(artifact?.files, ["out/tiny", "out/tpm/tpm-00.permall"]);
    assert.ok(existsSync(join(folder, "out/efivars.fd")));
    assert.is(statSync(join(folder, "out/tpm/tpm-00.permall")).mode & 0o777, 0o600);
    await artifact?.destroy();
    assertNothingLeft(folder);
  });
});

const swtpmTest = lab(test, "qemu-system-x86_64", "qemu-img", "swtpm", "linux");

swtpmTest("a TPM starts with the state that is kept, and a build that fails leaves that alone", async () => {
  await withKit(async (kit, folder) => {
    const state = join(folder, "keys/tpm2-00.permall");
    const build = (options: Options) =>
      within(240_000, () =>
        kit.builder("qemu", sectorConfig(folder, { powersOff: true }, { vtpm: true, tpm_state_directory: "keys", ...options })).run(),
      );
    const first = await build({ output_directory: "out-1" });
    assert.match(first.ui.text, /Keeping the state of the TPM in keys/);
    assert.not.match(first.ui.text, /error: /);
    assert.equal(readdirSync(join(folder, "keys")), ["tpm2-00.permall"]);
    const kept = readFileSync(state);

    await build({ output_directory: "out-2" });
    // Counters of starts have moved. A new TPM would have other seeds, of many random bytes.
    const next = readFileSync(state);
    const differences = next.filter((byte, index) => byte !== kept[index]).length;
    assert.is(next.length, kept.length);
    assert.ok(differences > 0 && differences < 16, `${differences} bytes differ`);

    const broken = kept.subarray(0, 600);
    writeFileSync(state, broken);
    const error = await rejects(build({ output_directory: "out-3" }));
    assert.match(errorText(error), /QEMU did not start: .*tpm-emulator.*what is in tpm_state_directory may be damaged/);
    assert.equal(readFileSync(state), broken);
    await first.artifact?.destroy();
  });
});

/** Answers what is asked, in this order. */
class AnsweringUi extends RecordingUi {
  readonly #answers: (() => string)[];

  constructor(...answers: (() => string)[]) {
    super();
    this.#answers = answers;
  }

  override async ask(): Promise<string> {
    return this.#answers.shift()?.() ?? "c";
  }
}

swtpmTest("a machine whose start is tried again gets a TPM again, and its errors are told once", async () => {
  const retried = { packer: { packer_on_error: "ask" } } as const;
  await withKit(async (kit, folder) => {
    const ui = new AnsweringUi(() => {
      writeFileSync(join(folder, "missing"), "");
      return "r";
    });
    // QEMU ends behind the TPM's start, and so does the TPM.
    const qemuargs_append = ["-device", "loader,addr=0x10000,force-raw=on,file=missing"];
    const options = sectorConfig(folder, { powersOff: true }, { vtpm: true, qemuargs_append });
    const { artifact } = await within(240_000, () => kit.builder("qemu", options).run({ ui }));
    assert.is([...ui.text.matchAll(/QEMU did not start/g)].length, 1, ui.text);
    await artifact?.destroy();
    assertNothingLeft(folder);
  }, retried);
});

swtpmTest("a TPM that dies while the machine runs is told about", async () => {
  await withKit(async (kit, folder) => {
    const ui = new RecordingUi();
    const abort = new AbortController();
    const options = sectorConfig(folder, { says: "up\r\n" }, { vtpm: true });
    const cancelled = rejects(kit.builder("qemu", options).run({ ui, signal: abort.signal }));
    const until = (isThere: () => boolean): Promise<void> =>
      within(240_000, async () => {
        while (!isThere()) await new Promise((resolve) => setImmediate(resolve));
      });
    await until(() => ui.logged.includes("debug: console: up"));
    const pid = processesWith(folder).find((id) => readFileSync(`/proc/${id}/comm`, "utf8").startsWith("swtpm"));
    process.kill(Number(pid), "SIGTERM");
    await until(() => ui.text.includes("error: The TPM of the machine has ended: "));
    abort.abort();
    await cancelled;
    assertNothingLeft(folder);
  });
});

test.run();
