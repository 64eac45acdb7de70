// Fixers that only rename or remove options, or rename a type (rows FIX-03 to FIX-05, FIX-07 to FIX-09).
import { type Component, type Fixable, type FixableTemplate, type Fixer, isBoolean, isText, ofType, rename } from "./fixer.ts";

/** Components, by what their types are or begin with. */
interface Scope {
  readonly of: keyof FixableTemplate;
  readonly types?: readonly string[];
  readonly prefixes?: readonly string[];
}

interface Renaming extends Scope {
  readonly from: string;
  readonly to: string;
  /** Whose value stays where both names are there. */
  readonly keep: "old" | "new";
  readonly fits?: (value: Fixable) => boolean;
}

const amazon: Scope = { of: "builders", prefixes: ["amazon-"] };
const virtualbox: Scope = { of: "builders", prefixes: ["virtualbox"] };
const hyperv: Scope = { of: "builders", types: ["hyperv-iso", "hyperv-vmcx"] };
const parallels: Scope = { of: "builders", types: ["parallels-iso", "parallels-pvm"] };
const anyBuilder: Scope = { of: "builders", prefixes: [""] };
const spotInstances: Scope = {
  of: "builders",
  types: ["amazon-ebs", "amazon-ebssurrogate", "amazon-ebsvolume", "amazon-instance"],
};

/** `virtualbox` becomes `virtualbox-iso`. */
export const virtualboxRename = typeRename("virtualbox-rename", "virtualbox", "virtualbox-iso");

/** `vmware` becomes `vmware-iso`. */
export const vmwareRename = typeRename("vmware-rename", "vmware", "vmware-iso");

/** `proxmox` becomes `proxmox-iso`. */
export const proxmoxType = typeRename("proxmox-type", "proxmox", "proxmox-iso");

/** Parallels has no window to hide. */
export const parallelsHeadless = removal("parallels-headless", "parallels builders lose headless", parallels, "headless");

/** Options of Parallels that were dropped or got other names. */
export const parallelsDeprecations: Fixer = {
  name: "parallels-deprecations",
  summary: "parallels builders lose parallels_tools_host_path; guest_os_distribution becomes guest_os_type",
  options: ["parallels_tools_host_path", "guest_os_distribution"],
  run(template) {
    for (const builder of inScope(template, parallels)) {
      delete builder.parallels_tools_host_path;
      rename(builder, "guest_os_distribution", "guest_os_type", { keep: "old" });
    }
  },
};

/** `ssh_key_path` becomes `ssh_private_key_file`. */
export const sshKeyPath = renaming("sshkeypath", {
  ...anyBuilder,
  from: "ssh_key_path",
  to: "ssh_private_key_file",
  keep: "new",
  fits: isText,
});

/** `ssh_disable_agent` becomes `ssh_disable_agent_forwarding`. */
export const sshDisableAgent = renaming("sshdisableagent", {
  ...anyBuilder,
  from: "ssh_disable_agent",
  to: "ssh_disable_agent_forwarding",
  keep: "new",
});

/** `ssh_wait_timeout` becomes `ssh_timeout`. */
export const sshWaitTimeout = renaming("ssh-wait-timeout", { ...anyBuilder, from: "ssh_wait_timeout", to: "ssh_timeout", keep: "new" });

/** Scaleway's `access_key` becomes `organization_id`. */
export const scalewayAccessKey = renaming("scaleway-access-key", {
  of: "builders",
  types: ["scaleway"],
  from: "access_key",
  to: "organization_id",
  keep: "new",
});

/** The manifest's `filename` becomes `output`. */
export const manifestFilename = renaming("manifest-filename", {
  of: "postProcessors",
  types: ["manifest"],
  from: "filename",
  to: "output",
  keep: "old",
});

/** The American spelling. */
export const amazonShutdownBehavior = renaming("amazon-shutdown_behavior", {
  ...amazon,
  from: "shutdown_behaviour",
  to: "shutdown_behavior",
  keep: "old",
});

/** `enhanced_networking` becomes `ena_support`. */
export const amazonEnhancedNetworking = renaming("amazon-enhanced-networking", {
  ...amazon,
  from: "enhanced_networking",
  to: "ena_support",
  keep: "old",
  fits: isBoolean,
});

/** Registries ask for no mail address any more. */
export const dockerEmail = removal(
  "docker-email",
  "docker post-processors lose login_email",
  { of: "postProcessors", prefixes: ["docker"] },
  "login_email",
);

/** Disks are made where they stay. */
export const hypervDeprecations = removal(
  "hyperv-deprecations",
  "hyperv-iso builders lose vhd_temp_path",
  { of: "builders", types: ["hyperv-iso"] },
  "vhd_temp_path",
);

/** A misspelt name. */
export const hypervVmxcTypo = renaming("hyperv-vmxc-typo", {
  of: "builders",
  types: ["hyperv-vmcx"],
  from: "clone_from_vmxc_path",
  to: "clone_from_vmcx_path",
  keep: "old",
});

/** `cpu` becomes `cpus`, `ram_size` becomes `memory`. */
export const hypervCpuAndRam = renaming(
  "hyperv-cpu-and-ram",
  { ...hyperv, from: "cpu", to: "cpus", keep: "old" },
  { ...hyperv, from: "ram_size", to: "memory", keep: "old" },
);

/** Prices are found without it. */
export const spotPriceAutoProduct = removal(
  "spot-price-auto-product",
  "amazon builders lose spot_price_auto_product",
  spotInstances,
  "spot_price_auto_product",
);

/** `galaxycommand` becomes `galaxy_command`. */
export const galaxyCommand = renaming("galaxy-command", {
  of: "provisioners",
  types: ["ansible-local"],
  from: "galaxycommand",
  to: "galaxy_command",
  keep: "new",
});

/** Forwarded ports are no matter of SSH alone. */
export const commConfig = renaming(
  "comm-config",
  { ...virtualbox, from: "ssh_host_port_min", to: "host_port_min", keep: "new" },
  { ...virtualbox, from: "ssh_host_port_max", to: "host_port_max", keep: "new" },
  { ...virtualbox, from: "ssh_skip_nat_mapping", to: "skip_nat_mapping", keep: "new", fits: isBoolean },
);

/** The same for QEMU. */
export const qemuHostPort = renaming(
  "qemu-host-port",
  { of: "builders", types: ["qemu"], from: "ssh_host_port_min", to: "host_port_min", keep: "old" },
  { of: "builders", types: ["qemu"], from: "ssh_host_port_max", to: "host_port_max", keep: "old" },
);

// --- internal ---

function inScope(template: FixableTemplate, { of, types = [], prefixes = [] }: Scope): readonly Component[] {
  return ofType(template[of], types, prefixes);
}

function renaming(name: string, ...renamings: readonly Renaming[]): Fixer {
  return {
    name,
    summary: renamings.map(({ from, to }) => `${from} becomes ${to}`).join(", "),
    options: renamings.map(({ from }) => from),
    run(template) {
      for (const each of renamings) {
        for (const component of inScope(template, each)) rename(component, each.from, each.to, each);
      }
    },
  };
}

function removal(name: string, summary: string, scope: Scope, option: string): Fixer {
  return {
    name,
    summary,
    options: [option],
    run(template) {
      for (const component of inScope(template, scope)) delete component[option];
    },
  };
}

function typeRename(name: string, from: string, to: string): Fixer {
  return {
    name,
    summary: `builders of type ${from} become ${to}`,
    options: [],
    run(template) {
      for (const builder of ofType(template.builders, [from])) builder.type = to;
    },
  };
}
