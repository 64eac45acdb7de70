// Makes the files of a release in dist/release: an archive for each platform and their checksums. With GPG_KEY set, gpg signs the
// checksums with that key; GPG_PASSPHRASE unlocks it where no agent does.
import { releasePlugin } from "@tspack/core/sdk/release";
import { plugin } from "../src/plugin.ts";
import { bundle } from "./bundle.ts";

// The tag that is released, where there is one: `v0.1.0`. A release under another version could not be installed.
const [tag] = process.argv.slice(2);
if (tag !== undefined && tag !== `v${plugin.version}`) {
  console.error(`The tag is ${tag}, and src/plugin.ts says ${plugin.version}.`);
  process.exit(1);
}

const { GPG_KEY: key = "", GPG_PASSPHRASE: passphrase } = process.env;
const signing = key === "" ? undefined : { key, passphrase };
for (const file of await releasePlugin({ plugin, file: await bundle(), folder: "dist/release", signing })) console.log(file);
