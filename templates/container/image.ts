// A small web application as a minimal container image, without Docker: Node, the libraries it needs, and the application.
import { build, path, provision, source, variable } from "tspack";

const port = variable("port", { default: 8080, description: "Port the application listens on" });

const app = source("rootfs", "app", {
  base: { host_files: ["node"] },
  files: { "/app/server.mjs": `${path.root}/app/server.mjs` },
  output: [
    {
      format: "oci-archive",
      path: `${path.root}/output/app.oci.tar`,
      cmd: ["node", "/app/server.mjs"],
      env: { PORT: String(port) },
      exposed_ports: [String(port)],
      tags: ["app:latest"],
    },
  ],
});

export default build({
  sources: [app],
  provisioners: [provision("file", { source: `${path.root}/app/public`, destination: "/app/" })],
});
