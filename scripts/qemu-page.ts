// The tables of options in docs/qemu.md, from the schema of the builder `qemu`. usage: qemu-page.ts [--check]
// With --check it writes nothing and fails when the page is out of date.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { ConfigSpec } from "@tspack/core/sdk";
import qemu from "../packages/plugin-qemu/src/builder.ts";
import { optionTables } from "./component-page.ts";

const page = fileURLToPath(new URL("../docs/qemu.md", import.meta.url));
const begin = "<!-- options: made by `npm run docs:qemu` from the schema -->";
const end = "<!-- end of options -->";

/** What a reader looks for together. Every option is in one of them. */
const groups: { readonly [title: string]: string } = {
  "Installation medium or disk image":
    "iso_url iso_urls iso_checksum iso_target_path iso_target_extension iso_skip_cache disk_image use_backing_file skip_resize_disk " +
    "additional_iso_files",
  Machine: "qemu_binary accelerator machine_type cpu_model cpus sockets cores threads memory vga vm_name qemuargs qemuargs_append run_once",
  "Firmware and TPM":
    "efi_boot efi_firmware_code efi_firmware_vars efi_drop_efivars firmware use_pflash vtpm use_tpm1 tpm_device_type tpm_state_directory",
  Disks:
    "disk_size disk_additional_size format disk_interface cdrom_interface disk_cache disk_discard disk_detect_zeroes skip_compaction " +
    "disk_compression compact_additional_disks qemu_img_args output_directory",
  "CD and floppy": "cd_files cd_content cd_label floppy_files floppy_dirs floppy_content floppy_label",
  "Screen and typing":
    "headless display use_default_display vnc_bind_address vnc_port_min vnc_port_max vnc_use_password vnc_password disable_vnc boot_command " +
    "boot_steps boot_wait boot_key_interval boot_keygroup_interval boot_typing qmp_enable qmp_socket_path",
  "Network and HTTP":
    "net_device net_bridge host_port_min host_port_max skip_nat_mapping ssh_host_port_min ssh_host_port_max http_directory http_content " +
    "http_port_min http_port_max http_bind_address http_interface http_network_protocol",
  Shutdown: "shutdown_command shutdown_timeout guest_agent",
};
const connection = { Connection: /^(communicator|pause_before_connecting|ssh_|temporary_key_)/, WinRM: /^winrm_/ };

/** The tables, each below a heading. Throws when an option is in no group, and when a group names one that does not exist. */
function optionSections(spec: ConfigSpec): string {
  const left = new Map(Object.entries(spec.options));
  const take = (names: readonly string[]): ConfigSpec => ({
    options: Object.fromEntries(
      names.map((name) => {
        const option = left.get(name);
        if (option === undefined) throw new Error(`the builder has no option ${name}, or two groups have it`);
        left.delete(name);
        return [name, option];
      }),
    ),
  });
  const sections = Object.entries(groups).map(([title, names]) => section(title, take(names.split(" "))));
  for (const [title, pattern] of Object.entries(connection)) {
    sections.push(section(title, take([...left.keys()].filter((name) => pattern.test(name)))));
  }
  const forgotten = [...left.keys()].filter((name) => !name.startsWith("packer_"));
  if (forgotten.length > 0) throw new Error(`in no group: ${forgotten.join(", ")}`);
  return sections.join("\n\n");
}

function section(title: string, spec: ConfigSpec): string {
  return [`### ${title}`, "", ...optionTables(spec)].join("\n");
}

const spec = await qemu.configSpec();
if (spec === undefined) throw new Error("the builder qemu does not tell its options");
const before = readFileSync(page, "utf8");
const from = before.indexOf(begin);
const to = before.indexOf(end);
if (from === -1 || to < from) throw new Error(`docs/qemu.md has no place for the options: ${begin} … ${end}`);
const after = `${before.slice(0, from)}${begin}\n\n${optionSections(spec)}\n\n${before.slice(to)}`;
if (!process.argv.includes("--check")) writeFileSync(page, after);
else if (after !== before) {
  console.error("docs/qemu.md is out of date: run `npm run docs:qemu`");
  process.exitCode = 1;
}
