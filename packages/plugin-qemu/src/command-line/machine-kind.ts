// What kind of computer a machine is: its defaults follow from that (rows QM-171, QM-200).
import { basename } from "node:path";
import type { QemuOptions } from "../options.ts";

/**
 * "pc": a PC with PCI, of the types pc and q35. "virt": the board without legacy devices that QEMU has for ARM, RISC-V and LoongArch: no
 * screen, keyboard, IDE or floppy drive unless they are added. "other": QEMU knows best.
 */
export type Board = "pc" | "virt" | "other";

/** What a machine is, as far as its options say it. */
export interface MachineKind {
  /** The processor in QEMU's words, such as `x86_64`. */
  readonly architecture: string;
  /** The machine type without its properties, such as `q35`; undefined where QEMU's own default is taken. */
  readonly type: string | undefined;
  readonly board: Board;
}

/** The kind of machine that these options make. A `-machine` row of the user's counts for more than `machine_type`. */
export function machineKind(config: Pick<QemuOptions, "qemu_binary" | "machine_type" | "qemuargs">): MachineKind {
  const architecture = architectureOf(config.qemu_binary);
  const row = (config.qemuargs ?? []).find(([name = ""]) => /^--?(machine|M)$/.test(name));
  const type = (row === undefined ? undefined : typeIn(row.slice(1).join(""))) ?? machineType(config);
  return { architecture, type: type?.split(",")[0], board: boardOf(architecture, type ?? "") };
}

/** The value of `machine_type`, or the usual type for the processor. Undefined for one that has none. */
export function machineType({ qemu_binary, machine_type }: Pick<QemuOptions, "qemu_binary" | "machine_type">): string | undefined {
  return machine_type ?? usualTypes[architectureOf(qemu_binary)];
}

/** The processor that a QEMU program is for, in QEMU's words. A program of another name, such as `qemu-kvm`, is for this host. */
export function architectureOf(qemu: string): string {
  return architectureInName(qemu) ?? hosts[process.arch] ?? process.arch;
}

/** The processor in the name of a QEMU program, `qemu-system-PROCESSOR`; undefined for a program of another name. */
export function architectureInName(qemu: string): string | undefined {
  // On Windows there are programs with a `w` behind it, which open no console.
  return /^qemu-system-([^-.]+?)w?(?:[-.].*)?$/.exec(basename(qemu))?.[1];
}

/** Whether the guest's processor can be this host's. */
export function isHostArchitecture(architecture: string): boolean {
  const also: { readonly [name: string]: string | undefined } = { i386: "x64", ppc64le: "ppc64" };
  return architecture === hosts[process.arch] || also[architecture] === process.arch;
}

/** Whether the machine has a processor of PCs. */
export function isX86({ architecture }: Pick<MachineKind, "architecture">): boolean {
  return architecture === "x86_64" || architecture === "i386";
}

// --- internal ---

/** Node's names of processors, and QEMU's. */
const hosts: { readonly [name: string]: string | undefined } = {
  x64: "x86_64",
  ia32: "i386",
  arm64: "aarch64",
  arm: "arm",
  ppc64: "ppc64",
  s390x: "s390x",
  riscv64: "riscv64",
  loong64: "loongarch64",
};

const usualTypes: { readonly [architecture: string]: string | undefined } = {
  x86_64: "pc",
  i386: "pc",
  aarch64: "virt",
  arm: "virt",
  riscv64: "virt",
  riscv32: "virt",
  loongarch64: "virt",
  ppc64: "pseries",
  ppc64le: "pseries",
  s390x: "s390-ccw-virtio",
};

/** The type in a value of `-machine`: its first part, or the one called `type`. */
function typeIn(value: string): string | undefined {
  const [first = "", ...rest] = value.split(",");
  return [first, ...rest].find((part) => part.startsWith("type="))?.slice("type=".length) ?? (first.includes("=") ? undefined : first);
}

function boardOf(architecture: string, type: string): Board {
  // Distributions have types of their own, such as pc-q35-rhel9.2.0, virt-rhel9.2.0, and ubuntu for pc.
  const [name = ""] = type.split(/[-,]/);
  if (isX86({ architecture })) return ["pc", "q35", "ubuntu"].includes(name) ? "pc" : "other";
  return name === "virt" ? "virt" : "other";
}
