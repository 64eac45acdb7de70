// The same program, however it is written: in HCL, in TypeScript, and in HCL's JSON syntax.
import { canonicalProgram } from "@tspack/core";
import { load } from "@tspack/dsl";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { programFolder } from "../../load/program-folder.ts";
import { loadFiles, programOf } from "./loading-hcl.ts";

const twinHcl = `
packer {
  required_version = ">= 1.7.0"
  required_plugins {
    docker = {
      version = ">= 1.0.0"
      source  = "github.com/hashicorp/docker"
    }
  }
}
variable "release" {
  type        = string
  default     = "trixie"
  description = "Debian release"
}
variable "token" {
  default   = "hunter2"
  sensitive = true
}
data "http" "latest" {
  url = "https://example.org/\${local.suite}"
}
locals {
  suite    = "debian-\${var.release}"
  packages = ["curl", "git"]
  address  = "http://\${data.http.latest.body}/"
}
source "null" "small" {
  communicator = "none"
}
source "file" "large" {
  content = "a secret: \${var.token}"
}
build {
  name        = "images"
  description = "for \${local.suite}"
  sources     = ["source.null.small"]
  source "file.large" {
    name   = "huge"
    target = "out/\${source.type}-\${source.name}"
  }
  provisioner "shell" {
    inline       = concat(["echo \${build.ID} \${source.name} \${build.name}"], [for name in local.packages : "apt-get install \${name}"])
    pause_before = "10s"
    max_retries  = 2
    override = {
      huge = {
        inline = ["true"]
      }
    }
  }
  dynamic "provisioner" {
    for_each = { for name in local.packages : name => upper(name) if name != "git" }
    iterator = package
    labels   = ["shell"]
    content {
      inline = ["\${package.key} is \${package.value}"]
      only   = ["file.huge"]
    }
  }
  provisioner "shell-local" {
    environment_vars = ["TOKEN=\${var.token}", "ADDRESS=\${local.address}", "FIRST=\${data.http.latest.body}"]
    command          = "true"
    except           = ["file.huge"]
  }
  error-cleanup-provisioner "shell" {
    inline = ["rm -rf /x"]
  }
  post-processor "manifest" {
    output = "\${source.name}.json"
  }
  post-processors {
    post-processor "checksum" {
      checksum_types = ["sha256"]
    }
    post-processor "manifest" {
      name                = "last"
      keep_input_artifact = true
    }
  }
}
`;

const twinTypeScript = `
import { build, data, packer, postProcess, provision, source, t, variable } from "tspack";
packer({ required_version: ">= 1.7.0", required_plugins: { docker: { version: ">= 1.0.0", source: "github.com/hashicorp/docker" } } });
const release = variable("release", { default: "trixie", description: "Debian release" });
const token = variable("token", { default: "hunter2", sensitive: true });
const suite = \`debian-\${release}\`;
const packages = ["curl", "git"];
const latest = data("http", "latest", { url: \`https://example.org/\${suite}\` });
const address = t\`http://\${latest.body}/\`;
const small = source("null", "small", { communicator: "none" });
const huge = source("file", "huge", { content: t\`a secret: \${token}\`, target: "out/file-huge" });
export default build({
  name: "images",
  description: \`for \${suite}\`,
  sources: [small, huge],
  provisioners: ({ source, build }) => [
    provision("shell", {
      inline: [t\`echo \${build.ID} \${source.name} images\`, ...packages.map((name) => \`apt-get install \${name}\`)],
      pause_before: "10s",
      max_retries: 2,
      override: { huge: { inline: ["true"] } },
    }),
    ...packages.filter((name) => name !== "git").map((name) =>
      provision("shell", { inline: [\`\${name} is \${name.toUpperCase()}\`], only: [huge] })),
    provision("shell-local", {
      environment_vars: [t\`TOKEN=\${token}\`, t\`ADDRESS=\${address}\`, t\`FIRST=\${latest.body}\`],
      command: "true",
      except: [huge],
    }),
  ],
  errorCleanup: provision("shell", { inline: ["rm -rf /x"] }),
  postProcessors: ({ source }) => [
    postProcess("manifest", { output: \`\${source.name}.json\` }),
    [postProcess("checksum", { checksum_types: ["sha256"] }), postProcess("manifest", { name: "last", keep_input_artifact: true })],
  ],
});
`;

test("a template and its twin in TypeScript are the same program", async () => {
  const folder = programFolder({ "image.ts": twinTypeScript });
  const twin = await load(folder, { workingDirectory: folder });
  assert.equal(twin.diagnostics, []);
  if (twin.program === undefined) throw new Error("no program");
  const program = await programOf(twinHcl);
  assert.equal(await canonicalProgram(program), await canonicalProgram(twin.program));
  assert.is(program.builds[0]?.sources[1]?.sourceName, "large");
});

test("a template in JSON syntax is the same program", async () => {
  const hcl = `
variable "names" {
  type    = list(string)
  default = ["a", "b"]
  validation {
    condition     = length(var.names) > 0
    error_message = "Name one."
  }
}
locals {
  upper = [for name in var.names : upper(name)]
}
source "null" "one" {
  communicator = "none"
}
build {
  name = "b"
  source "null.one" {
    name = "two"
  }
  dynamic "provisioner" {
    for_each = local.upper
    iterator = item
    labels   = ["shell"]
    content {
      inline = ["echo \${item.value}"]
    }
  }
  post-processors {
    post-processor "manifest" {}
    post-processor "checksum" {}
  }
}
`;
  const json = {
    "//": "a comment",
    variable: {
      names: {
        type: "list(string)",
        default: ["a", "b"],
        validation: { condition: `\${length(var.names) > 0}`, error_message: "Name one." },
      },
    },
    locals: { upper: `\${[for name in var.names : upper(name)]}` },
    source: { null: { one: { communicator: "none" } } },
    build: {
      name: "b",
      source: { "null.one": { name: "two" } },
      dynamic: {
        provisioner: { for_each: `\${local.upper}`, iterator: "item", labels: ["shell"], content: { inline: [`echo \${item.value}`] } },
      },
      "post-processors": { "post-processor": [{ manifest: {} }, { checksum: {} }] },
    },
  };
  const files = { "template.pkr.json": JSON.stringify(json), "values.json": '{"//": "a comment", "names": ["c"]}' };
  assert.equal(await canonicalProgram(await programOf(files)), await canonicalProgram(await programOf(hcl)));
  const { program } = await loadFiles(files, { variableFiles: ["values.json"] });
  assert.equal(program?.variables[0]?.value, ["c"]);
});

test.run();
