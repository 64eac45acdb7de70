// What rows of `qemuargs` take away without the user having asked for it (row QM-123).
import type { Check, Diagnostic } from "@tspack/core/sdk";
import { doubt, problem } from "../finding.ts";
import { usesEfi } from "../firmware/uses-efi.ts";
import { judge } from "../judge.ts";
import type { QemuOptions } from "../options.ts";
import { tpmDevice } from "../tpm/device.ts";
import { machineKind } from "./machine-kind.ts";
import { isReplaced, names } from "./own-switches.ts";

/** Options that do nothing any more, since a row replaces all that the builder would have given a switch. */
export function checkReplaced(check: Check<QemuOptions>): Diagnostic[] {
  return judge(check, [
    (config) => {
      if (!config.vtpm || !isReplaced(config, "-device") || says(config, "tpm")) return [];
      const hint = `Add a row ["-device", "${tpmDevice(config)},tpmdev=tpm0"], or use qemuargs_append for devices of yours.`;
      return [doubt("vtpm", '"vtpm" is true, but the -device rows of qemuargs take the TPM away.', hint)];
    },
    (config) => {
      const { board } = machineKind(config);
      const needsDevice = ["sata", "virtio-scsi", ...(board === "other" ? [] : ["scsi"])].includes(config.disk_interface);
      if (!needsDevice || !isReplaced(config, "-device") || isReplaced(config, "-drive") || says(config, "drive=drive0")) return [];
      const detail = `"disk_interface" is ${JSON.stringify(config.disk_interface)}, but the -device rows of qemuargs take the disk's device away.`;
      return [doubt("disk_interface", detail, "Use qemuargs_append for devices of yours.")];
    },
    (config) => {
      if (config.additional_iso_files.length === 0) return [];
      const isOnDevice = ["sata", "scsi", "virtio-scsi"].includes(config.cdrom_interface ?? "");
      const taking = isReplaced(config, "-drive") ? "-drive" : isOnDevice && isReplaced(config, "-device") ? "-device" : undefined;
      if (taking === undefined) return [];
      const detail = `"additional_iso_files" is given, but the ${taking} rows of qemuargs take its CDs away.`;
      return [doubt("additional_iso_files", detail, `Use qemuargs_append for ${taking === "-drive" ? "drives" : "devices"} of yours.`)];
    },
    (config) => {
      if (!isReplaced(config, "-drive") || !usesEfi(config) || says(config, "pflash")) return [];
      const option = config.efi_firmware_code ? "efi_firmware_code" : config.efi_firmware_vars ? "efi_firmware_vars" : "efi_boot";
      const detail = `The argument ${option} is given, but the -drive rows of qemuargs take the firmware's drives away.`;
      return [doubt(option, detail, "Use qemuargs_append for drives of yours.")];
    },
    (config) => {
      const { boot_command: command = [], boot_steps: steps = [] } = config;
      const taking = ["-serial", "-nographic"].find((name) => names(config, [name]));
      const inSteps = waitsForSerial(steps.map(([text = ""]) => text));
      const option = waitsForSerial(command) ? "boot_command" : inSteps ? "boot_steps" : undefined;
      if (taking === undefined || option === undefined) return [];
      const detail = `"${option}" waits for a text on the serial console, which ${taking} takes away from the builder.`;
      return [problem("TPK3106", option, detail, "Wait for it on the screen, or leave that switch out.")];
    },
  ]);
}

// --- internal ---

function waitsForSerial(texts: readonly string[]): boolean {
  return /<waitSerial\s/i.test(texts.join(""));
}

/** Whether a word of the user's holds the text. */
function says({ qemuargs = [], qemuargs_append = [] }: QemuOptions, text: string): boolean {
  return [...qemuargs.map((row) => row.slice(1).join("")), ...qemuargs_append].some((word) => word.includes(text));
}
