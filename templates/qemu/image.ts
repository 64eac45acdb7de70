// A virtual machine's disk image: Debian with a web server. Needs QEMU (Debian: apt install qemu-system-x86 qemu-utils).
import { randomBytes } from "node:crypto";
import { build, path, provision, secret, source, t, variable } from "tspack";

const image = variable("image", {
  default: "https://cloud.debian.org/images/cloud/bookworm/latest/debian-12-genericcloud-amd64.qcow2",
  description: "Disk image to start from, with cloud-init",
});
const checksum = variable("checksum", {
  default: "file:https://cloud.debian.org/images/cloud/bookworm/latest/SHA512SUMS",
  description: "What the image is checked against",
});

// For this build alone. The image that comes out of it has no password.
const password = secret(randomBytes(12).toString("hex"));

const debian = source("qemu", "debian", {
  iso_url: image,
  iso_checksum: checksum,
  disk_image: true, // iso_url is a disk, not an installation medium
  disk_size: "8G",
  cpus: 2,
  memory: 1024,
  headless: true,
  // cloud-init reads this CD when the machine starts.
  cd_label: "cidata",
  cd_content: {
    "meta-data": "instance-id: build\n",
    "user-data": t`#cloud-config\npassword: ${password}\nchpasswd: { expire: false }\nssh_pwauth: true\n`,
  },
  ssh_username: "debian",
  ssh_password: password,
  ssh_timeout: "10m",
  // Nothing of the build stays in the image.
  shutdown_command:
    "sudo sh -c 'passwd -l debian; rm -f /etc/ssh/sshd_config.d/50-cloud-init.conf; cloud-init clean --logs --machine-id; poweroff'",
  output_directory: `${path.root}/output`,
  vm_name: "debian.qcow2",
});

export default build({
  sources: [debian],
  provisioners: [
    provision("shell", { inline: ["cloud-init status --wait || true", "sudo apt-get update", "sudo apt-get install -y nginx-light"] }),
    provision("file", { source: `${path.root}/site`, destination: "/tmp" }),
    provision("shell", { inline: ["sudo install -m 644 -t /var/www/html /tmp/site/index.html"] }),
  ],
});
