// Provisions a machine that is there already. `run.mjs` starts an SSH server on this machine and points the variables at it.
import { build, path, provision, source, t, variable } from "tspack";
import { z } from "zod";

const host = variable("host", { default: "127.0.0.1", description: "Address of the machine" });
const port = variable("port", { schema: z.coerce.number().int().min(1).max(65535).default(22), description: "Port of its SSH server" });
const user = variable("user", { description: "Who to log in as" });
const keyFile = variable("key_file", { description: "Private key of that user" });
const hostKey = variable<string | undefined>("host_key", {
  default: undefined,
  description: "Fingerprint the server must show (SHA256:…)",
});
const workFolder = variable("work_folder", { default: "/tmp/tspack-ssh-target", description: "Folder on the machine to work in" });
const greeting = variable("greeting", { default: "hello", sensitive: true, description: "Never shown in any output" });

const machine = source("null", "machine", {
  ssh_host: host,
  ssh_port: port,
  ssh_username: user,
  ssh_private_key_file: keyFile,
  ssh_host_key_fingerprints: hostKey === undefined ? undefined : [hostKey],
  ssh_timeout: "30s",
});

export default build({
  sources: [machine],
  provisioners: ({ build }) => [
    provision("shell", { inline: [`mkdir -p ${workFolder}`] }),
    provision("file", { source: `${path.root}/site`, destination: `${workFolder}/` }),
    provision("shell", {
      env: { GREETING: greeting },
      inline: [
        `cd ${workFolder}`,
        'echo "$GREETING" > greeting',
        "cat site/index.html",
        t`echo provisioned ${build.Host} as ${build.User}`,
      ],
    }),
    provision("file", { direction: "download", source: `${workFolder}/greeting`, destination: `${path.root}/output/greeting` }),
  ],
});
