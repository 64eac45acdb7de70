// Options that a machine of this kind cannot have: QEMU would refuse them when the build runs (rows QM-25, QM-26, QM-171).
import type { Check, Diagnostic } from "@tspack/core/sdk";
import { doubt, problem } from "../finding.ts";
import type { QemuOptions } from "../options.ts";
import { type Board, machineKind } from "./machine-kind.ts";
import { isReplaced } from "./own-switches.ts";

/** What is wrong or doubtful about options, for a machine of their kind. Of machine types that are not known nothing is said. */
export function checkKind({ config, isUnknown }: Check<QemuOptions>): Diagnostic[] {
  if ((["qemu_binary", "machine_type", "qemuargs"] as const).some((option) => isUnknown(option))) return [];
  const { board, type = "" } = machineKind(config);
  const found: Diagnostic[] = [];
  if (!isReplaced(config, "-drive")) {
    const hasCd = !config.disk_image || (config.cd_files ?? []).length > 0 || Object.keys(config.cd_content ?? {}).length > 0;
    for (const option of hasCd ? (["disk_interface", "cdrom_interface"] as const) : (["disk_interface"] as const)) {
      const name = config[option] ?? "";
      if (isUnknown(option) || !missing[board].includes(name)) continue;
      const detail = `"${option}" is ${JSON.stringify(name)}, which machines of the type ${type} do not have: QEMU refuses it.`;
      found.push(problem("TPK3105", option, detail, advice[option]));
    }
  }
  if (board !== "virt") return found;
  const floppy = (["floppy_files", "floppy_dirs", "floppy_content"] as const).find(
    (option) => Object.keys(config[option] ?? {}).length > 0,
  );
  if (floppy !== undefined && !isReplaced(config, "-fda")) {
    const detail = `"${floppy}" is given, but machines of the type ${type} have no floppy drive.`;
    found.push(problem("TPK3106", floppy, detail, "Put the files on a CD, with cd_files and cd_content."));
  }
  if (config.vga && !["none", "virtio"].includes(config.vga)) {
    found.push(
      doubt("vga", `"vga" is ${JSON.stringify(config.vga)}, but machines of the type ${type} have "virtio" or "none": it is "virtio".`),
    );
  }
  return found;
}

// --- internal ---

/** Interfaces that QEMU has, but not on such a board. */
const missing: { readonly [board in Board]: readonly string[] } = { pc: ["sd"], virt: ["sd", "ide"], other: [] };

const advice = {
  disk_interface: 'Use "virtio" or "virtio-scsi", or "sata" for a guest without their drivers.',
  cdrom_interface: 'Leave it out, or use "virtio-scsi" or "sata".',
};
