// What docs/components.md says about components beside their options. The examples are compiled by a test.
import type { ComponentKind, ConfigSpec, OptionSpec } from "@tspack/core/sdk";

function option(kind: "string" | "number" | "bool", description: string, defaultValue?: unknown): OptionSpec {
  return { type: { kind }, required: false, description, default: defaultValue };
}

function names(description: string): OptionSpec {
  return { type: { kind: "list", element: { kind: "string" } }, required: false, description };
}

const selection: ConfigSpec["options"] = {
  only: names("Runs for these sources alone, given as values or as `type.name`. Not together with `except`."),
  except: names("Runs for all sources but these."),
};

/** Arguments that core takes from the options of every step of a kind. */
export const commonArguments: { readonly [kind in ComponentKind]?: { readonly about: string; readonly spec: ConfigSpec } } = {
  provisioner: {
    about: "All of them take these arguments too:",
    spec: {
      options: {
        name: option("string", "A label for display."),
        pause_before: option("string", "Waits before each attempt."),
        timeout: option("string", "Fails the step after this time. Ignored where `pause_before` is set, as in Packer."),
        max_retries: option("number", "Extra attempts after a failure.", 0),
        continue_on_error: option("bool", "A failure after all attempts becomes a warning.", false),
        ...selection,
        override: {
          type: { kind: "map", element: { kind: "any" } },
          required: false,
          description: "Other options for single sources, by source name: `{ [large.name]: { inline: [] } }`.",
        },
      },
    },
  },
  "post-processor": {
    about: "All of them take these arguments too:",
    spec: {
      options: {
        name: option("string", "A name for display and for `-except`; the type unless given."),
        keep_input_artifact: option("bool", "Keeps the artifact it starts from. What happens otherwise is said below."),
        ...selection,
      },
    },
  },
};

/** By kind and type: where to read on, and what options cannot say. */
export const componentNotes: { readonly [key: string]: string | undefined } = {
  "builder null":
    'For machines that are there already, and for builds that need none (`communicator: "none"`). [SSH](ssh.md) and [WinRM](winrm.md) are the guides to the connection.',
  "builder rootfs": "[rootfs](rootfs.md) is the guide to it.",
  "builder qemu":
    "[QEMU](qemu.md) is the guide to it, and [boot commands](boot-command.md) that to typing at boot. It comes with tspack as a plugin of its own, and needs QEMU on this machine.",
  "builder file": "Needs no machine. An existing file is replaced.",
  "provisioner shell": "Give one of `inline`, `script` and `scripts`. Scripts are uploaded and run on the machine.",
  "provisioner shell-local": "Give one of `inline`, `command`, `script` and `scripts`. They run on this machine, in the working directory.",
  "provisioner file": 'Give `source`, `sources` or `content`. With `direction: "download"` the file comes from the machine.',
  "provisioner powershell":
    "Give one of `inline`, `script` and `scripts`. [Windows machines](windows.md) is the guide to it: what scripts see, users with elevated rights, exit codes.",
  "provisioner windows-shell":
    "Give one of `inline`, `script` and `scripts`. For PowerShell there is [powershell](#powershell-provisioner). [Windows machines](windows.md) is the guide to both.",
  "provisioner windows-restart":
    "Put it where scripts need a restart in between. [Windows machines](windows.md) says how the restart is seen.",
  "provisioner breakpoint": "Needs a terminal: without one the build fails.",
  "post-processor artifice": "The artifact before it is kept, unless `keep_input_artifact` is `false`.",
  "post-processor checksum": "Always keeps the artifact it starts from.",
  "post-processor compress": "Removes the files that it packed, unless `keep_input_artifact` is set.",
  "post-processor manifest": "Always keeps the artifact it starts from.",
  "post-processor shell-local": "Always keeps the artifact it starts from. Give one of `inline`, `command`, `script` and `scripts`.",
};

/** By kind and type. */
export const componentExamples: { readonly [key: string]: string | undefined } = {
  "builder null": `
source("null", "server", { ssh_host: "192.0.2.10", ssh_username: "admin", ssh_private_key_file: "~/.ssh/id_ed25519" });`,
  "builder file": `
source("file", "motd", { target: "output/motd", content: "made by tspack\\n" });`,
  "builder qemu": `
source("qemu", "debian", {
  iso_url: "https://cloud.debian.org/images/cloud/bookworm/latest/debian-12-genericcloud-amd64.qcow2",
  iso_checksum: "file:https://cloud.debian.org/images/cloud/bookworm/latest/SHA512SUMS",
  disk_image: true,
  disk_size: "8G",
  headless: true,
  cd_label: "cidata",
  cd_content: { "/meta-data": "", "/user-data": "#cloud-config\\nssh_pwauth: true\\npassword: once\\nchpasswd: { expire: false }\\n" },
  ssh_username: "debian",
  ssh_password: "once",
  shutdown_command: "sudo systemctl poweroff",
});`,
  "builder rootfs": `
source("rootfs", "app", {
  base: { host_files: ["node"] },
  files: { "/app/server.mjs": "server.mjs" },
  output: [{ format: "oci-archive", path: "output/app.oci.tar", cmd: ["node", "/app/server.mjs"], tags: ["app:1.0"] }],
});`,
  "provisioner shell": `
provision("shell", { inline: ["apt-get update", "apt-get install -y nginx"], env: { DEBIAN_FRONTEND: "noninteractive" } });
provision("shell", { scripts: ["scripts/base.sh", "scripts/clean.sh"], execute_command: "sudo {{.Vars}} {{.Path}}" });`,
  "provisioner shell-local": `
provision("shell-local", { inline: ["make -C app"], env: { TARGET: "release" } });`,
  "provisioner file": `
provision("file", { source: "app/", destination: "/srv/app" });
provision("file", { content: "hello\\n", destination: "/etc/motd" });
provision("file", { direction: "download", source: "/var/log/setup.log", destination: "output/" });`,
  "provisioner breakpoint": `
provision("breakpoint", { note: "look around before the clean-up" });`,
  "provisioner powershell": `
provision("powershell", { inline: ["Install-WindowsFeature Web-Server"] });
provision("powershell", { script: "scripts/setup.ps1", env: { SITE: "example.org" }, elevated_user: "SYSTEM", valid_exit_codes: [0, 3010] });`,
  "provisioner windows-shell": `
provision("windows-shell", { inline: ["net user /add builder", "reg import c:\\\\setup.reg"] });`,
  "provisioner windows-restart": `
provision("windows-restart", { restart_timeout: "30m", check_registry: true });`,
  "provisioner sleep": `
provision("sleep", { duration: "30s" });`,
  "post-processor artifice": `
postProcess("artifice", { files: ["output/*.deb"] });`,
  "post-processor checksum": `
postProcess("checksum", { checksum_types: ["sha256"], output: "output/{{.BuildName}}.sha256" });`,
  "post-processor compress": `
postProcess("compress", { output: "output/{{.BuildName}}.tar.gz", keep_input_artifact: true });`,
  "post-processor manifest": `
postProcess("manifest", { output: "output/manifest.json", custom_data: { release: "1.0" } });`,
  "post-processor shell-local": `
postProcess("shell-local", { inline: ["ls -l output"] });`,
  "datasource http": `
const page = data("http", "page", { url: "https://example.org/latest.txt" });
provision("shell", { inline: [t\`echo \${page.body.map((text) => text.trim())}\`] });`,
  "datasource null": `
const words = data("null", "words", { input: "a b c" });
words.output.map((text) => text.split(" ").length);`,
};
