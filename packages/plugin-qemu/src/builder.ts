import {
  additionalIsoPathsKey,
  additionalIsosStep,
  beginTemporaryKeyStep,
  cdStep,
  cleanUpTemporaryKeysStep,
  connectionKey,
  createState,
  defineBuilder,
  floppyStep,
  httpServerStep,
  isoPathKey,
  isoStep,
  outputDirectoryStep,
  provisionStep,
  remoteIsoStep,
  runSteps,
  type StateBag,
  type Step,
  temporaryKeyStep,
} from "@tspack/core/sdk";
import { qemuArtifact } from "./artifact.ts";
import { checkQemu } from "./check.ts";
import { lookedAt } from "./disks/look-at-image.ts";
import { diskSize } from "./disks/size.ts";
import { type QemuOptions, qemuOptions, renderedLater } from "./options.ts";
import { findPlace, outputDirectory } from "./place.ts";
import { bootStep, typesKey } from "./steps/boot.ts";
import { finishStep, keepTpmStep } from "./steps/finish.ts";
import { acceleratorKey, disksKey } from "./steps/keys.ts";
import { acceleratorStep, disksStep, EFI_VARIABLES, firmwareStep, hostAddressStep, tpmStep } from "./steps/prepare.ts";
import { generatedData, guestAddressStep, reachStep } from "./steps/reach.ts";
import { shutDownStep } from "./steps/shut-down.ts";
import { hinted } from "./steps/standstill.ts";
import { startStep } from "./steps/start.ts";
import { watched, witnessed } from "./steps/watched.ts";

/** The builder `qemu`: a virtual machine is started, provisioned, shut down, and its disk is the image. */
export default defineBuilder({
  type: "qemu",
  description: "Builds virtual machine images with QEMU.",
  options: qemuOptions,
  renderLater: renderedLater,
  check: checkQemu,
  outputs: ({ config, packer }) => [{ kind: "directory", path: outputDirectory(config, packer), option: "output_directory" }],
  async run({ config, packer, run, template, ui, hook, signal }) {
    const place = findPlace(config, packer, run);
    const state: StateBag = createState();
    const data = () => generatedData(place, state, run);
    const steps: Step[] = [
      config.iso_skip_cache
        ? remoteIsoStep(config)
        : lookedAt(isoStep(config), () => [{ path: state.get(isoPathKey), isDisk: config.disk_image }]),
      ...(config.additional_iso_files.length === 0 ? [] : [additionalIsos(config, state)]),
      outputDirectoryStep({ directory: place.outputDirectory }),
      // Not before the image is there: this process cannot end while a key is made, and an image that cannot be had is told at once.
      beginTemporaryKeyStep({ config }),
      acceleratorStep(config, place),
      tpmStep(config, place),
      floppyStep(config),
      cdStep(config),
      disksStep(config, place),
      hostAddressStep(config),
      httpServerStep(config),
      ...(typesKey(config) ? [temporaryKeyStep({ config })] : []),
      firmwareStep(config, place),
      startStep({ config, place, template }),
      watched(hinted(bootStep({ config, place, template }), place), {
        place,
        doing: "typing the boot command",
        mayPowerOff: config.communicator === "none",
      }),
      watched(hinted(guestAddressStep(config), place), { place, doing: "waiting for the machine's address" }),
      ...(typesKey(config) ? [] : [temporaryKeyStep({ config })]),
      ...(config.communicator === "none" ? [] : [watched(hinted(reachStep(config), place), { place, doing: "connecting to the machine" })]),
      watched(provisionStep({ hook, communicator: () => state.find(connectionKey)?.communicator, data }), {
        place,
        doing: "provisioning",
        graceMs: 10_000,
        failsForOthers: true,
      }),
      ...(config.communicator === "none" ? [] : [cleanUpTemporaryKeysStep({ config })]),
      // Without a communicator this is where the guest installs itself.
      witnessed(config.communicator === "none" ? hinted(shutDownStep(config), place) : shutDownStep(config), place),
      keepTpmStep(config),
      finishStep(config, place),
    ];
    await runSteps(steps, { state, ui, signal, packer, run });
    return qemuArtifact({
      directory: place.outputDirectory,
      workingDirectory: run.workingDirectory,
      without: config.efi_drop_efivars ? [EFI_VARIABLES] : [],
      state: {
        generated_data: data(),
        diskName: place.name,
        diskPaths: state.get(disksKey),
        diskType: config.format,
        diskSize: diskSize(config.disk_size),
        domainType: state.get(acceleratorKey),
      },
    });
  },
});

// --- internal ---

function additionalIsos(config: QemuOptions, state: StateBag): Step {
  return lookedAt(additionalIsosStep(config.additional_iso_files), () =>
    state.get(additionalIsoPathsKey).map((path) => ({ path, isDisk: false })),
  );
}
