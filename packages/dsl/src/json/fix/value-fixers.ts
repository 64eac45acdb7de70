// Fixers that change values (rows FIX-01 to FIX-03, FIX-06, FIX-07, FIX-09).
import { type Component, type Fixable, FixError, type Fixer, isBoolean, isComponent, isText, ofType } from "./fixer.ts";

/** `iso_md5` becomes `iso_checksum`, which the fixer of checksums completes. */
export const isoMd5: Fixer = {
  name: "iso-md5",
  summary: "iso_md5 becomes iso_checksum",
  options: ["iso_md5"],
  run({ builders }) {
    for (const builder of builders) {
      if (!isText(builder.iso_md5)) continue;
      builder.iso_checksum = builder.iso_md5;
      builder.iso_checksum_type = "md5";
      delete builder.iso_md5;
    }
  },
};

/** The names of images that said when they were made. */
export const createTime: Fixer = {
  name: "createtime",
  summary: "{{.CreateTime}} in names becomes {{timestamp}}",
  options: [],
  run({ builders }) {
    for (const builder of builders) {
      for (const option of ["ami_name", "bundle_prefix", "snapshot_name"]) {
        const value = builder[option];
        if (isText(value)) builder[option] = value.replace(/\{\{\s*\.CreateTime\s*\}\}/g, "{{timestamp}}");
      }
    }
  },
};

/** Guest additions are attached or uploaded, or neither. */
export const virtualboxGaAttach: Fixer = {
  name: "virtualbox-gaattach",
  summary: "guest_additions_attach becomes guest_additions_mode",
  options: ["guest_additions_attach"],
  run({ builders }) {
    for (const builder of ofType(builders, ["virtualbox"])) {
      const { guest_additions_attach: attach } = builder;
      if (!isBoolean(attach)) continue;
      delete builder.guest_additions_attach;
      builder.guest_additions_mode = attach ? "attach" : "upload";
    }
  },
};

/** Options of vagrant for one provider stand together. */
export const vagrantOverride: Fixer = {
  name: "pp-vagrant-override",
  summary: "options of vagrant for one provider move into override",
  options: ["aws", "digitalocean", "virtualbox", "vmware"],
  run({ postProcessors }) {
    for (const processor of ofType(postProcessors, ["vagrant"])) {
      for (const provider of this.options) {
        const value = processor[provider];
        if (value === undefined) continue;
        delete processor[provider];
        const { override } = processor;
        processor.override = { ...(isComponent(override) ? override : {}), [provider]: value };
      }
    }
  },
};

/** The address to connect to is one of several. */
export const amazonPrivateIp: Fixer = {
  name: "amazon-private-ip",
  summary: "ssh_private_ip of amazon builders becomes ssh_interface",
  options: ["ssh_private_ip"],
  run({ builders }) {
    for (const builder of ofType(builders, [], ["amazon-"])) {
      const { ssh_private_ip: value } = builder;
      if (value === undefined || builder.ssh_interface !== undefined) continue;
      const isPrivate = isBoolean(value) ? value : booleanIn(value);
      delete builder.ssh_private_ip;
      builder.ssh_interface = isPrivate ? "private_ip" : "public_ip";
    }
  },
};

/** One range of addresses becomes a list of them. */
export const amazonSourceCidrs: Fixer = {
  name: "amazon-temp-sec-cidrs",
  summary: "temporary_security_group_source_cidr becomes a list, temporary_security_group_source_cidrs",
  options: ["temporary_security_group_source_cidr"],
  run({ builders }) {
    for (const builder of ofType(builders, [], ["amazon-"])) {
      const { temporary_security_group_source_cidr: value } = builder;
      if (!isText(value)) continue;
      delete builder.temporary_security_group_source_cidr;
      builder.temporary_security_group_source_cidrs = [value];
    }
  },
};

/** An image may have several tags. */
export const dockerTags: Fixer = {
  name: "docker-tag-tags",
  summary: "tag of docker-tag becomes tags",
  options: ["tag"],
  run({ postProcessors }) {
    for (const processor of ofType(postProcessors, ["docker-tag"])) {
      const { tag, tags } = processor;
      delete processor.tag;
      processor.tags = [...tagsIn(tag), ...tagsIn(tags)];
    }
  },
};

