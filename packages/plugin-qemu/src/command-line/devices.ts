// What machines of the board virt are given, and whether this QEMU has it: distributions leave devices out, or ship them as packages.
import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** The screen of a machine that has none by itself. */
export const SCREEN = "virtio-gpu-pci";

/** The keyboard of a machine that has none by itself, behind its controller. */
export const KEYBOARD: readonly string[] = ["qemu-xhci", "usb-kbd"];

export interface AvailableDevicesOptions {
  /** Path of the QEMU program. */
  readonly qemu: string;
  readonly env: { readonly [name: string]: string | undefined };
  readonly signal: AbortSignal;
}

/** The devices that a QEMU program has, by name and alias. Undefined when it does not tell; what is wrong with it shows at the start. */
export async function availableDevices({ qemu, env, signal }: AvailableDevicesOptions): Promise<ReadonlySet<string> | undefined> {
  try {
    const { stdout } = await promisify(execFile)(qemu, ["-device", "help"], { env: { ...env }, signal, timeout: LIMIT_MS });
    const names = [...stdout.matchAll(/\b(?:name|alias) "([^"]+)"/g)].map(([, name = ""]) => name);
    return names.length === 0 ? undefined : new Set(names);
  } catch {
    return undefined;
  }
}

// --- internal ---

const LIMIT_MS = 30_000;
