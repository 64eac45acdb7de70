// What build.ts builds, once per release. It is an ordinary program: `npx tspack run -var release=trixie examples/library` works too.
import { build, path, provision, source, variable } from "tspack";

const release = variable("release", { description: "Debian release" });
const target = `${path.root}/output/${release}.list`;

export default build({
  name: release,
  sources: [source("file", "sources", { target, content: `deb http://mirror.example.org/debian ${release} main\n` })],
  provisioners: [provision("shell-local", { inline: [`wc -c < '${target}'`] })],
});
