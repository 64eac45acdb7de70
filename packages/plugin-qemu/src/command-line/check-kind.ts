// Options that a machine of this kind cannot have: QEMU would refuse them when the build runs (rows QM-25, QM-26, QM-171).
import type { Check, Diagnostic } from "@tspack/core/sdk";
import { doubt, problem } from "../finding.ts";
import { judge, type Rule } from "../judge.ts";
import type { QemuOptions } from "../options.ts";
import { type Board, type MachineKind, machineKind } from "./machine-kind.ts";
import { isReplaced, names } from "./own-switches.ts";

/** What is wrong or doubtful about options, for a machine of their kind. Of machine types that are not known nothing is said. */
export function checkKind(check: Check<QemuOptions>): Diagnostic[] {
  return judge(check, [
    ...(["disk_interface", "cdrom_interface"] as const).map(
      (option): Rule =>
        (config) => {
          const { [option]: name = "" } = config;
          const { board, type = "" } = machineKind(config);
          if (!missing[board].includes(name) || isReplaced(config, "-drive")) return [];
          if (option === "cdrom_interface" && config.disk_image && countCds(config) === 0) return [];
          const detail = `"${option}" is ${JSON.stringify(name)}, which machines of the type ${type} do not have: QEMU refuses it.`;
          return [problem("TPK3105", option, detail, advice[option])];
        },
    ),
    (config) => (isReplaced(config, "-drive") ? [] : checkIdePlaces(config, machineKind(config))),
    (config) => {
      const options = ["floppy_files", "floppy_dirs", "floppy_content"] as const;
      const floppy = options.find((option) => Object.keys(config[option] ?? {}).length > 0);
      const { board, type = "" } = machineKind(config);
      if (floppy === undefined || board !== "virt" || isReplaced(config, "-fda")) return [];
      const detail = `"${floppy}" is given, but machines of the type ${type} have no floppy drive.`;
      return [problem("TPK3106", floppy, detail, "Put the files on a CD, with cd_files and cd_content.")];
    },
    (config) => {
      const { board, type = "" } = machineKind(config);
      if (!config.vga || board !== "virt" || ["none", "virtio"].includes(config.vga)) return [];
      const detail = `"vga" is ${JSON.stringify(config.vga)}, but machines of the type ${type} have "virtio" or "none": it is "virtio".`;
      return [doubt("vga", detail)];
    },
  ]);
}

// --- internal ---

/** What more CDs than the machine has IDE places for are refused with; without them Packer's users get QEMU's own words. */
function checkIdePlaces(config: QemuOptions, { board, type = "" }: MachineKind): Diagnostic[] {
  if (board !== "pc" || config.additional_iso_files.length === 0 || (config.cdrom_interface || "ide") !== "ide") return [];
  // QEMU gives places out in order, and an image of the user's own `-cdrom` is the third.
  const places = names(config, ["-cdrom", "-hdc"]) ? 2 : /(^|-)q35(-|$)/.test(type) ? 6 : 4;
  const disks = config.disk_interface === "ide" ? 1 + (config.disk_additional_size ?? []).length : 0;
  const wanted = disks + countCds(config);
  if (wanted <= places) return [];
  const drives = disks === 0 ? `${wanted} CDs` : `${wanted} CDs and disks`;
  const detail = `With "additional_iso_files" there are ${drives} to attach by IDE, which has ${places} places here.`;
  return [problem("TPK3106", "additional_iso_files", detail, 'Set cdrom_interface to "sata" or "virtio-scsi".')];
}

/** How many CDs the builder attaches. */
function countCds({ disk_image, cd_files, cd_content, additional_iso_files }: QemuOptions): number {
  const hasFiles = (cd_files ?? []).length > 0 || Object.keys(cd_content ?? {}).length > 0;
  return (disk_image ? 0 : 1) + (hasFiles ? 1 : 0) + additional_iso_files.length;
}

/** Interfaces that QEMU has, but not on such a board. */
const missing: { readonly [board in Board]: readonly string[] } = { pc: ["sd"], virt: ["sd", "ide"], other: [] };

const advice = {
  disk_interface: 'Use "virtio" or "virtio-scsi", or "sata" for a guest without their drivers.',
  cdrom_interface: 'Leave it out, or use "virtio-scsi" or "sata".',
};
