// What the user's own words on the command line mean for the defaults.
import type { QemuOptions } from "../options.ts";

type Words = Pick<QemuOptions, "qemuargs" | "qemuargs_append">;

/** Whether a row of `qemuargs` names the switch, and so takes the place of what the builder would have given it. */
export function isReplaced({ qemuargs = [] }: Words, name: string): boolean {
  return qemuargs.some((row) => row[0] === name);
}

/** Whether a word of the user's is one of these switches. Two dashes are as good as one for QEMU. */
export function names({ qemuargs = [], qemuargs_append = [] }: Words, switches: readonly string[]): boolean {
  return [...qemuargs.map(([name = ""]) => name), ...qemuargs_append].some((word) => switches.includes(word.replace(/^--/, "-")));
}

/** Whether the user brings what the machine starts from: firmware, a kernel, or drives in place of all of the builder's. */
export function bringsFirmware(config: Words): boolean {
  const hasFlash = (config.qemuargs_append ?? []).some((word) => /(^|,)if=pflash(,|$)/.test(word));
  return hasFlash || isReplaced(config, "-drive") || names(config, ["-bios", "-pflash", "-kernel", "-readconfig"]);
}
