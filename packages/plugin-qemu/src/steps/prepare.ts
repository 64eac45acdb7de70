// Steps before the machine starts.
import { chmod, copyFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { BuildError, httpAddressKey, isoPathKey, type Step, type StepContext } from "@tspack/core/sdk";
import { chooseAccelerator } from "../accelerator/choose.ts";
import { availableDevices, KEYBOARD, SCREEN } from "../command-line/devices.ts";
import { machineKind } from "../command-line/machine-kind.ts";
import { prepareDisks } from "../disks/prepare-disks.ts";
import { findFirmware } from "../firmware/find-firmware.ts";
import { usesEfi } from "../firmware/uses-efi.ts";
import { isOn } from "../machine/off-within.ts";
import { addressOfInterface } from "../network/interface-address.ts";
import type { QemuOptions } from "../options.ts";
import { absolute, type Place } from "../place.ts";
import { startTpm } from "../tpm/swtpm.ts";
import { acceleratorKey, devicesKey, disksKey, firmwareKey, machineKey, tpmKey } from "./keys.ts";
import { mayStayOn } from "./left-on.ts";

/** Decides how the guest's processor is run, and looks what devices there are for a machine that has none by itself. */
export function acceleratorStep(config: QemuOptions, { qemu, setpriv }: Place): Step {
  return {
    name: "choose accelerator",
    async run({ state, ui, run, signal }) {
      if (config.accelerator === "none") ui.say("accelerator is none: QEMU decides how the machine's processor is run");
      state.set(acceleratorKey, config.accelerator ?? (await chooseAccelerator({ qemu, setpriv, run, ui, signal })));
      if (machineKind(config).board !== "virt") return;
      const devices = await availableDevices({ qemu, env: run.environment, signal });
      if (devices === undefined) return;
      state.set(devicesKey, devices);
      if (config.vga !== "none" && !devices.has(SCREEN)) ui.say(`This QEMU has no ${SCREEN}: the machine has no screen`);
      if (!KEYBOARD.every((name) => devices.has(name))) ui.say(`This QEMU has no ${KEYBOARD.join(" and ")}: the machine has no keyboard`);
    },
  };
}

/** Starts the TPM, if there is to be one (row QM-78). */
export function tpmStep(config: QemuOptions, place: Place): Step {
  return {
    name: "start TPM",
    run: (context) => startFreshTpm(config, place, context),
    async cleanup({ state }) {
      await state.find(tpmKey)?.stop();
    },
  };
}

/** Starts the TPM, if there is to be one, in place of one that an earlier attempt has left. */
export async function startFreshTpm(
  config: QemuOptions,
  { setpriv }: Place,
  { state, ui, signal, run, packer }: StepContext,
): Promise<void> {
  if (!config.vtpm) return;
  await state.find(tpmKey)?.stop();
  ui.say("Starting the TPM...");
  const from = config.tpm_state_directory ? absolute(config.tpm_state_directory, run) : undefined;
  const isMachineOn = async (): Promise<boolean> => {
    const machine = state.find(machineKey);
    return machine !== undefined && isOn(machine);
  };
  const mayOutliveUs = mayStayOn(packer);
  state.set(tpmKey, await startTpm({ isVersion1: config.use_tpm1, from, isMachineOn, mayOutliveUs, run, setpriv, ui, signal }));
}

/** Makes the disks (rows QM-80 to QM-82). */
export function disksStep(config: QemuOptions, place: Place): Step {
  return {
    name: "prepare disks",
    async run({ state, ui, signal, run }) {
      const disks = await prepareDisks({
        config,
        outputDirectory: place.outputDirectory,
        name: place.name,
        image: config.disk_image ? state.get(isoPathKey) : undefined,
        env: run.environment,
        cwd: run.workingDirectory,
        setpriv: place.setpriv,
        ui,
        signal,
      });
      state.set(disksKey, disks);
    },
  };
}

/** Finds how this host is reached from the guest (row QM-83). */
export function hostAddressStep({ net_bridge }: QemuOptions): Step {
  return {
    name: "find host address",
    async run({ state, run, signal }) {
      state.set(httpAddressKey, net_bridge ? await addressOfInterface(net_bridge, run, signal) : USER_NETWORK_HOST);
    },
  };
}

/** Finds the EFI firmware and gives the machine its own copy of the variables (rows QM-17, QM-88). */
export function firmwareStep(config: QemuOptions, place: Place): Step {
  return {
    name: "prepare firmware",
    async run({ state, ui, run }) {
      if (!usesEfi(config)) return;
      const { efi_firmware_code: code, efi_firmware_vars: vars } = config;
      const { workingDirectory, environment } = run;
      const firmware = await findFirmware({ code, vars, machine: machineKind(config), workingDirectory, environment });
      const copy = join(place.outputDirectory, EFI_VARIABLES);
      ui.say(`Starting with the EFI firmware ${firmware.code.path}`);
      try {
        await copyFile(firmware.vars.path, absolute(copy, run));
        // The template may be one that nobody may write to.
        await chmod(absolute(copy, run), 0o660);
      } catch (cause) {
        throw new BuildError(`the EFI variables could not be copied to ${copy}`, { code: "TPK6011", cause });
      }
      state.set(firmwareKey, { code: firmware.code, vars: { path: copy, format: firmware.vars.format } });
    },
    async cleanup({ state, failure, run }) {
      const firmware = state.find(firmwareKey);
      if (failure !== undefined && firmware !== undefined) await rm(absolute(firmware.vars.path, run), { force: true });
    },
  };
}

/** Name of the machine's EFI variables in the output folder. */
export const EFI_VARIABLES = "efivars.fd";

// --- internal ---

/** Where QEMU's user network shows the host. */
const USER_NETWORK_HOST = "10.0.2.2";
