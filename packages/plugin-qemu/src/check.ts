// Refusals before a build starts (rows QM-61 to QM-75).
import {
  type Check,
  checkAdditionalIsos,
  checkBootCommand,
  checkCd,
  checkCommunicator,
  checkFloppy,
  checkHttp,
  checkIso,
  checkOutputDirectory,
  checkTemplate,
  type Diagnostic,
  requireFields,
  TemplateError,
} from "@tspack/core/sdk";
import { checkKind } from "./command-line/check-kind.ts";
import { checkReplaced } from "./command-line/check-replaced.ts";
import { cpuCount } from "./command-line/cpu-count.ts";
import { isRewritten } from "./disks/finish-disk.ts";
import { diskSize, sizeInBytes } from "./disks/size.ts";
import { doubt, problem } from "./finding.ts";
import { hostPorts } from "./network/forward.ts";
import type { QemuOptions } from "./options.ts";
import { outputDirectory } from "./place.ts";
import { checkTpm } from "./tpm/check-tpm.ts";

/** What a boot command may use (row QM-141). */
const bootFields = ["HTTPIP", "HTTPPort", "Name", "SSHPublicKey"];

/** Everything wrong or doubtful with the options. */
export async function checkQemu(check: Check<QemuOptions>): Promise<readonly Diagnostic[]> {
  const { config, run, template, signal, isUnknown } = check;
  return [
    ...(await checkIso(config, { isUnknown, run, signal, skipsDownload: config.iso_skip_cache })),
    ...(await checkAdditionalIsos({ first: config, further: config.additional_iso_files }, { isUnknown, run, signal })),
    ...checkMachine(check),
    ...checkKind(check),
    ...checkReplaced(check),
    ...checkTpm(check),
    ...checkDisks(check),
    ...checkDisplay(check),
    ...checkNetwork(check),
    ...(await checkOutput(check)),
    ...checkQemuArgs(check),
    ...checkBootCommand(config, { template, isUnknown, extensions: true, usKeyboard: true, fields: bootFields }),
    ...(await checkCd(config, { isUnknown, run })),
    ...(await checkFloppy(config, { isUnknown, run })),
    ...checkHttp(config, { isUnknown, run }),
    ...(await checkCommunicator(config, { isUnknown, run })),
  ];
}

// --- internal ---

/** Shared options that mean something to other builders alone. */
const ignored = ["boot_keygroup_interval", "http_interface", "ssh_keypair_name"] as const;

/** What the templates of `qemuargs` can name (row QM-121). */
const argumentFields = ["HTTPIP", "HTTPPort", "HTTPDir", "HTTPContent", "OutputDir", "Name", "SSHHostPort"];

function checkMachine({ config, isUnknown }: Check<QemuOptions>): Diagnostic[] {
  const { warning } = cpuCount(config);
  return [
    ...(warning === undefined ? [] : [doubt("cpus", `${warning}.`)]),
    ...(!isUnknown("vm_name") && /\//.test(config.vm_name ?? "")
      ? [
          problem(
            "TPK3105",
            "vm_name",
            `"vm_name" is ${JSON.stringify(config.vm_name)}, and is the name of a file too: no slash can be in it.`,
            "output_directory says where the file lies.",
          ),
        ]
      : []),
    ...(config.run_once ? [doubt("run_once", "The argument run_once does nothing, here as in Packer.")] : []),
    ...ignored
      .filter((option) => config[option] !== undefined && config[option] !== "")
      .map((option) => doubt(option, `The argument ${option} does nothing with QEMU, here as in Packer.`)),
    ...(config.use_pflash && !config.firmware ? [doubt("use_pflash", "The argument use_pflash does nothing without firmware.")] : []),
  ];
}

