// The switches a machine gets unless `qemuargs` says otherwise (rows QM-103 to QM-119).
import { basename } from "node:path";
import { cpuCount } from "./cpu-count.ts";
import { addCds, addDisks, addFlash } from "./drives.ts";
import type { MachinePlan } from "./plan.ts";
import { inOption, type Switches, SwitchList } from "./switches.ts";

/** The id of the network that the builder makes; templates rely on it. */
export const NETWORK = "user.0";

/** The default switches, always in the same order. */
export function defaultSwitches(plan: MachinePlan): Switches {
  const { config, name, accelerator, floppy, efi, vnc, qmpSocket, tpmSocket } = plan;
  const list = new SwitchList();
  list.add("-name", inOption(name));
  list.add("-machine", accelerator === "none" ? `type=${config.machine_type}` : `type=${config.machine_type},accel=${accelerator}`);
  list.add("-m", `${config.memory < 10 ? 512 : config.memory}M`);
  list.add("-smp", cpuCount(config).value);
  list.add("-cpu", config.cpu_model);
  list.add("-vga", config.vga);
  if (config.firmware !== undefined && !config.use_pflash) list.add("-bios", config.firmware);
  // Some machines refuse it, and EFI has an order of its own.
  if (efi === undefined && takesBootOrder(config.qemu_binary)) list.add("-boot", config.disk_image ? "c" : "once=d");
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
    list.add("-device", `${config.tpm_device_type},tpmdev=tpm0`);
  }
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

function takesBootOrder(binary: string): boolean {
  const architecture = /^qemu-system-([^.]+)/.exec(basename(binary))?.[1] ?? "x86_64";
  return ["x86_64", "i386", "ppc", "ppc64", "sparc", "sparc64"].includes(architecture);
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
