// Options of components that `tspack fix` brings up to date in a legacy JSON template (rows FIX-10, META-12).
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Program } from "../program/program.ts";

const outdated: ReadonlySet<string> = new Set([
  "clone_from_vmxc_path",
  "disk_eagerly_scrub",
  "enhanced_networking",
  "exlude_from_latest",
  "filename",
  "galaxycommand",
  "guest_additions_attach",
  "guest_os_distribution",
  "iso_checksum_type",
  "iso_checksum_url",
  "iso_md5",
  "login_email",
  "network_card",
  "parallels_tools_host_path",
  "ram_size",
  "shutdown_behaviour",
  "spot_price_auto_product",
  "ssh_disable_agent",
  "ssh_host_port_max",
  "ssh_host_port_min",
  "ssh_key_path",
  "ssh_private_ip",
  "ssh_skip_nat_mapping",
  "ssh_wait_timeout",
  "tag",
  "temporary_security_group_source_cidr",
  "vhd_temp_path",
]);

/** An unknown option that used to be one: the message names the command that replaces it. Other templates are not rewritten. */
export function hintOutdated(diagnostic: Diagnostic, program: Pick<Program, "configStyle">): Diagnostic {
  const option = diagnostic.path?.at(-1);
  if (diagnostic.code !== "TPK3102" || program.configStyle !== "plain" || typeof option !== "string" || !outdated.has(option)) {
    return diagnostic;
  }
  return { ...diagnostic, hint: "It is outdated: `tspack fix` prints the template without it." };
}
