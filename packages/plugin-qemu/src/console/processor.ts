// What guests say about a processor that is too old for them, and what is to be done then (row QM-199).
import type { Accelerator } from "../options.ts";

/** The machine's processor, as far as the command line says it. */
export interface Processor {
  /** The value of `-cpu`; undefined where QEMU decides. */
  readonly model: string | undefined;
  /** Undefined where words of the user's choose it. */
  readonly accelerator: Accelerator | undefined;
  /** In QEMU's words, such as `x86_64`. */
  readonly architecture: string;
  /** The model is from a row of `qemuargs`, which counts for more than `cpu_model`. */
  readonly isOwnRow: boolean;
}

/** Whether a line of a guest's says that its processor is too old for it: words of the GNU C library, its loader, and Linux. */
export function isProcessorComplaint(line: string): boolean {
  return /CPU does not support x86-64-v\d|CPU ISA level is lower than required|kernel requires an x86-64 CPU/.test(line);
}

/** What is to be done about such a processor. */
export function processorAdvice({ model, accelerator, architecture, isOwnRow }: Processor): string {
  if (architecture === "i386") return `"qemu-system-i386" has processors of 32 bits: set qemu_binary to "qemu-system-x86_64"`;
  const set = isOwnRow ? 'write another processor into the "-cpu" row of qemuargs:' : "set cpu_model to";
  if (accelerator === undefined) return `${set} "host" where the accelerator is kvm or hvf, else "max"`;
  const best = accelerator === "kvm" || accelerator === "hvf" ? "host" : "max";
  if (model?.split(",")[0] !== best) return `${set} "${best}"`;
  return best === "host"
    ? "this host's own processor is too old: build on a host with a newer one"
    : 'QEMU emulates none that has more: build with kvm or hvf on a host whose processor has it, and cpu_model = "host"';
}
