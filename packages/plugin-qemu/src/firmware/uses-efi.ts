import { machineKind } from "../command-line/machine-kind.ts";
import { bringsFirmware } from "../command-line/own-switches.ts";
import type { QemuOptions } from "../options.ts";

/** The options that decide whether there is EFI. */
type EfiOptions = Pick<
  QemuOptions,
  "efi_boot" | "efi_firmware_code" | "efi_firmware_vars" | "firmware" | "qemu_binary" | "machine_type" | "qemuargs" | "qemuargs_append"
>;

/**
 * Whether the machine starts with EFI (row QM-15). A 64-bit ARM machine knows no other way (row QM-200), so it does unless the user brings
 * what it starts from, or says no.
 */
export function usesEfi(config: EfiOptions): boolean {
  if (config.efi_boot || config.efi_firmware_code || config.efi_firmware_vars) return true;
  if (config.efi_boot === false || config.firmware) return false;
  const { architecture, board } = machineKind(config);
  return architecture === "aarch64" && board === "virt" && !bringsFirmware(config);
}
