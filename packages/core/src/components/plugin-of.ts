// Where components of well-known plugins of Packer come from.

/** Owners on github.com of plugins whose components begin with these names. */
const owners: { readonly [plugin: string]: string } = {
  alicloud: "hashicorp",
  amazon: "hashicorp",
  ansible: "hashicorp",
  azure: "hashicorp",
  chef: "hashicorp",
  digitalocean: "digitalocean",
  docker: "hashicorp",
  git: "ethanmdavidson",
  googlecompute: "hashicorp",
  hcloud: "hetznercloud",
  hyperv: "hashicorp",
  inspec: "hashicorp",
  linode: "linode",
  lxc: "hashicorp",
  lxd: "hashicorp",
  openstack: "hashicorp",
  oracle: "hashicorp",
  parallels: "Parallels",
  proxmox: "hashicorp",
  puppet: "hashicorp",
  salt: "hashicorp",
  sshkey: "ivoronin",
  vagrant: "hashicorp",
  virtualbox: "hashicorp",
  vmware: "hashicorp",
  vsphere: "hashicorp",
  "windows-update": "rgl",
};

/** The address of the plugin that most likely has this component: `github.com/hashicorp/ansible` for `ansible-local`. */
export function likelyPluginOf(type: string): string | undefined {
  for (const [name, owner] of Object.entries(owners)) {
    if (type === name || type.startsWith(`${name}-`)) return `github.com/${owner}/${name}`;
  }
  return undefined;
}