function checkDisks({ config, isUnknown }: Check<QemuOptions>): Diagnostic[] {
  const found: Diagnostic[] = [];
  if (!isUnknown("disk_size") && diskSize(config.disk_size) === undefined) {
    found.push(
      problem(
        "TPK3105",
        "disk_size",
        `"disk_size" is ${JSON.stringify(config.disk_size)}, which is no size of a disk.`,
        'Write it like "40G", "512M" or "40960" (MiB).',
      ),
    );
  }
  for (const [index, size] of (isUnknown("disk_additional_size") ? [] : (config.disk_additional_size ?? [])).entries()) {
    const bytes = sizeInBytes(size);
    const path = ["disk_additional_size", index];
    if (bytes === undefined) {
      found.push({
        ...problem(
          "TPK3105",
          "disk_additional_size",
          `"disk_additional_size" holds ${JSON.stringify(size)}, which is no size of a disk.`,
          'Write it like "40G" or "512M".',
        ),
        path,
      });
    } else if (/^\d+$/.test(size)) {
      found.push({
        ...doubt(
          "disk_additional_size",
          `"disk_additional_size" holds ${JSON.stringify(size)}, which means bytes, as in Packer.`,
          `Write "${size}M" for MiB.`,
        ),
        path,
      });
    }
  }
  if (config.cdrom_interface && !cdInterfaces.includes(config.cdrom_interface)) {
    const known = cdInterfaces.map((name) => JSON.stringify(name)).join(", ");
    const detail = `"cdrom_interface" is ${JSON.stringify(config.cdrom_interface)}, which QEMU may not know: CDs are attached by ${known}.`;
    found.push(doubt("cdrom_interface", detail));
  }
  if (config.compact_additional_disks && !isRewritten(config)) {
    found.push(
      doubt("compact_additional_disks", "The argument compact_additional_disks does nothing where the main disk is not rewritten either."),
    );
  }
  if (config.use_backing_file && !(config.disk_image && config.format === "qcow2")) {
    found.push(problem("TPK3106", "use_backing_file", '"use_backing_file" needs disk_image and the format qcow2.'));
  }
  if (config.skip_resize_disk && !config.disk_image) {
    found.push(problem("TPK3106", "skip_resize_disk", '"skip_resize_disk" needs disk_image: only a disk image can be left at its size.'));
  }
  return found;
}

const cdInterfaces: readonly string[] = ["ide", "sata", "scsi", "virtio", "virtio-scsi"];

function checkDisplay({ config, isUnknown }: Check<QemuOptions>): Diagnostic[] {
  const { vnc_port_min: min, vnc_port_max: max, vnc_password: password } = config;
  const found: Diagnostic[] = [];
  if (min < 5900) found.push(problem("TPK3105", "vnc_port_min", `"vnc_port_min" is ${min}, but QEMU counts VNC ports from 5900.`));
  for (const option of ["vnc_port_min", "vnc_port_max"] as const) {
    if (config[option] > 65_535) found.push(problem("TPK3105", option, `"${option}" is ${config[option]}, which is no TCP port.`));
  }
  if (min > max) found.push(problem("TPK3106", "vnc_port_max", `"vnc_port_max" (${max}) is below vnc_port_min (${min}).`));
  if (!isUnknown("vnc_password") && (password ?? "").length > 8) {
    found.push(problem("TPK3105", "vnc_password", '"vnc_password" is too long: VNC knows 8 characters at most.'));
  }
  if (password && !config.vnc_use_password) {
    found.push(doubt("vnc_password", "The argument vnc_password does nothing without vnc_use_password."));
  }
  return found;
}

function checkNetwork({ config }: Check<QemuOptions>): Diagnostic[] {
  const found: Diagnostic[] = [];
  const { min, max } = hostPorts(config);
  for (const option of ["host_port_min", "host_port_max", "ssh_host_port_min", "ssh_host_port_max"] as const) {
    const port = config[option];
    if (port !== undefined && (port < 0 || port > 65_535))
      found.push(problem("TPK3105", option, `"${option}" is ${port}, which is no TCP port.`));
  }
  for (const option of ["ssh_host_port_min", "ssh_host_port_max"] as const) {
    if (config[option] !== undefined)
      found.push(doubt(option, `${option} is the old name of ${option.slice(4)}.`, `Rename it to ${option.slice(4)}.`));
  }
  if (min > max) found.push(problem("TPK3106", "host_port_max", `"host_port_max" (${max}) is below host_port_min (${min}).`));
  if (config.net_bridge && process.platform !== "linux") {
    found.push(problem("TPK6008", "net_bridge", `"net_bridge" needs Linux, and this is ${process.platform}.`));
  }
  return found;
}

async function checkOutput({ config, packer, run, isUnknown }: Check<QemuOptions>): Promise<Diagnostic[]> {
  return isUnknown("output_directory") ? [] : checkOutputDirectory(outputDirectory(config, packer), { packer, run });
}

function checkQemuArgs({ config, template, isUnknown }: Check<QemuOptions>): Diagnostic[] {
  if (isUnknown("qemuargs")) return [];
  const found: Diagnostic[] = [];
  for (const [index, row] of (config.qemuargs ?? []).entries()) {
    const path = ["qemuargs", index];
    if ((row[0] ?? "") === "") {
      found.push({ ...problem("TPK3105", "qemuargs", 'A row of "qemuargs" is empty.', 'Write it like ["-smp", "2"].'), path });
    }
    for (const [place, word] of row.entries()) {
      try {
        checkTemplate(word, template);
        requireFields(word, argumentFields);
      } catch (error) {
        if (!(error instanceof TemplateError)) throw error;
        found.push({
          ...problem(
            "TPK3108",
            "qemuargs",
            `Word ${place + 1} of row ${index + 1} of "qemuargs" cannot be rendered: ${error.message}.`,
            error.hint,
          ),
          path: [...path, place],
        });
      }
    }
  }
  return found;
}
