import { architectureOf } from "../command-line/machine-kind.ts";
import type { QemuOptions } from "../options.ts";

/** The TPM as QEMU's machines of a kind have it (row QM-21): `tpm_device_type`, or the usual one for the processor. */
export function tpmDevice({ tpm_device_type, qemu_binary }: Pick<QemuOptions, "tpm_device_type" | "qemu_binary">): string {
  return tpm_device_type ?? usual[architectureOf(qemu_binary)] ?? "tpm-tis";
}

// --- internal ---

const usual: { readonly [architecture: string]: string | undefined } = {
  aarch64: "tpm-tis-device",
  arm: "tpm-tis-device",
  riscv64: "tpm-tis-device",
  ppc64: "tpm-spapr",
  ppc64le: "tpm-spapr",
};
