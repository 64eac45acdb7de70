// Disks, CDs and firmware on QEMU's command line (rows QM-113 to QM-117).
import { type Board, machineKind } from "./machine-kind.ts";
import { isReplaced } from "./own-switches.ts";
import type { MachinePlan } from "./plan.ts";
import { inOption, type SwitchList } from "./switches.ts";

/** Adds `-drive` and the `-device` of disks. */
export function addDisks(list: SwitchList, { config, disks }: MachinePlan): void {
  const { disk_cache, disk_discard, disk_detect_zeroes, format } = config;
  const bus = busOf(config.disk_interface, machineKind(config).board);
  const zeroes = disk_detect_zeroes === "off" ? "" : `,detect-zeroes=${disk_detect_zeroes}`;
  const rest = `cache=${disk_cache},discard=${disk_discard},format=${format}${zeroes}`;
  if (bus === "virtio-scsi") list.add("-device", SCSI_CONTROLLER);
  // QEMU knows no `if=sata` (row QM-25): a controller does it. It has six ports.
  if (bus === "sata") for (let card = 0; card * AHCI_PORTS < disks.length; card++) list.add("-device", `ahci,id=ahci${card}`);
  for (const [index, path] of disks.entries()) {
    if (bus === "virtio-scsi" || bus === "sata") {
      list.add("-drive", `if=none,file=${inOption(path)},id=drive${index},${rest}`);
      const place = bus === "sata" ? `ide-hd,bus=ahci${Math.floor(index / AHCI_PORTS)}.${index % AHCI_PORTS}` : "scsi-hd,bus=scsi0.0";
      list.add("-device", `${place},drive=drive${index}`);
    } else {
      list.add("-drive", `file=${inOption(path)},if=${bus},${rest}`);
    }
  }
}

/** Adds the `-device` and `-drive` of CDs, in the order of the plan. QEMU lets nobody write to them. */
export function addCds(list: SwitchList, plan: MachinePlan): void {
  const { config, disks, cds } = plan;
  if (cds.length === 0) return;
  const diskBus = busOf(config.disk_interface, machineKind(config).board);
  const bus = cdBus(plan);
  const taken = diskBus === "sata" ? Math.ceil(disks.length / AHCI_PORTS) : 0;
  if (bus === "sata") for (let card = 0; card * AHCI_PORTS < cds.length; card++) list.add("-device", `ahci,id=ahci${taken + card}`);
  if (bus === "virtio-scsi" && diskBus !== "virtio-scsi") list.add("-device", SCSI_CONTROLLER);
  // Units of one bus are counted through disks and CDs: QEMU refuses two of one number (row QM-117).
  const first = bus === diskBus ? disks.length : 0;
  for (const [index, path] of cds.entries()) {
    const file = `file=${inOption(path)}`;
    if (bus === undefined) {
      list.add("-drive", `${file},media=cdrom`);
    } else if (bus === "virtio-scsi") {
      list.add("-drive", `${file},if=none,id=cdrom${index},media=cdrom`);
      list.add("-device", `scsi-cd,bus=scsi0.0,drive=cdrom${index}`);
    } else if (bus === "sata") {
      list.add("-drive", `${file},if=none,id=cdrom${index},media=cdrom`);
      list.add("-device", `ide-cd,bus=ahci${taken + Math.floor(index / AHCI_PORTS)}.${index % AHCI_PORTS},drive=cdrom${index}`);
    } else {
      list.add("-drive", `${file},if=${bus},index=${first + index},id=cdrom${index},media=cdrom`);
    }
  }
}

/** Adds the `-drive` of firmware in flash memory. */
export function addFlash(list: SwitchList, { config, efi }: MachinePlan): void {
  const { firmware, use_pflash } = config;
  if (firmware && use_pflash) list.add("-drive", `if=pflash,format=raw,readonly=on,file=${inOption(firmware)}`);
  if (efi === undefined) return;
  list.add("-drive", `if=pflash,unit=0,format=${efi.code.format},readonly=on,file=${inOption(efi.code.path)}`);
  list.add("-drive", `if=pflash,unit=1,format=${efi.vars.format},file=${inOption(efi.vars.path)}`);
}

// --- internal ---

const SCSI_CONTROLLER = "virtio-scsi-pci,id=scsi0";
const AHCI_PORTS = 6;

/** The bus that an interface means. PCs and the board virt have no SCSI of their own, and QEMU refuses it: a controller does it (row QM-25). */
function busOf(name: string, board: Board): string {
  return name === "scsi" && board !== "other" ? "virtio-scsi" : name;
}

/** The bus for CDs; undefined leaves it to QEMU. On the board virt that would be a read-only disk, which installers do not look for. */
function cdBus({ config, devices }: MachinePlan): string | undefined {
  const { board } = machineKind(config);
  if (config.cdrom_interface) return busOf(config.cdrom_interface, board);
  // With `-device` rows of the user's a drive of ours that needs a device would be lost.
  const isOurs = board === "virt" && !isReplaced(config, "-device");
  return isOurs && (devices === undefined || devices.has("virtio-scsi-pci")) ? "virtio-scsi" : undefined;
}
