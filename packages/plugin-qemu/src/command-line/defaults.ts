// The switches a machine gets unless `qemuargs` says otherwise (rows QM-103 to QM-119).
import { tpmDevice } from "../tpm/device.ts";
import { cpuCount } from "./cpu-count.ts";
import { KEYBOARD, SCREEN } from "./devices.ts";
import { addCds, addDisks, addFlash } from "./drives.ts";
import { machineKind, machineType } from "./machine-kind.ts";
import { names } from "./own-switches.ts";
import type { MachinePlan } from "./plan.ts";
import { inOption, type Switches, SwitchList } from "./switches.ts";

/** The id of the network that the builder makes; templates rely on it. */
export const NETWORK = "user.0";

/** The default switches, always in the same order. */
export function defaultSwitches(plan: MachinePlan): Switches {
  const { config, name, floppy, efi, vnc, qmpSocket, tpmSocket } = plan;
  const { architecture, board } = machineKind(config);
  const list = new SwitchList();
  // QEMU would take what stands before "=" for an option's name.
  list.add("-name", `${name.includes("=") ? "guest=" : ""}${inOption(name)}`);
  list.add("-machine", machine(plan));
  list.add("-m", `${config.memory < 10 ? 512 : config.memory}M`);
  list.add("-smp", cpuCount(config).value);
  list.add("-cpu", config.cpu_model || usualProcessor(plan));
  // The board virt has no card that `-vga` chooses: it gets one as a device.
  if (config.vga && board !== "virt") list.add("-vga", config.vga);
  if (config.firmware && !config.use_pflash) list.add("-bios", config.firmware);
  // Some machines refuse it, and EFI has an order of its own.
  if (efi === undefined && takesBootOrder.includes(architecture)) list.add("-boot", config.disk_image ? "c" : "once=d");
  list.add("-fda", floppy);
  if (qmpSocket !== undefined) list.add("-qmp", `unix:${inOption(qmpSocket)},server=on,wait=off`);
  list.add("-netdev", netdev(plan));
  addDisks(list, plan);
  list.add("-device", networkCard(plan));
  addCds(list, plan);
  addFlash(list, plan);
  if (tpmSocket !== undefined) {
    list.add("-chardev", `socket,id=vtpm,path=${inOption(tpmSocket)}`);
    list.add("-tpmdev", "emulator,id=tpm0,chardev=vtpm");
    list.add("-device", `${tpmDevice(config)},tpmdev=tpm0`);
  }
  if (board === "virt") addScreenAndKeyboard(list, plan);
  // QEMU takes the first display that is free: no other program can come between.
  const range = vnc.last > vnc.first ? `,to=${vnc.last}` : "";
  list.add("-vnc", `${vnc.address}:${vnc.first}${range}${vnc.hasPassword ? ",password=on" : ""}`);
  list.add("-display", display(config));
  return list.switches();
}

/** The value of `-device` for the network card. */
export function networkCard(plan: MachinePlan): string {
  const { config, hardwareAddress: mac } = plan;
  // One that the user put behind the card's name counts.
  const own = mac === undefined || /,mac=/.test(config.net_device) ? "" : `,mac=${mac}`;
  return `${config.net_device},netdev=${NETWORK}${own}`;
}

// --- internal ---

/** The processors whose machines have an order to start from; QEMU refuses one elsewhere. */
const takesBootOrder: readonly string[] = ["x86_64", "i386", "ppc", "ppc64", "ppc64le", "sparc", "sparc64"];

function machine({ config, accelerator }: MachinePlan): string | undefined {
  const type = machineType(config);
  const parts = [...(type === undefined ? [] : [`type=${type}`]), ...(accelerator === "none" ? [] : [`accel=${accelerator}`])];
  return parts.length === 0 ? undefined : parts.join(",");
}

/** QEMU's own choice is good but for 64-bit ARM, where it is a processor that cannot run firmware and systems of 64 bits. */
function usualProcessor({ config, accelerator }: MachinePlan): string | undefined {
  const { architecture, board } = machineKind(config);
  if (architecture !== "aarch64" || board !== "virt") return undefined;
  // With words of the user's nobody knows the accelerator; this one suits all.
  if (names(config, ["-machine", "-M", "-accel", "-enable-kvm"])) return "max";
  return accelerator === "kvm" || accelerator === "hvf" ? "host" : "cortex-a72";
}

/** What a PC has by itself, for a board without: a screen for VNC and pictures, and a keyboard for the boot command (row QM-171). */
function addScreenAndKeyboard(list: SwitchList, { config, devices }: MachinePlan): void {
  const has = (name: string): boolean => devices === undefined || devices.has(name);
  if (config.vga !== "none" && has(SCREEN)) list.add("-device", SCREEN);
  if (KEYBOARD.every(has)) for (const device of KEYBOARD) list.add("-device", device);
}

function netdev({ config, forward }: MachinePlan): string {
  if (config.net_bridge !== undefined && config.net_bridge !== "") return `bridge,id=${NETWORK},br=${inOption(config.net_bridge)}`;
  // Only this host may come in (row QM-108).
  const leading = forward === undefined ? "" : `,hostfwd=tcp:127.0.0.1:${forward.hostPort}-:${forward.guestPort}`;
  return `user,id=${NETWORK}${leading}`;
}

function display({ headless, display: wanted, use_default_display }: MachinePlan["config"]): string | undefined {
  if (headless || wanted === "none") return undefined;
  return wanted || (use_default_display ? undefined : "gtk");
}
