// One build per combination of release and architecture: a settings file each, with a checksum list and a manifest of all of them.
import { build, matrix, path, postProcess, provision, source, variable } from "tspack";

const releases = variable("releases", { default: ["bookworm", "trixie"], description: "Debian releases to make settings for" });

const settings = matrix({ release: releases, arch: ["amd64", "arm64"] }, ({ release, arch }) =>
  source("file", `${release}-${arch}`, {
    target: `${path.root}/output/${release}-${arch}.json`,
    content: JSON.stringify({ release, arch, mirror: `mirror/${release}/${arch}` }, null, 2),
  }),
);

export default build({
  name: "settings",
  sources: settings,
  provisioners: ({ source }) => [provision("shell-local", { inline: [`echo settings for ${source.name}`] })],
  postProcessors: [
    postProcess("checksum", { checksum_types: ["sha256"], output: `${path.root}/output/{{.BuildName}}.sha256` }),
    postProcess("manifest", { output: `${path.root}/output/manifest.json`, strip_path: true }),
  ],
});
