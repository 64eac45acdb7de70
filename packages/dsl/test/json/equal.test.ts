// A JSON template and the image.ts that means the same print the same canonical Program.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "@tspack/dsl";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { programFolder } from "../load/program-folder.ts";

const template = {
  description: "An image",
  variables: { release: "trixie", password: "tea", greeting: "{{user `release`}} at {{timestamp}}", size: null },
  "sensitive-variables": ["password"],
  builders: [
    {
      type: "null",
      name: "web",
      communicator: "ssh",
      ssh_host: "{{user `release`}}.example.org",
      ssh_username: "me",
      ssh_password: "{{user `password`}}",
    },
    { type: "null", communicator: "none" },
  ],
  provisioners: [
    {
      type: "shell-local",
      inline: ["echo {{user `greeting`}}", "echo {{build `ID`}} {{.Vars}}"],
      only: ["web"],
      max_retries: "{{user `size`}}",
    },
    {
      type: "shell-local",
      inline: ["{{if eq (user `release`) `trixie`}}echo {{build_name}}{{end}}"],
      environment_vars: ["PASSWORD={{user `password`}}"],
      override: { null: { inline: ["{{template_dir}}/run {{if eq (build `ConnType`) `ssh`}}a{{else}}b{{end}}"] } },
    },
  ],
  "post-processors": [
    "manifest",
    [
      { type: "checksum", checksum_types: ["sha256"], keep_input_artifact: true },
      { type: "manifest", except: ["web"] },
    ],
  ],
};

const image = `
import { build, path, postProcess, provision, source, t, variable } from "tspack";
const release = variable("release", { default: "trixie" });
const password = variable("password", { default: "tea", sensitive: true });
const greeting = variable("greeting", { default: \`\${release} at 1700000000\` });
const size = variable("size");
const folder = path.root;
const bare = source("null", "null", { communicator: "none" });
const web = source("null", "web", { communicator: "ssh", ssh_host: \`\${release}.example.org\`, ssh_username: "me", ssh_password: password });
export default build({
  description: "An image",
  sources: [bare, web],
  provisioners: ({ source, build }) => [
    source.name === "web" && provision("shell-local", { inline: [\`echo \${greeting}\`, t\`echo \${build.ID} {{.Vars}}\`], max_retries: Number(size) }),
    provision("shell-local", {
      inline: source.name === "null" ? [build.ConnType.map((type: string) => \`\${folder}/run \${type === "ssh" ? "a" : "b"}\`)] : ["echo {{build_name}}"],
      environment_vars: [t\`PASSWORD=\${password}\`],
    }),
  ],
  postProcessors: ({ source }) => [
    postProcess("manifest", {}),
    [postProcess("checksum", { checksum_types: ["sha256"], keep_input_artifact: true }), source.name !== "web" && postProcess("manifest", {})],
  ],
});
`;

for (const variables of [{ size: "2" }, { size: "3", release: "sid", password: "milk" }]) {
  test(`with ${JSON.stringify(variables)}`, async () => {
    const workingDirectory = programFolder({
      "image.ts": variables.release === undefined ? image : image.replace("echo {{build_name}}", ""),
    });
    writeFileSync(join(workingDirectory, "template.json"), JSON.stringify(template));
    const options = { workingDirectory, variables, environment: { SOURCE_DATE_EPOCH: "1700000000" } };
    const [fromJson, fromTypeScript] = [await inspect("template.json", options), await inspect("image.ts", options)];
    assert.equal(JSON.parse(JSON.stringify(fromJson)), JSON.parse(JSON.stringify(fromTypeScript)));
  });
}

test.run();
