// What a build needs of this host besides QEMU, looked for before it starts (rows QM-16, QM-78, QM-83). Only where QEMU is there: a
// machine without it is not the one that builds, though programs may well be validated on it.
import { BuildError, type Check, type Diagnostic } from "@tspack/core/sdk";
import { machineKind } from "./command-line/machine-kind.ts";
import { type Option, problem } from "./finding.ts";
import { firmwareTroubles } from "./firmware/find-firmware.ts";
import { usesEfi } from "./firmware/uses-efi.ts";
import { requireInterface } from "./network/interface-address.ts";
import type { QemuOptions } from "./options.ts";
import { findQemu } from "./place.ts";
import { requireSwtpm } from "./tpm/swtpm.ts";

/** What is missing on this host, at the option that needs it. */
export async function checkHost(check: Check<QemuOptions>): Promise<Diagnostic[]> {
  const { config, run, isUnknown } = check;
  if (isUnknown("qemu_binary") || findQemu(config, run) === undefined) return [];
  const needs: readonly (readonly [option: Option, isThere: () => unknown])[] = [
    ["vtpm", () => config.vtpm && requireSwtpm(run)],
    ["net_bridge", () => config.net_bridge && process.platform === "linux" && requireInterface(config.net_bridge)],
  ];
  const troubles = needs.map(([option, isThere]) => (isUnknown(option) ? [] : told(option, async () => isThere())));
  return [...(await firmware(check)), ...(await Promise.all(troubles)).flat()];
}

// --- internal ---

async function told(option: Option, work: () => Promise<unknown>): Promise<Diagnostic[]> {
  try {
    await work();
    return [];
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    return [diagnosticOf(error, option)];
  }
}

function diagnosticOf({ message, hint, code }: BuildError, option: Option): Diagnostic {
  const next = hint === undefined ? undefined : `${hint.charAt(0).toUpperCase()}${hint.slice(1)}.`;
  return problem(code, option, `The argument ${option} is given, but ${message}.`, next);
}

/** What decides whether there is EFI, and for which machine. */
const decisive = ["efi_boot", "efi_firmware_code", "efi_firmware_vars", "firmware", "machine_type", "qemuargs", "qemuargs_append"] as const;

async function firmware({ config, run, isUnknown }: Check<QemuOptions>): Promise<Diagnostic[]> {
  if (decisive.some((option) => isUnknown(option)) || !usesEfi(config)) return [];
  const { efi_firmware_code: code, efi_firmware_vars: vars } = config;
  const { workingDirectory, environment } = run;
  const troubles = await firmwareTroubles({ code, vars, machine: machineKind(config), workingDirectory, environment });
  // What is looked for belongs to the option that asks for EFI.
  const asking = config.efi_boot ? "efi_boot" : code ? "efi_firmware_code" : vars ? "efi_firmware_vars" : "qemu_binary";
  return troubles.map((error) => diagnosticOf(error, error.code === "TPK3107" && isNamed(error.option) ? error.option : asking));
}

function isNamed(option: string | undefined): option is "efi_firmware_code" | "efi_firmware_vars" {
  return option === "efi_firmware_code" || option === "efi_firmware_vars";
}