/** PowerShell's escapes were needed in some options; now they would be escaped themselves. */
export const powershellEscapes: Fixer = {
  name: "powershell-escapes",
  summary: "escapes with back-ticks in variables and credentials of powershell are removed",
  options: [],
  run({ provisioners }) {
    const unescaped = (text: Fixable): Fixable => (isText(text) ? text.replace(/`([`$"'])/g, "$1") : text);
    for (const provisioner of ofType(provisioners, ["powershell"])) {
      for (const option of ["elevated_user", "elevated_password"]) {
        const value = provisioner[option];
        if (value !== undefined) provisioner[option] = unescaped(value);
      }
      const { environment_vars: variables } = provisioner;
      if (Array.isArray(variables)) provisioner.environment_vars = variables.map(unescaped);
    }
  },
};

/** A disk of ESXi that is not thin cannot be compacted. */
export const vmwareCompaction: Fixer = {
  name: "vmware-compaction",
  summary: "vmware-iso builders on ESXi get skip_compaction where their disk needs it",
  options: [],
  run({ builders }) {
    for (const builder of ofType(builders, ["vmware-iso"])) {
      if (builder.remote_type !== "esx5") continue;
      builder.disk_type_id ??= "zeroedthick";
      if (builder.disk_type_id !== "thin") builder.skip_compaction = true;
    }
  },
};

/** The calls for clean names became one. */
export const cleanImageName: Fixer = {
  name: "clean-image-name",
  summary: "clean_image_name and clean_ami_name in builders become clean_resource_name",
  options: [],
  run({ builders }) {
    const renamed = (value: Fixable): Fixable => {
      if (isText(value)) return value.replace(/clean_(?:image|ami)_name/g, "clean_resource_name");
      if (Array.isArray(value)) return value.map(renamed);
      return isComponent(value) ? Object.fromEntries(Object.entries(value).map(([name, item]) => [name, renamed(item)])) : value;
    };
    for (const builder of builders) {
      for (const [name, value] of Object.entries(builder)) builder[name] = renamed(value);
    }
  },
};

/** A size has a unit. */
export const qemuDiskSize: Fixer = {
  name: "qemu-disk-size",
  summary: "a number as disk_size of qemu becomes text with its unit",
  options: [],
  run({ builders }) {
    for (const builder of ofType(builders, ["qemu"])) {
      if (typeof builder.disk_size === "number") builder.disk_size = `${Math.trunc(builder.disk_size)}M`;
    }
  },
};

/** A machine may have several disks and networks. */
export const vsphereNetworkAndDisk: Fixer = {
  name: "vsphere-iso-net-disk",
  summary: "network and disk options of vsphere-iso move into network_adapters and storage",
  options: ["network", "network_card", "disk_size", "disk_thin_provisioned", "disk_eagerly_scrub"],
  run({ builders }) {
    for (const builder of ofType(builders, ["vsphere-iso"])) {
      gather(builder, ["network", "network_card"], "network_adapters");
      gather(builder, ["disk_size", "disk_thin_provisioned", "disk_eagerly_scrub"], "storage");
    }
  },
};

/** A checksum names its kind itself. */
export const isoChecksum: Fixer = {
  name: "iso-checksum-type-and-url",
  summary: "iso_checksum_type and iso_checksum_url become part of iso_checksum",
  options: ["iso_checksum_type", "iso_checksum_url"],
  run({ builders }) {
    for (const builder of builders) {
      const { iso_checksum_type: type, iso_checksum_url: url, iso_checksum: checksum } = builder;
      delete builder.iso_checksum_type;
      delete builder.iso_checksum_url;
      const isNone = isText(type) && type.toLowerCase() === "none";
      if (isText(url) && url !== "") builder.iso_checksum = `file:${url}`;
      else if (isNone) builder.iso_checksum = "none";
      else if (isText(type) && type !== "" && isText(checksum) && checksum !== "" && !checksum.startsWith(`${type}:`)) {
        builder.iso_checksum = `${type}:${checksum}`;
      }
    }
  },
};

/** A misspelt name inside a block. */
export const azureExcludeFromLatest: Fixer = {
  name: "azure-exclude_from_latest",
  summary: "exlude_from_latest of azure-chroot becomes exclude_from_latest",
  options: ["exlude_from_latest"],
  run({ builders }) {
    for (const { shared_image_destination: destination } of ofType(builders, ["azure-chroot"])) {
      for (const block of Array.isArray(destination) ? destination : [destination]) {
        if (!isComponent(block) || block.exlude_from_latest === undefined) continue;
        block.exclude_from_latest = block.exlude_from_latest;
        delete block.exlude_from_latest;
      }
    }
  },
};

// --- internal ---

/** Go's texts for booleans. */
function booleanIn(value: Fixable): boolean {
  if (value === "1" || value === "t" || value === "T" || value === "true" || value === "TRUE" || value === "True") return true;
  if (value === "0" || value === "f" || value === "F" || value === "false" || value === "FALSE" || value === "False") return false;
  throw new FixError('"ssh_private_ip" of an amazon builder is neither true nor false: write "ssh_interface" in its place.');
}

function tagsIn(value: Fixable | undefined): readonly Fixable[] {
  if (isText(value)) return value.split(",");
  return Array.isArray(value) ? value : [];
}

/** Moves options into an object of their own at the front of a list. */
function gather(builder: Component, options: readonly string[], list: string): void {
  const moved: Component = {};
  for (const option of options) {
    const value = builder[option];
    if (value !== undefined) moved[option] = value;
    delete builder[option];
  }
  if (Object.keys(moved).length === 0) return;
  const others = builder[list];
  builder[list] = [moved, ...(Array.isArray(others) ? others : others === undefined ? [] : [others])];
}
