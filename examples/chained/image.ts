// Two images on top of a third: the graph runs `base` first, then both others at the same time.
import { build, path, provision, source } from "tspack";

const output = `${path.root}/output`;

const tools = source("rootfs", "tools", {
  base: { host_files: ["sh", "cat", "mkdir", "chmod", "rm", "ls", "date"] },
  output: [{ format: "tar.gz", path: `${output}/tools.tar.gz` }],
});

const base = build({
  name: "base",
  sources: [tools],
  provisioners: [provision("shell", { inline: ["mkdir -p /etc/site", "echo 'made once, used twice' > /etc/site/origin"] })],
});

/** A service on top of the base image: its own file, its own start command. */
const service = (name: string, command: readonly string[]) =>
  source("rootfs", name, {
    base: base.artifact(tools).file(/tools\.tar\.gz$/),
    output: [{ format: "oci-archive", path: `${output}/${name}.oci.tar`, cmd: command, tags: [`${name}:latest`] }],
  });

const services = build({
  name: "services",
  sources: [service("greeter", ["cat", "/etc/site/motd"]), service("lister", ["ls", "/etc/site"])],
  provisioners: ({ source }) => [
    provision("shell", { inline: ["cat /etc/site/origin", `echo 'this is ${source.name}' > /etc/site/motd`] }),
  ],
});

export default [base, services];
