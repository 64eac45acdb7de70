// Refusals of options about the TPM, before a build starts (rows QM-19 to QM-21).
import type { Check, Diagnostic } from "@tspack/core/sdk";
import { machineKind } from "../command-line/machine-kind.ts";
import { isReplaced } from "../command-line/own-switches.ts";
import { doubt, problem } from "../finding.ts";
import { judge, type Rule } from "../judge.ts";
import type { QemuOptions } from "../options.ts";
import { tpmDevice } from "./device.ts";

/** What is wrong or doubtful about the TPM of the machine. */
export function checkTpm(check: Check<QemuOptions>): Diagnostic[] {
  return judge(check, [
    ...(["use_tpm1", "tpm_device_type", "tpm_state_directory"] as const).map(
      (option): Rule =>
        ({ vtpm, [option]: value }) =>
          !vtpm && value ? [doubt(option, `The argument ${option} does nothing without vtpm.`)] : [],
    ),
    ({ vtpm }) =>
      vtpm && process.platform === "win32"
        ? [problem("TPK6008", "vtpm", "An emulated TPM needs swtpm, which does not run on Windows.")]
        : [],
    (config) => {
      const device = tpmDevice(config);
      if (!config.vtpm || !isOfArm(config) || !ofPcs.includes(device) || isReplaced(config, "-device")) return [];
      const detail = `"tpm_device_type" is ${JSON.stringify(device)}, which only PCs have.`;
      return [problem("TPK3105", "tpm_device_type", detail, 'Leave it out: ARM machines get "tpm-tis-device".')];
    },
    (config) => {
      const device = tpmDevice(config);
      if (!config.vtpm || !config.use_tpm1 || !ofVersion2.includes(device)) return [];
      if (isReplaced(config, "-device") || (isOfArm(config) && ofPcs.includes(device))) return [];
      const detail = `"use_tpm1" is true, but ${device} is a device of TPM 2.0: the guest may find no TPM there.`;
      return [doubt("use_tpm1", detail, device === "tpm-crb" ? "Use tpm-tis instead." : undefined)];
    },
  ]);
}

// --- internal ---

const ofPcs = ["tpm-tis", "tpm-crb"];
const ofVersion2 = ["tpm-crb", "tpm-spapr"];

function isOfArm(config: QemuOptions): boolean {
  return ["aarch64", "arm"].includes(machineKind(config).architecture);
}
