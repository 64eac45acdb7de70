// What `source "qemu"` takes: Packer's names and defaults (qemu-builder rows QM-01 to QM-60), and a few of ours.
import {
  additionalIsoOptions,
  bootCommandOptions,
  bootStepsOptions,
  cdOptions,
  communicatorOptions,
  floppyOptions,
  httpOptions,
  isoOptions,
  shutdownOptions,
  textList,
  unlessEmpty,
  vncBootOptions,
} from "@tspack/core/sdk";
import * as z from "zod";

const accelerators = ["none", "kvm", "tcg", "xen", "hax", "hvf", "whpx"] as const;
/** How a guest's processor is run, in QEMU's words; "none" leaves it to QEMU (row QM-02). */
export type Accelerator = (typeof accelerators)[number];

/** The options of the builder. Shared ones come from the SDK. */
export function qemuOptions() {
  return z.object({
    ...isoOptions().shape,
    ...additionalIsoOptions(),
    ...machineOptions(),
    ...firmwareOptions(),
    ...diskOptions(),
    ...displayOptions(),
    ...networkOptions(),
    ...cdOptions().shape,
    ...floppyOptions().shape,
    ...httpOptions().shape,
    ...bootCommandOptions(),
    ...bootStepsOptions(),
    ...vncBootOptions(),
    ...shutdownOptions().shape,
    ...communicatorOptions().shape,
    output_directory: z.string().optional().describe("Folder for the image; `output-NAME` of the build unless given. Must not exist yet."),
    qemuargs: z
      .array(textList())
      .optional()
      .describe(
        "Rows of a switch and its value. A switch named here replaces all that the builder would have given it. Values are templates: `HTTPIP`, `HTTPPort`, `HTTPDir`, `HTTPContent`, `OutputDir`, `Name`, `SSHHostPort`.",
      ),
    qemuargs_append: textList().optional().describe("Words put at the end of QEMU's command line, which replace nothing. Not in Packer."),
  });
}

/** The parsed options. */
export type QemuOptions = z.output<ReturnType<typeof qemuOptions>>;

/** Options whose templates see values of the running build. */
export const renderedLater = ["qemuargs", "boot_command", "boot_steps"] as const;

// --- internal ---

function machineOptions() {
  return {
    qemu_binary: unlessEmpty(z.string().default("qemu-system-x86_64")).describe("The QEMU program: a name on the path, or a path."),
    accelerator: unlessEmpty(z.enum(accelerators).optional()).describe(
      "How the guest's processor is run. The fastest that is found to work, unless given.",
    ),
    machine_type: unlessEmpty(z.string().optional()).describe(
      "QEMU's machine type; Secure Boot firmware needs a q35 type. Unless given it is `pc`, or for a `qemu_binary` of another processor the usual one: `virt` for ARM.",
    ),
    cpu_model: z
      .string()
      .optional()
      .describe("QEMU's processor model; QEMU's own choice unless given, but for 64-bit ARM, where that cannot start from EFI."),
    cpus: count().describe("Number of processors."),
    sockets: count().describe("Number of processor sockets."),
    cores: count().describe("Number of cores in a socket."),
    threads: count().describe("Number of threads in a core."),
    memory: z.number().int().default(512).describe("Memory in MiB. Below 10 means 512."),
    vga: z
      .string()
      .optional()
      .describe("QEMU's graphics card, such as `std` or `virtio`. The machine type `virt` has `virtio`, unless this is `none`."),
    vm_name: z.string().optional().describe("Name of the machine and of the main disk's file; `packer-NAME` of the build unless given."),
    guest_agent: z
      .boolean()
      .default(false)
      .describe(
        "Give the machine a port for the QEMU guest agent. Where one answers, it shuts the guest down when there is no `shutdown_command`, and tells its address on a `net_bridge`. Not in Packer.",
      ),
    run_once: z.boolean().default(false).meta({ deprecated: true }).describe("Does nothing, as in Packer."),
  };
}

function count() {
  return z.number().int().min(0).default(0);
}

function firmwareOptions() {
  return {
    firmware: z.string().optional().describe("A firmware file to start with instead of QEMU's own."),
    use_pflash: z.boolean().default(false).describe("Give `firmware` to the machine as flash memory."),
    efi_boot: z
      .boolean()
      .optional()
      .describe(
        "Start with EFI firmware. True when one of the two files below is given, and for 64-bit ARM, unless there is firmware of yours or this is false.",
      ),
    efi_firmware_code: z.string().optional().describe("The firmware's code; found on this system unless given."),
    efi_firmware_vars: z
      .string()
      .optional()
      .describe("Template of the firmware's variables, which is copied to `efivars.fd`; found on this system unless given."),
    efi_drop_efivars: z.boolean().default(false).describe("Leave `efivars.fd` out of the artifact."),
    vtpm: z.boolean().default(false).describe("Give the machine a TPM, emulated by swtpm."),
    use_tpm1: z.boolean().default(false).describe("TPM 1.2 instead of 2.0."),
    tpm_device_type: unlessEmpty(z.string().optional()).describe(
      "QEMU's TPM device: `tpm-tis` or `tpm-crb`. Unless given `tpm-tis`, `tpm-tis-device` for ARM, `tpm-spapr` for POWER.",
    ),
    tpm_state_directory: z
      .string()
      .optional()
      .describe(
        "Folder that keeps the TPM's state after a build that went well. What is in it already is what the TPM starts with. Thrown away unless given. Not in Packer.",
      ),
  };
}

