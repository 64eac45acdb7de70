// Machines from templates: one that an installer makes, and one that comes out the same from HCL and from its conversion.
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lab, type TinyGuest, tinyGuest, tinyGuestNeeds, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { tspack } from "../support/tspack.ts";

const vmTest = lab(test, ...tinyGuestNeeds);

/** A folder with files, and `tspack` in it with a cache of its own. */
function project(files: { readonly [name: string]: string }) {
  const cwd = tmp("vm");
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(cwd, name, ".."), { recursive: true });
    writeFileSync(join(cwd, name), content);
  }
  const run = async (...words: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await tspack(words, { cwd, env: { PACKER_CACHE_DIR: join(cwd, "cache") } });
    assert.is(code, 0, stdout + stderr);
    return stdout;
  };
  return { cwd, run };
}

/** What each machine here has, as HCL. */
const common = ({ username, privateKey }: TinyGuest): string => `
  accelerator          = "tcg"
  memory               = 256
  headless             = true
  ssh_username         = ${JSON.stringify(username)}
  ssh_private_key_file = ${JSON.stringify(privateKey)}
  ssh_timeout          = "10m"
  shutdown_command     = "poweroff"
`;

// Through the monitor the guest's keyboard is looked at. VNC has no such way: a guest that gets no turn for long loses keys.
for (const [typing, interval] of [
  ["qmp", "10ms"],
  ["vnc", "50ms"],
]) {
  vmTest(`an installer on an ISO is told at its boot loader, through ${typing}, where its answers are, installs and reboots`, async () => {
    const guest = tinyGuest();
    const { cwd, run } = project({
      "x.pkr.hcl": `
source "qemu" "installed" {${common(guest)}
  iso_url           = ${JSON.stringify(guest.installerIso)}
  iso_checksum      = "none"
  disk_size         = "160M"
  http_directory    = "http"
  boot_typing       = "${typing}"
  boot_wait         = "-1s"
  boot_key_interval = "${interval}"
  boot_command      = ["<waitText \\"boot:\\" 5m>", "install answers=http://{{ .HTTPIP }}:{{ .HTTPPort }}/answers.sh<enter>"]
}
build {
  sources = ["qemu.installed"]
  provisioner "shell" {
    execute_command = "sh {{ .Path }}"
    inline          = ["echo host=$(hostname) port=\${build.Host != "" ? "known" : "unknown"}", "grep -o 'entry=linux' /proc/cmdline"]
  }
}
`,
      "http/answers.sh": "DISK=$(dirname $answers)/disk.raw.gz\nHOSTNAME=chosen-here\n",
    });
    symlinkSync(guest.installerDisk, join(cwd, "http/disk.raw.gz"));
    const output = await run("run", ".");
    assert.match(output, /host=chosen-here port=known/);
    assert.match(output, /entry=linux/);
  });
}

vmTest("a template and its conversion make the same image", async () => {
  const guest = tinyGuest();
  const template = `packer {
  required_plugins {
    qemu = { source = "github.com/hashicorp/qemu", version = "~> 1.0" }
  }
}
variable "greeting" {
  type    = string
  default = "hello"
}
locals {
  words = [for word in ["from", "the", "template"] : upper(word)]
}
source "qemu" "tiny" {${common(guest)}
  disk_image       = true
  skip_resize_disk = true
  iso_url          = ${JSON.stringify(guest.disk)}
  iso_checksum     = "none"
  vm_name          = "tiny.qcow2"
  output_directory = "out"
}
build {
  sources = ["qemu.tiny"]
  provisioner "file" {
    content     = "\${var.greeting} \${join(" ", local.words)}\\n"
    destination = "/root/content"
  }
  provisioner "file" {
    source      = "tree"
    destination = "/root"
  }
  provisioner "shell" {
    execute_command  = "{{ .Vars }} sh {{ .Path }}"
    environment_vars = ["GREETING=\${var.greeting}"]
    inline           = ["echo \\"$GREETING from $(hostname)\\" > /root/shell", "find /root -type f -not -name .ash_history | sort | xargs sha256sum | sed 's/^/content: /'"]
  }
}
`;
  const { cwd, run } = project({ "x.pkr.hcl": template, "tree/a": "a\n", "tree/deep/b": "b\n" });
  const contents = (output: string): string[] => output.match(/content: [0-9a-f]{64} {2}\S+/g) ?? [];
  const original = contents(await run("run", "."));
  const names = original.map((line) => line.split("  ")[1]);
  assert.equal(names.slice(-4), ["/root/content", "/root/shell", "/root/tree/a", "/root/tree/deep/b"]);

  const converted = join(cwd, "converted");
  await run("convert", `-out=${converted}`, "x.pkr.hcl");
  cpSync(join(cwd, "tree"), join(converted, "tree"), { recursive: true });
  assert.equal(contents(await run("run", "-force", converted)), original);
});

test.run();
