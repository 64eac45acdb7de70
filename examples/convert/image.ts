// A web server as an archive: the files are collected by a script on this machine.

import { at, build, entries, fn, packer, path, postProcess, provision, source, variable } from "tspack";
import * as z from "zod";

packer({
  required_version: ">= 1.7.0",
});

const release = variable("release", {
  default: "1.4.2",
  schema: z.string().refine(
    (value) => fn.can(() => String(fn.regex(String.raw`^[0-9]+\.[0-9]+\.[0-9]+$`, value))),
    "The release must look like 1.2.3.",
  ),
  description: "Version of the site",
});

const pages = variable("pages", {
  default: { index: "Welcome", about: "Who we are" },
  schema: z.record(z.string(), z.coerce.string()),
});

const withChecksum = variable("with_checksum", { default: true });

const parts = release.split(".");

// What the archive is called.
const name = `site-${at(parts, 0)}`;

const site = source("file", "site", {
  target: `${path.root}/output/${name}.txt`,
  content: `    release ${release}
${entries(pages).map(([eachName, title]) => `\n    ${eachName}: ${title.toUpperCase()}\n`).join("")}
`,
});

// Everything is built from one source.
export default build({
  name: "web",
  sources: [site],
  provisioners: ({ source }) => [
    provision("shell-local", {
      inline: [`echo building ${source.name} ${release}`], // shown in the log
    }),
    ...entries(pages).map(([key, page]) => provision("shell-local", { inline: [`echo page ${key}: ${page}`] })),
  ],
  postProcessors: [
    [
      postProcess("compress", { output: `${path.root}/output/${name}.tar.gz` }),
      withChecksum &&
        postProcess("checksum", { checksum_types: ["sha256"], output: `${path.root}/output/${name}.sha256` }),
    ],
  ],
});
