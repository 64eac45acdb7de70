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
import { checkAgent } from "./agent/check-agent.ts";
import { checkHost } from "./check-host.ts";
import { checkKind } from "./command-line/check-kind.ts";
import { checkReplaced } from "./command-line/check-replaced.ts";
import { cpuCount } from "./command-line/cpu-count.ts";
import { isRewritten } from "./disks/finish-disk.ts";
import { diskSize, sizeInBytes } from "./disks/size.ts";
import { doubt, problem } from "./finding.ts";
import { judge, type Rule } from "./judge.ts";
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
    ...(isUnknown("iso_skip_cache") ? [] : await checkIso(config, { isUnknown, run, signal, skipsDownload: config.iso_skip_cache })),
    ...(await checkAdditionalIsos({ first: config, further: config.additional_iso_files }, { isUnknown, run, signal })),
    ...checkMachine(check),
    ...checkKind(check),
    ...checkReplaced(check),
    ...checkTpm(check),
    ...(await checkHost(check)),
    ...checkAgent(check),
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

function checkMachine(check: Check<QemuOptions>): Diagnostic[] {
  return judge(check, [
    (config) => {
      const { warning } = cpuCount(config);
      return warning === undefined ? [] : [doubt("cpus", `${warning}.`)];
    },
    ({ vm_name: name = "" }) => {
      if (!name.includes("/")) return [];
      const detail = `"vm_name" is ${JSON.stringify(name)}, and is the name of a file too: no slash can be in it.`;
      return [problem("TPK3105", "vm_name", detail, "output_directory says where the file lies.")];
    },
    ({ run_once }) => (run_once ? [doubt("run_once", "The argument run_once does nothing, here as in Packer.")] : []),
    ...ignored.map(
      (option): Rule =>
        ({ [option]: value = "" }) =>
          value === "" ? [] : [doubt(option, `The argument ${option} does nothing with QEMU, here as in Packer.`)],
    ),
    ({ use_pflash, firmware }) =>
      use_pflash && !firmware ? [doubt("use_pflash", "The argument use_pflash does nothing without firmware.")] : [],
  ]);
}

function checkDisks(check: Check<QemuOptions>): Diagnostic[] {
  return judge(check, [
    ({ disk_size: size }) => {
      if (diskSize(size) !== undefined) return [];
      const detail = `"disk_size" is ${JSON.stringify(size)}, which is no size of a disk.`;
      return [problem("TPK3105", "disk_size", detail, 'Write it like "40G", "512M" or "40960" (MiB).')];
    },
    ({ disk_additional_size: sizes = [] }) => sizes.flatMap(checkAdditionalSize),
    ({ cdrom_interface: name }) => {
      if (!name || cdInterfaces.includes(name)) return [];
      const known = cdInterfaces.map((one) => JSON.stringify(one)).join(", ");
      const detail = `"cdrom_interface" is ${JSON.stringify(name)}, which QEMU may not know: CDs are attached by ${known}.`;
      return [doubt("cdrom_interface", detail)];
    },
    (config) => {
      if (!config.compact_additional_disks || isRewritten(config)) return [];
      const detail = "The argument compact_additional_disks does nothing where the main disk is not rewritten either.";
      return [doubt("compact_additional_disks", detail)];
    },
    ({ use_backing_file, disk_image, format }) =>
      use_backing_file && !(disk_image && format === "qcow2")
        ? [problem("TPK3106", "use_backing_file", '"use_backing_file" needs disk_image and the format qcow2.')]
        : [],
    ({ skip_resize_disk, disk_image }) =>
      skip_resize_disk && !disk_image
        ? [problem("TPK3106", "skip_resize_disk", '"skip_resize_disk" needs disk_image: only a disk image can be left at its size.')]
        : [],
  ]);
}

function checkAdditionalSize(size: string, index: number): Diagnostic[] {
  const option = "disk_additional_size";
  const path = [option, index];
  if (sizeInBytes(size) === undefined) {
    const detail = `"disk_additional_size" holds ${JSON.stringify(size)}, which is no size of a disk.`;
    return [{ ...problem("TPK3105", option, detail, 'Write it like "40G" or "512M".'), path }];
  }
  if (!/^\d+$/.test(size)) return [];
  const detail = `"disk_additional_size" holds ${JSON.stringify(size)}, which means bytes, as in Packer.`;
  return [{ ...doubt(option, detail, `Write "${size}M" for MiB.`), path }];
}

const cdInterfaces: readonly string[] = ["ide", "sata", "scsi", "virtio", "virtio-scsi"];

function checkDisplay(check: Check<QemuOptions>): Diagnostic[] {
  return judge(check, [
    ({ vnc_port_min: min }) =>
      min < 5900 ? [problem("TPK3105", "vnc_port_min", `"vnc_port_min" is ${min}, but QEMU counts VNC ports from 5900.`)] : [],
    ...(["vnc_port_min", "vnc_port_max"] as const).map(
      (option): Rule =>
        ({ [option]: port }) =>
          port > 65_535 ? [problem("TPK3105", option, `"${option}" is ${port}, which is no TCP port.`)] : [],
    ),
    ({ vnc_port_min: min, vnc_port_max: max }) =>
      min > max ? [problem("TPK3106", "vnc_port_max", `"vnc_port_max" (${max}) is below vnc_port_min (${min}).`)] : [],
    ({ vnc_password: password = "" }) =>
      password.length > 8 ? [problem("TPK3105", "vnc_password", '"vnc_password" is too long: VNC knows 8 characters at most.')] : [],
    ({ vnc_password, vnc_use_password }) =>
      vnc_password && !vnc_use_password ? [doubt("vnc_password", "The argument vnc_password does nothing without vnc_use_password.")] : [],
  ]);
}

function checkNetwork(check: Check<QemuOptions>): Diagnostic[] {
  return judge(check, [
    ...(["host_port_min", "host_port_max", "ssh_host_port_min", "ssh_host_port_max"] as const).map(
      (option): Rule =>
        ({ [option]: port = 0 }) =>
          port < 0 || port > 65_535 ? [problem("TPK3105", option, `"${option}" is ${port}, which is no TCP port.`)] : [],
    ),
    ...(["ssh_host_port_min", "ssh_host_port_max"] as const).map(
      (option): Rule =>
        ({ [option]: port }) =>
          port === undefined ? [] : [doubt(option, `${option} is the old name of ${option.slice(4)}.`, `Rename it to ${option.slice(4)}.`)],
    ),
    (config) => {
      const { min, max } = hostPorts(config);
      return min > max ? [problem("TPK3106", "host_port_max", `"host_port_max" (${max}) is below host_port_min (${min}).`)] : [];
    },
    ({ net_bridge }) =>
      net_bridge && process.platform !== "linux"
        ? [problem("TPK6008", "net_bridge", `"net_bridge" needs Linux, and this is ${process.platform}.`)]
        : [],
  ]);
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
