// The plugins that a template's components come from (rows UPG-02, UPG-03).
import type { JsonTemplate } from "../template.ts";
import { block, escapeHcl } from "./hcl-text.ts";

/** Plugins that are known by the beginning of their components' names. */
const knownPlugins = ["amazon", "ansible", "azure", "docker", "googlecompute", "qemu", "vagrant", "virtualbox", "vmware", "vsphere"];

/** Types of all components that a template uses. */
export function componentTypes(template: JsonTemplate): readonly string[] {
  const { builders, provisioners, errorCleanup, postProcessors } = template;
  const steps = [
    ...provisioners,
    ...(errorCleanup === undefined ? [] : [errorCleanup]),
    ...postProcessors.flatMap(({ members }) => members),
  ];
  return [...builders, ...steps].map(({ type }) => type);
}

/** The known plugin that a type belongs to, going by its name. */
export function pluginOf(type: string): string | undefined {
  return knownPlugins.find((plugin) => type === plugin || type.startsWith(`${plugin}-`));
}

/** The `packer` block: the version the template asks for, and the plugins that are known. Empty when there is neither. */
export function packerBlock(template: JsonTemplate): readonly string[] {
  const plugins = [...new Set(componentTypes(template).flatMap((type) => pluginOf(type) ?? []))].sort();
  const version = template.minPackerVersion;
  const lines = [
    ...(version === undefined ? [] : [`required_version = "${escapeHcl(`>= ${version.value}`)}"`]),
    ...(plugins.length === 0 ? [] : [block("required_plugins", plugins.map(plugin))]),
  ];
  return lines.length === 0 ? [] : [block("packer", lines)];
}

// --- internal ---

function plugin(name: string): string {
  return `${name} = {\nsource = "github.com/hashicorp/${name}"\nversion = "~> 1"\n}`;
}
