// Starts the image that image.ts has made, as a new machine, and has it show its web page on the serial console.
import { build, path, source, waitForText } from "tspack";

const machine = source("qemu", "machine", {
  iso_url: `${path.root}/output/web.qcow2`,
  iso_checksum: "none", // it was made here
  disk_image: true,
  use_backing_file: true, // the image stays as it is
  skip_resize_disk: true,
  cpus: 2,
  memory: 1024,
  headless: true,
  cd_label: "cidata",
  cd_content: {
    "meta-data": "instance-id: boots\nlocal-hostname: boots\n",
    "user-data": "#cloud-config\nruncmd: [ 'cat /var/www/html/index.html >/dev/ttyS0', poweroff ]\n",
  },
  boot_wait: "-1s",
  boot_command: [waitForText("<h1>Hello from a virtual machine</h1>", { on: "serial", within: "30m" })],
  communicator: "none", // the machine powers itself off
  output_directory: `${path.root}/output/boots`,
});

export default build({ sources: [machine] });
