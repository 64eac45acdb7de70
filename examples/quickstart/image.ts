// A small web application as a minimal container image: Node and the libraries it needs, nothing else. No Docker, no daemon, no root.
import { build, path, postProcess, provision, source, variable } from "tspack";

const port = variable("port", { default: 8080, description: "Port the application listens on" });

const web = source("rootfs", "web", {
  base: { host_files: ["node"] },
  files: { "/app/server.mjs": `${path.root}/server.mjs` },
  output: [
    {
      format: "oci-archive",
      path: `${path.root}/output/web.oci.tar`,
      cmd: ["node", "/app/server.mjs"],
      env: { PORT: String(port) },
      exposed_ports: [String(port)],
      tags: ["quickstart:latest"],
    },
  ],
});

export default build({
  sources: [web],
  provisioners: [provision("file", { source: `${path.root}/public`, destination: "/app/" })],
  postProcessors: [postProcess("checksum", { checksum_types: ["sha256"], output: `${path.root}/output/web.sha256` })],
});
