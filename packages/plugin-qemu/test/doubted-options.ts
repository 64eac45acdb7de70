// Options of machines that are accepted with a warning.
import { arm, type Case, further } from "./refused-options.ts";

/** Each is accepted, with these words. */
export const doubts: readonly Case[] = [
  [
    "more processors than their layout has",
    { cpus: 8, sockets: 2, cores: 2 },
    'warning cpus: "cpus" is 8, but sockets, cores and threads make 4: the machine gets 4.',
  ],
  [
    "fewer processors than their layout has, which QEMU refuses",
    { cpus: 2, sockets: 2, cores: 2 },
    'warning cpus: "cpus" is 2, but sockets, cores and threads make 4, and QEMU takes no number that differs: the machine gets 4.',
  ],
  [
    "what only other builders use",
    { http_interface: "eth0" },
    "warning http_interface: The argument http_interface does nothing with QEMU, here as in Packer.",
  ],
  [
    "an image that is not there yet",
    { iso_url: "none.iso" },
    'warning iso_url: The argument "iso_url" names "none.iso", which does not exist. Unless something makes it, the build fails when it needs it.',
  ],
  ["run_once", { run_once: true }, "warning run_once: The argument run_once does nothing, here as in Packer."],
  ["flash without firmware", { use_pflash: true }, "warning use_pflash: The argument use_pflash does nothing without firmware."],
  [
    "a further size that means bytes",
    { disk_additional_size: ["1024"] },
    'warning disk_additional_size: "disk_additional_size" holds "1024", which means bytes, as in Packer. Write "1024M" for MiB.',
  ],
  [
    "old names of the host ports",
    { ssh_host_port_min: 3000, ssh_host_port_max: 3001 },
    "warning ssh_host_port_min: ssh_host_port_min is the old name of host_port_min.",
    "warning ssh_host_port_max: ssh_host_port_max is the old name of host_port_max.",
  ],
  [
    "a password that nobody asks for",
    { vnc_password: "secret" },
    "warning vnc_password: The argument vnc_password does nothing without vnc_use_password.",
  ],
  [
    "devices that rows of the user's take away",
    { vtpm: true, disk_interface: "sata", qemuargs: [["-device", "virtio-rng-pci"]] },
    'warning vtpm: "vtpm" is true, but the -device rows of qemuargs take the TPM away. Add a row ["-device", "tpm-tis,tpmdev=tpm0"]',
    'warning disk_interface: "disk_interface" is "sata", but the -device rows of qemuargs take the disk\'s device away. Use qemuargs_append',
  ],
  [
    "firmware that rows of the user's take away",
    { efi_boot: true, qemuargs: [["-drive", "file=a"]] },
    "warning efi_boot: The argument efi_boot is given, but the -drive rows of qemuargs take the firmware's drives away. Use qemuargs_append",
  ],
  [
    "further CDs that rows of the user's take away",
    { additional_iso_files: [further], qemuargs: [["-drive", "file=a"]] },
    'warning additional_iso_files: "additional_iso_files" is given, but the -drive rows of qemuargs take its CDs away. Use qemuargs_append for drives',
  ],
  [
    "further CDs whose devices rows of the user's take away",
    { cdrom_interface: "sata", additional_iso_files: [further], qemuargs: [["-device", "virtio-rng-pci"]] },
    'warning additional_iso_files: "additional_iso_files" is given, but the -device rows of qemuargs take its CDs away. Use qemuargs_append for devices',
  ],
  [
    "further disks that are to be compacted when nothing is",
    { compact_additional_disks: true, format: "raw" },
    "warning compact_additional_disks: The argument compact_additional_disks does nothing where the main disk is not rewritten either.",
  ],
  [
    "a TPM's options without a TPM",
    { use_tpm1: true, tpm_device_type: "tpm-tis", tpm_state_directory: "tpm" },
    "warning use_tpm1: The argument use_tpm1 does nothing without vtpm.",
    "warning tpm_device_type: The argument tpm_device_type does nothing without vtpm.",
    "warning tpm_state_directory: The argument tpm_state_directory does nothing without vtpm.",
  ],
  [
    "a device of TPM 2.0 for TPM 1.2",
    { vtpm: true, use_tpm1: true, tpm_device_type: "tpm-crb" },
    'warning use_tpm1: "use_tpm1" is true, but tpm-crb is a device of TPM 2.0: the guest may find no TPM there. Use tpm-tis instead.',
  ],
  [
    "a graphics card of PCs on another machine",
    { ...arm, vga: "std" },
    'warning vga: "vga" is "std", but machines of the type virt have "virtio" or "none": it is "virtio".',
  ],
  [
    "an unknown interface for CDs",
    { cdrom_interface: "usb" },
    'warning cdrom_interface: "cdrom_interface" is "usb", which QEMU may not know: CDs are attached by "ide", "sata", "scsi"',
  ],
  [
    "an image that is not verified",
    { iso_checksum: "none" },
    'warning ?: The checksum "none" means that nobody notices when the image is damaged or another one.',
  ],
  [
    "an image that QEMU reads",
    { iso_skip_cache: true, iso_checksum: "" },
    "warning ?: The image is not downloaded, so its checksum is not verified.",
  ],
];