function diskOptions() {
  return {
    disk_size: z.string().optional().describe("Size of the main disk, such as `40G`; a number alone is MiB. `40960M` unless given."),
    disk_additional_size: textList().optional().describe("Sizes of further disks. A number alone means bytes."),
    format: unlessEmpty(z.enum(["qcow2", "raw"]).default("qcow2")).describe("Format of the disks."),
    disk_interface: unlessEmpty(z.enum(["ide", "sata", "scsi", "sd", "virtio", "virtio-scsi"]).default("virtio")).describe(
      "How the disks are attached.",
    ),
    cdrom_interface: z
      .string()
      .optional()
      .describe("How CDs are attached: `ide`, `sata`, `scsi`, `virtio`, `virtio-scsi`; QEMU decides unless given."),
    disk_cache: unlessEmpty(z.enum(["writethrough", "writeback", "none", "unsafe", "directsync"]).default("writeback")).describe(
      "How writes of the guest are cached.",
    ),
    disk_discard: unlessEmpty(z.enum(["unmap", "ignore"]).default("ignore")).describe("Whether the guest can give space back."),
    disk_detect_zeroes: unlessEmpty(z.enum(["unmap", "on", "off"]).default("off")).describe("Whether written zeroes are stored as holes."),
    disk_image: z.boolean().default(false).describe("`iso_url` is a disk image to start from, not an installation medium."),
    use_backing_file: z
      .boolean()
      .default(false)
      .describe("Keep only what differs from the disk image, which must stay where it is. Needs `disk_image` and qcow2."),
    skip_resize_disk: z.boolean().default(false).describe("Leave the disk image's size as it is. Needs `disk_image`."),
    skip_compaction: z.boolean().default(false).describe("Do not rewrite the disk in the end to make it small."),
    compact_additional_disks: z
      .boolean()
      .default(false)
      .describe("Rewrite further disks in the end, too, as the main disk is. Not in Packer."),
    disk_compression: z.boolean().default(false).describe("Compress the disk in the end."),
    qemu_img_args: z
      .object({
        convert: textList().optional().describe("Words for `qemu-img convert`."),
        create: textList().optional().describe("Words for `qemu-img create`."),
        resize: textList().optional().describe("Words for `qemu-img resize`."),
      })
      .optional()
      .meta({ block: true })
      .describe("Further words for qemu-img, by its command."),
    iso_skip_cache: z.boolean().default(false).describe("Do not download: QEMU reads `iso_url` itself. The checksum is not checked then."),
  };
}

function displayOptions() {
  return {
    headless: z.boolean().default(false).describe("Open no window."),
    display: z
      .string()
      .optional()
      .describe("QEMU's display unless `headless`, such as `sdl` or `cocoa`; `gtk` unless given. `none` means QEMU's own choice."),
    use_default_display: z.boolean().default(false).describe("Leave the display to QEMU."),
    vnc_bind_address: unlessEmpty(z.string().default("127.0.0.1")).describe("Address that QEMU's VNC server listens on."),
    vnc_port_min: unlessEmpty(z.number().int().default(5900)).describe("Lowest port for VNC, 5900 or above."),
    vnc_port_max: unlessEmpty(z.number().int().default(6000)).describe(
      "First port above those for VNC; with the value of `vnc_port_min` that port alone is tried.",
    ),
    vnc_use_password: z.boolean().default(false).describe("Ask VNC viewers for a password."),
    vnc_password: z.string().optional().describe("The password, 8 characters at most; made up unless given."),
    qmp_enable: z
      .boolean()
      .default(false)
      .describe("Open a monitor socket of QEMU's for yourself. The builder has one of its own and needs none."),
    qmp_socket_path: z.string().optional().describe("Path of that socket; `NAME.monitor` in the output folder unless given."),
    boot_typing: unlessEmpty(z.enum(["qmp", "vnc"]).default("qmp")).describe(
      "How the boot command is typed: through QEMU's monitor, or more slowly through VNC as Packer does. Not in Packer.",
    ),
  };
}

function networkOptions() {
  return {
    net_device: unlessEmpty(z.string().default("virtio-net")).describe("QEMU's network card."),
    net_bridge: z.string().optional().describe("An existing bridge to connect the machine to, instead of user networking (Linux)."),
    host_port_min: z.number().int().optional().describe("Lowest port of this host for reaching the machine; 2222 unless given."),
    host_port_max: z
      .number()
      .int()
      .optional()
      .describe("First port above those; 4444 unless given. With the value of `host_port_min` that port alone is tried."),
    ssh_host_port_min: z.number().int().optional().meta({ deprecated: true }).describe("Old name of `host_port_min`, which it overrides."),
    ssh_host_port_max: z.number().int().optional().meta({ deprecated: true }).describe("Old name of `host_port_max`, which it overrides."),
    skip_nat_mapping: z
      .boolean()
      .default(false)
      .describe("Look for no free port: the machine is reached at the port of the communicator itself."),
  };
}
