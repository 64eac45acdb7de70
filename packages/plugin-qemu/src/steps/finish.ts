// Steps when the machine is off.
import type { Step } from "@tspack/core/sdk";
import { finishDisk, isRewritten } from "../disks/finish-disk.ts";
import type { QemuOptions } from "../options.ts";
import { absolute, type Place } from "../place.ts";
import { disksKey, tpmKey } from "./keys.ts";

/** Keeps the state of the TPM, where the user wants that, when all has gone well (row QM-206). */
export function keepTpmStep({ tpm_state_directory: folder }: QemuOptions): Step {
  return {
    name: "keep TPM state",
    async run({ state, ui, run }) {
      const tpm = state.find(tpmKey);
      if (tpm === undefined || !folder) return;
      ui.say(`Keeping the state of the TPM in ${folder}`);
      await tpm.saveState(absolute(folder, run));
    },
  };
}

/** Rewrites the main disk, and where the user wants that the others (rows QM-153, QM-210). */
export function finishStep(config: QemuOptions, { setpriv }: Place): Step {
  return {
    name: "finish disk",
    async run({ state, ui, signal, run }) {
      if (!isRewritten(config)) return;
      const disks = state.get(disksKey);
      for (const disk of config.compact_additional_disks ? disks : disks.slice(0, 1)) {
        await finishDisk({ config, disk, env: run.environment, cwd: run.workingDirectory, setpriv, ui, signal });
      }
    },
  };
}
