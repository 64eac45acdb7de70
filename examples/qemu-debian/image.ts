// A Debian disk image with a web page on it: Debian's own image is started as a virtual machine, set up over SSH, and shut down.
import { randomBytes } from "node:crypto";
import { build, keys, path, provision, secret, source, t, typeText, variable, waitForText } from "tspack";

const image = variable("image", {
  default: "https://cloud.debian.org/images/cloud/bookworm/latest/debian-12-genericcloud-amd64.qcow2",
  description: "Disk image to start from: a URL or a path; it needs cloud-init, sudo and an SSH server",
});
const checksum = variable("checksum", {
  default: "file:https://cloud.debian.org/images/cloud/bookworm/latest/SHA512SUMS",
  description: "What the image is checked against: sha256:…, file:URL of a list, or none",
});

// The builder's user logs in at the console with this password, once. SSH takes keys only.
const password = secret(randomBytes(12).toString("hex"));

// What cloud-init finds on the machine's CD when it starts for the first time.
const seed = {
  "meta-data": "instance-id: build\nlocal-hostname: web\n",
  "user-data": t`#cloud-config
users:
  - name: builder
    shell: /bin/bash
    sudo: ALL=(ALL) NOPASSWD:ALL
    lock_passwd: false
    plain_text_passwd: ${password}
`,
};

const debian = source("qemu", "debian", {
  iso_url: image,
  iso_checksum: checksum,
  disk_image: true, // iso_url is a disk, not an installation medium
  disk_size: "4G",
  cpus: 2,
  memory: 1024,
  headless: true,
  cd_label: "cidata",
  cd_content: seed,
  boot_wait: "-1s", // there is no need to guess how long it takes: the boot command waits for what it sees
  boot_command: [
    // The console that has a keyboard; the serial one asks for a login, too.
    waitForText("web tty1", { within: "30m" }),
    "builder<enter>",
    waitForText("Password:"),
    password.map(typeText),
    keys.enter,
    waitForText("builder@web:~$"),
    // The key that the builder has made for this machine.
    "mkdir -m 700 .ssh && echo '{{ .SSHPublicKey }}' >.ssh/authorized_keys && exit<enter>",
  ],
  ssh_username: "builder",
  temporary_key_pair_type: "ed25519",
  // Nothing of the build stays: neither its user nor what cloud-init has noted about this machine.
  shutdown_command:
    "sudo sh -c 'cloud-init clean --logs --machine-id && userdel -rf builder && rm /etc/sudoers.d/90-cloud-init-users; poweroff'",
  output_directory: `${path.root}/output`,
  vm_name: "web.qcow2",
  disk_compression: true,
});

export default build({
  sources: [debian],
  provisioners: [
    // cloud-init may still be at work when the machine can be reached. What it thinks of the outcome is not asked here.
    provision("shell", { inline: ["cloud-init status --wait || true"] }),
    provision("file", { source: `${path.root}/site`, destination: "/tmp" }),
    provision("shell", { inline: ["sudo install -D -m 644 -t /var/www/html /tmp/site/index.html", "rm -r /tmp/site", "sync"] }),
  ],
});
