// Sets up a machine that is there already, over SSH.
// Run it: npx tspack run -var host=192.0.2.10 -var user=root
import { build, path, provision, source, t, variable } from "tspack";

const host = variable("host", { description: "Name or address of the machine: -var host=192.0.2.10" });
const user = variable("user", { default: "root", description: "Who to log in as" });
const keyFile = variable("key_file", { default: "~/.ssh/id_ed25519", description: "Private key of that user" });

const machine = source("null", "machine", {
  ssh_host: host,
  ssh_username: user,
  ssh_private_key_file: keyFile,
  ssh_timeout: "2m",
  // Pin the host key, and nobody can stand in for the machine:
  // ssh_host_key_fingerprints: ["SHA256:…"],
});

export default build({
  name: "setup",
  sources: [machine],
  provisioners: ({ build }) => [
    provision("file", { source: `${path.root}/files/motd`, destination: "/tmp/motd" }),
    provision("shell", { inline: ["cat /tmp/motd", t`echo set up ${build.Host}`], max_retries: 2 }),
  ],
});
