import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { lab, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { fixTemplate } from "../../../src/json/fix/fix-template.ts";
import { fixers } from "../../../src/json/fix/fixers.ts";

const folder = tmp();

type Options = { readonly [option: string]: unknown };
type Kind = "builders" | "provisioners" | "post-processors";

// [fixer, kind, before, after]: all of it as Packer 1.6.6 does it
const cases: readonly (readonly [string, Kind, Options, Options])[] = [
  ["iso-md5", "builders", { type: "x", iso_md5: "abc" }, { type: "x", iso_checksum: "md5:abc" }],
  [
    "createtime",
    "builders",
    { type: "x", ami_name: "a {{ .CreateTime }}", name: "{{.CreateTime}}" },
    { type: "x", ami_name: "a {{timestamp}}", name: "{{.CreateTime}}" },
  ],
  [
    "createtime",
    "builders",
    { type: "x", bundle_prefix: "{{.CreateTime}}", snapshot_name: "{{isotime .CreateTime}}" },
    { type: "x", bundle_prefix: "{{timestamp}}", snapshot_name: "{{isotime .CreateTime}}" },
  ],
  [
    "virtualbox-gaattach",
    "builders",
    { type: "virtualbox", guest_additions_attach: true },
    { type: "virtualbox-iso", guest_additions_mode: "attach" },
  ],
  [
    "virtualbox-gaattach",
    "builders",
    { type: "virtualbox", guest_additions_attach: false },
    { type: "virtualbox-iso", guest_additions_mode: "upload" },
  ],
  [
    "pp-vagrant-override",
    "post-processors",
    { type: "vagrant", aws: { a: 1 }, virtualbox: { b: 2 }, output: "x" },
    { type: "vagrant", output: "x", override: { aws: { a: 1 }, virtualbox: { b: 2 } } },
  ],
  ["virtualbox-rename", "builders", { type: "virtualbox" }, { type: "virtualbox-iso" }],
  ["vmware-rename", "builders", { type: "vmware" }, { type: "vmware-iso" }],
  ["parallels-headless", "builders", { type: "parallels-pvm", headless: true }, { type: "parallels-pvm" }],
  [
    "parallels-deprecations",
    "builders",
    { type: "parallels-iso", parallels_tools_host_path: "x", guest_os_distribution: "y" },
    { type: "parallels-iso", guest_os_type: "y" },
  ],
  ["sshkeypath", "builders", { type: "x", ssh_key_path: "a" }, { type: "x", ssh_private_key_file: "a" }],
  ["sshkeypath", "builders", { type: "x", ssh_key_path: "a", ssh_private_key_file: "b" }, { type: "x", ssh_private_key_file: "b" }],
  ["sshkeypath", "builders", { type: "x", ssh_key_path: 5 }, { type: "x", ssh_key_path: 5 }],
  ["sshdisableagent", "builders", { type: "x", ssh_disable_agent: true }, { type: "x", ssh_disable_agent_forwarding: true }],
  ["scaleway-access-key", "builders", { type: "scaleway", access_key: "a" }, { type: "scaleway", organization_id: "a" }],
  ["scaleway-access-key", "builders", { type: "amazon-ebs", access_key: "a" }, { type: "amazon-ebs", access_key: "a" }],
  ["manifest-filename", "post-processors", { type: "manifest", filename: "a", output: "b" }, { type: "manifest", output: "a" }],
  [
    "amazon-shutdown_behavior",
    "builders",
    { type: "amazon-instance", shutdown_behaviour: "stop" },
    { type: "amazon-instance", shutdown_behavior: "stop" },
  ],
  ["amazon-enhanced-networking", "builders", { type: "amazon-ebs", enhanced_networking: true }, { type: "amazon-ebs", ena_support: true }],
  ["amazon-private-ip", "builders", { type: "amazon-ebs", ssh_private_ip: true }, { type: "amazon-ebs", ssh_interface: "private_ip" }],
  ["amazon-private-ip", "builders", { type: "amazon-ebs", ssh_private_ip: "false" }, { type: "amazon-ebs", ssh_interface: "public_ip" }],
  [
    "amazon-private-ip",
    "builders",
    { type: "amazon-ebs", ssh_private_ip: true, ssh_interface: "z" },
    { type: "amazon-ebs", ssh_private_ip: true, ssh_interface: "z" },
  ],
  [
    "amazon-temp-sec-cidrs",
    "builders",
    { type: "amazon-ebs", temporary_security_group_source_cidr: "1" },
    { type: "amazon-ebs", temporary_security_group_source_cidrs: ["1"] },
  ],
  ["docker-email", "post-processors", { type: "docker-push", login_email: "a@b" }, { type: "docker-push" }],
  ["docker-tag-tags", "post-processors", { type: "docker-tag", tag: "a,b", tags: ["c"] }, { type: "docker-tag", tags: ["a", "b", "c"] }],
  [
    "powershell-escapes",
    "provisioners",
    { type: "powershell", environment_vars: ['A=`$x``y`n`"'], elevated_user: "a`$b", elevated_password: "p`q``$", inline: ["`$x"] },
    { type: "powershell", environment_vars: ['A=$x`y`n"'], elevated_user: "a$b", elevated_password: "p`q`$", inline: ["`$x"] },
  ],
  [
    "vmware-compaction",
    "builders",
    { type: "vmware", remote_type: "esx5" },
    { type: "vmware-iso", remote_type: "esx5", disk_type_id: "zeroedthick", skip_compaction: true },
  ],
  [
    "vmware-compaction",
    "builders",
    { type: "vmware-iso", remote_type: "esx5", disk_type_id: "thin" },
    { type: "vmware-iso", remote_type: "esx5", disk_type_id: "thin" },
  ],
  ["hyperv-deprecations", "builders", { type: "hyperv-iso", vhd_temp_path: "x" }, { type: "hyperv-iso" }],
  ["hyperv-vmxc-typo", "builders", { type: "hyperv-vmcx", clone_from_vmxc_path: "a" }, { type: "hyperv-vmcx", clone_from_vmcx_path: "a" }],
  ["hyperv-cpu-and-ram", "builders", { type: "hyperv-iso", cpu: 1, ram_size: 2, memory: 3 }, { type: "hyperv-iso", cpus: 1, memory: 2 }],
  [
    "clean-image-name",
    "builders",
    { type: "x", a: "{{isotime | clean_ami_name}}", m: { n: "{{clean_image_name `q`}}" } },
    { type: "x", a: "{{isotime | clean_resource_name}}", m: { n: "{{clean_resource_name `q`}}" } },
  ],
  ["spot-price-auto-product", "builders", { type: "amazon-ebs", spot_price_auto_product: "x" }, { type: "amazon-ebs" }],
  ["qemu-disk-size", "builders", { type: "qemu", disk_size: 40960 }, { type: "qemu", disk_size: "40960M" }],
  ["galaxy-command", "provisioners", { type: "ansible-local", galaxycommand: "x" }, { type: "ansible-local", galaxy_command: "x" }],
  [
    "comm-config",
    "builders",
    { type: "virtualbox-ovf", ssh_host_port_min: 1, ssh_host_port_max: 2, host_port_max: 9, ssh_skip_nat_mapping: true },
    { type: "virtualbox-ovf", host_port_min: 1, host_port_max: 9, skip_nat_mapping: true },
  ],
  ["ssh-wait-timeout", "builders", { type: "x", ssh_wait_timeout: "5s" }, { type: "x", ssh_timeout: "5s" }],
  [
    "vsphere-iso-net-disk",
    "builders",
    { type: "vsphere-iso", network: "n", network_card: "c", disk_size: 5, disk_thin_provisioned: true, storage: [{ b: 1 }] },
    {
      type: "vsphere-iso",
      network_adapters: [{ network: "n", network_card: "c" }],
      storage: [{ disk_size: 5, disk_thin_provisioned: true }, { b: 1 }],
    },
  ],
  [
    "iso-checksum-type-and-url",
    "builders",
    { type: "x", iso_checksum: "abc", iso_checksum_type: "sha256" },
    { type: "x", iso_checksum: "sha256:abc" },
  ],
  [
    "iso-checksum-type-and-url",
    "builders",
    { type: "x", iso_checksum: "abc", iso_checksum_type: "sha256", iso_checksum_url: "u" },
    { type: "x", iso_checksum: "file:u" },
  ],
  [
    "qemu-host-port",
    "builders",
    { type: "qemu", ssh_host_port_min: 1, ssh_host_port_max: 2, host_port_min: 5 },
    { type: "qemu", host_port_min: 1, host_port_max: 2 },
  ],
  [
    "azure-exclude_from_latest",
    "builders",
    { type: "azure-chroot", shared_image_destination: { exlude_from_latest: true } },
    { type: "azure-chroot", shared_image_destination: { exclude_from_latest: true } },
  ],
  ["proxmox-type", "builders", { type: "proxmox" }, { type: "proxmox-iso" }],
];

function fixed(template: unknown, options: Parameters<typeof fixTemplate>[1] = {}) {
  return fixTemplate("-", { standardInput: JSON.stringify(template), ...options });
}

test("every fixer has a case", () => {
  const names = fixers.map(({ name }) => name);
  assert.is(names.length, 34);
  assert.equal(
    names.filter((name) => !cases.some(([of]) => of === name)),
    [],
  );
});

for (const [name, kind, before, after] of cases) {
  test(`${name}: ${JSON.stringify(before)}`, () => {
    const { text } = fixed({ builders: [], [kind]: [before] }, { validate: false });
    assert.equal(JSON.parse(text ?? ""), { builders: [], [kind]: [after] });
  });
}

/** Everything at once, with values that test the printing. */
function everything(): Options {
  const of = (wanted: Kind) => cases.filter(([, kind]) => kind === wanted).map(([, , before]) => before);
  const builders = of("builders").map((builder, index) => ({ name: `b${index}`, ...builder }));
  const odd = {
    type: "odd",
    text: '<b> & "q" \\ / é \u2028 \u0001 \b\f\n\t 👍',
    numbers: [1.0, -2.5, 1e-7, 1e21, 100000000000000000000, 0.1],
    empty: [{}, []],
    nothing: null,
  };
  return {
    _comment: "hi",
    variables: { b: null, a: "1" },
    provisioners: of("provisioners"),
    builders: [...builders, odd],
    "post-processors": [...of("post-processors"), of("post-processors"), "manifest"],
  };
}

lab(test, "packer")("Packer fixes and prints the same, byte for byte", () => {
  const template = JSON.stringify(everything());
  writeFileSync(join(folder, "all.json"), template);
  const environment = { ...process.env, CHECKPOINT_DISABLE: "1" };
  const expected = execFileSync("packer", ["fix", "-validate=false", "all.json"], { cwd: folder, env: environment, encoding: "utf8" });
  const { text, diagnostics } = fixTemplate("all.json", { workingDirectory: folder, validate: false });
  assert.equal(diagnostics, []);
  assert.is(text?.trimEnd(), expected.trimEnd());
});

test("what is fixed needs no fixing", () => {
  // But for PowerShell's escapes, of which one layer is removed each time, as in Packer.
  const { text = "" } = fixed({ ...everything(), provisioners: [] }, { validate: false });
  assert.is(fixTemplate("-", { standardInput: text, validate: false }).text, text);
});

test("where Packer loses something, nothing is lost", () => {
  const { text } = fixed({
    builders: [
      { type: "x", iso_checksum_type: "none" },
      { type: "y", iso_checksum: "sha256:a", iso_checksum_type: "sha256", big: 1 },
    ],
    "post-processors": [{ type: "vagrant", aws: { a: 1 }, override: { virtualbox: { b: 2 } } }],
  });
  assert.equal(JSON.parse(text ?? ""), {
    builders: [
      { type: "x", iso_checksum: "none" },
      { type: "y", iso_checksum: "sha256:a", big: 1 },
    ],
    "post-processors": [{ type: "vagrant", override: { aws: { a: 1 }, virtualbox: { b: 2 } } }],
  });
  const big = fixTemplate("-", { standardInput: '{"builders":[{"type":"x","big":12345678901234567890}]}' });
  assert.match(big.text ?? "", /12345678901234567890/);
});

test("the fixed template is checked, unless told not to", () => {
  const template = { builders: [], variables: { a: 1 } };
  const checked = fixed(template);
  assert.ok(checked.text);
  assert.match(checked.diagnostics.map(({ detail }) => detail).join(), /"a" must be text/);
  assert.match(fixed({ builders: [] }).diagnostics[0]?.detail ?? "", /at least one builder/);
  assert.equal(fixed(template, { validate: false }).diagnostics, []);
});

test("what cannot be fixed is told", () => {
  for (const [text, expected] of [
    ["{", /TPK2001/],
    ["[1]", /TPK2301 A template must be an object/],
    ['{"builders": {"type": "x"}}', /TPK2301 "builders" must be a list/],
    ['{"builders": [{"type": "amazon-ebs", "ssh_private_ip": "perhaps"}]}', /TPK2301 "ssh_private_ip" of an amazon builder is neither/],
    ['{"builders": [{"type": "x", "a": 1, "a": 2}]}', /TPK2202/],
  ] as const) {
    const { text: result, diagnostics } = fixTemplate("-", { standardInput: text });
    assert.is(result, undefined);
    assert.match(diagnostics.map(({ code, detail }) => `${code} ${detail}`).join(), expected);
  }
  assert.match(fixTemplate("none.json", { workingDirectory: folder }).diagnostics[0]?.detail ?? "", /does not exist/);
});

test.run();
