// A real Debian, from its boot loader to cloud-init: a machine is built, and another from its disk.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findDebianGuest, lab, makeSshKey, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { tspack } from "../support/tspack.ts";

const program = `import { build, path, provision, source, variable } from "tspack";

const disk = variable("disk");
const key = variable("key");
const publicKey = variable("public_key");

/** A Debian machine that calls itself by the name, and knows a user with the key. */
const machine = (name: string) => ({
  disk_image: true,
  iso_checksum: "none",
  skip_resize_disk: true,
  accelerator: "tcg",
  cpus: 2,
  memory: 768,
  headless: true,
  cd_label: "cidata",
  cd_content: {
    "meta-data": JSON.stringify({ "instance-id": name, "local-hostname": name }),
    "user-data": \`#cloud-config
users:
  - name: builder
    shell: /bin/sh
    sudo: ALL=(ALL) NOPASSWD:ALL
    ssh_authorized_keys: [ \${JSON.stringify(publicKey)} ]
\`,
  },
  ssh_username: "builder",
  ssh_private_key_file: key,
  ssh_timeout: "20m",
  shutdown_command: "sudo poweroff",
  vm_name: name + ".qcow2",
  output_directory: name,
});

const first = source("qemu", "first", { ...machine("first"), iso_url: disk });
const base = build({
  sources: [first],
  provisioners: [
    provision("shell", { inline: ["echo host=$(hostname) user=$(id -un) init=$(ps -p 1 -o comm=)"] }),
    provision("file", { source: "page.html", destination: "/tmp/page.html" }),
    provision("shell", { execute_command: "sudo sh -c '{{ .Vars }} {{ .Path }}'", inline: ["install -D -m 644 -o root /tmp/page.html /srv/page.html"] }),
  ],
});

const second = source("qemu", "second", {
  ...machine("second"),
  iso_url: base.artifact(first).file("first.qcow2"),
  use_backing_file: true,
});
export default [
  base,
  build({
    sources: [second],
    provisioners: [
      provision("shell", { inline: ["echo host=$(hostname) owner=$(stat -c %U /srv/page.html)"] }),
      provision("file", { direction: "download", source: "/srv/page.html", destination: \`\${path.root}/downloaded.html\` }),
    ],
  }),
];
`;

lab(
  test,
  "debian-guest",
  "qemu-system-x86_64",
  "qemu-img",
  "ssh-keygen",
)(
  "Debian is set up by its seed, provisioned, shut down and compacted; a second machine starts from its disk without copying it",
  async () => {
    const cwd = tmp("debian");
    const key = makeSshKey(cwd, "key", "ed25519");
    writeFileSync(join(cwd, "image.ts"), program);
    const page = `<h1>Made ${new Date().toISOString()}</h1>\n`;
    writeFileSync(join(cwd, "page.html"), page);
    const variables = { disk: findDebianGuest()?.disk, key: key.file, public_key: key.publicKey };
    const args = Object.entries(variables).map(([name, value]) => `-var=${name}=${value}`);
    const { code, stdout } = await tspack(["run", ...args], { cwd, env: { PACKER_CACHE_DIR: join(cwd, "cache") } });
    assert.is(code, 0, stdout);
    assert.match(stdout, /host=first user=builder init=systemd/);
    assert.match(stdout, /host=second owner=root/);
    assert.is(readFileSync(join(cwd, "downloaded.html"), "utf8"), page);

    const info = (path: string): { readonly format: string; readonly "backing-filename"?: string } =>
      JSON.parse(execFileSync("qemu-img", ["info", "--output=json", join(cwd, path)], { encoding: "utf8" }));
    assert.is(info("first/first.qcow2").format, "qcow2");
    assert.is(info("first/first.qcow2")["backing-filename"], undefined);
    assert.match(info("second/second.qcow2")["backing-filename"] ?? "", /first\/first\.qcow2$/);
    assert.equal([readdirSync(join(cwd, "first")), readdirSync(join(cwd, "second"))], [["first.qcow2"], ["second.qcow2"]]);
    assert.not.ok(existsSync(join(cwd, "cache")) && readdirSync(join(cwd, "cache")).some((name) => name.includes("qcow2")));
  },
);

test.run();
