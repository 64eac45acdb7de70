import { join } from "node:path";
import { validateProgram } from "@tspack/core";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { loadHcl } from "../../../src/hcl/packer/load.ts";
import { firstConfig, loadFiles, programOf, templateFolder, told } from "./loading-hcl.ts";

test("nested blocks are lists of objects in their order; null arguments are left out; dynamic stands for blocks at any depth", async () => {
  const program = await programOf(`
locals {
  disks = { root = 10, data = 20 }
}
source "thing" "one" {
  absent = null
  list   = [1, "two", true, null]
  number = 1.5
  disk {
    name = "first"
  }
  other {}
  dynamic "disk" {
    for_each = local.disks
    content {
      name = disk.key
      size = disk.value
      dynamic "partition" {
        for_each = [for n in [1, 2] : n * disk.value]
        iterator = part
        content {
          label = "\${disk.key}-\${part.key}"
          size  = part.value
        }
      }
    }
  }
  disk {
    name = "last"
  }
}
build {
  sources = ["thing.one"]
}
`);
  assert.equal(firstConfig(program), {
    list: [1, "two", true, null],
    number: 1.5,
    disk: [
      { name: "first" },
      {
        name: "data",
        size: 20,
        partition: [
          { label: "data-0", size: 20 },
          { label: "data-1", size: 40 },
        ],
      },
      {
        name: "root",
        size: 10,
        partition: [
          { label: "root-0", size: 10 },
          { label: "root-1", size: 20 },
        ],
      },
      { name: "last" },
    ],
    other: [{}],
  });
});

test("what dynamic cannot take is told where it stands", async () => {
  const inSource = (body: string): string => `source "null" "one" {\n${body}\n}\nbuild {\n  sources = ["null.one"]\n}\n`;
  const cases: readonly (readonly [template: string, message: RegExp])[] = [
    [
      inSource('dynamic "x" {\n  for_each = "text"\n  content {}\n}'),
      /TPK2104 .*:3,14 .*takes a list, a set, a map or an object, and not a string/,
    ],
    [inSource('dynamic "x" {\n  for_each = null\n  content {}\n}'), /not a null value\. For no blocks give an empty list: \[\]/],
    [inSource('dynamic "x" {\n  content {}\n}'), /TPK2201 .*:2,1 Missing required argument.*"for_each"/],
    [inSource('dynamic "x" {\n  for_each = []\n}'), /Missing content block/],
    [inSource('dynamic "x" {\n  for_each = []\n  content {}\n  content {}\n}'), /:5,3 Extraneous content block/],
    [inSource('dynamic "x" {\n  for_each = []\n  size = 1\n  content {}\n}'), /:4,3 Unsupported argument.*inside content/],
    [inSource('dynamic "x" {\n  for_each = []\n  iterator = "y"\n  content {}\n}'), /:4,14 Invalid iterator name/],
    [inSource('dynamic "x" {\n  for_each = [1]\n  content {\n    a = each.value\n  }\n}'), /There is no "each" in Packer/],
    ['dynamic "source" {\n  for_each = []\n  content {}\n}\n', /inside source and build, not at the top of a template/],
    [
      `data "http" "x" {\n  dynamic "y" {\n    for_each = []\n    content {}\n  }\n}\n${inSource("")}`,
      /dynamic blocks cannot be used in data sources/,
    ],
    [
      inSource("").replace("sources =", 'dynamic "provisoner" {\n  for_each = [1]\n  labels = ["shell"]\n  content {}\n}\n  sources ='),
      /Did you mean "provisioner"\?/,
    ],
    [
      inSource("").replace("sources =", 'dynamic "provisioner" {\n  for_each = [1]\n  content {}\n}\n  sources ='),
      /Missing type for provisioner/,
    ],
  ];
  for (const [template, message] of cases) assert.match(told((await loadFiles(template)).diagnostics).join("\n"), message);
});

test("with a component's specification blocks and arguments must be what it says", async () => {
  const step = (body: string): string =>
    `source "null" "one" {\n  communicator = "none"\n}\nbuild {\n  sources = ["null.one"]\n  provisioner "shell" {\n${body}\n  }\n}\n`;
  const wrong = async (body: string): Promise<string> => told((await loadFiles(step(body))).diagnostics).join("\n");
  assert.match(
    await wrong('environment_vars = []\n    env {\n      A = "b"\n    }'),
    /:8,5 Unsupported block type.*it is an argument\. Write an equals sign: env = …/,
  );
  assert.match(await wrong("inline = []\n    inline {}"), /Argument and block of one name/);
  assert.match(await wrong('x "label" {}'), /Extraneous label for x/);
  assert.match(await wrong("override {}"), /"override" is an argument of every step, and no block/);
  assert.match(await wrong('only = "null.one"'), /TPK2104 .*The value must be list\(string\)/);
  assert.match(await wrong('max_retries = "many"'), /TPK2104 .*The value must be number/);
  assert.match(await wrong("override = { one = 1 }"), /override must be an object of options by source name/);
});

test("sources that no build uses are not evaluated; a build needs a source", async () => {
  const { program, diagnostics } = await loadFiles(
    'source "null" "unused" {\n  a = local.missing\n}\nsource "null" "one" {}\nbuild {\n  sources = ["null.one"]\n}\n',
  );
  assert.equal(diagnostics, []);
  assert.is(program?.builds.length, 1);
  assert.match(told((await loadFiles('build {\n  name = "x"\n}\n')).diagnostics).join(), /:1,1 Missing source\. The build has no source/);
  assert.match(told((await loadFiles('variable "s" {}\nbuild {\n  sources = var.s\n}\n')).diagnostics).join("\n"), /^error TPK1101[^\n]*$/);
});

test("names of places, of the version and of the current source and build", async () => {
  const folder = templateFolder({
    "sub/template.pkr.hcl": `
source "thing" "one" {
  root    = path.root
  cwd     = path.cwd
  version = packer.version
  id      = packer.iterationID
  self    = "\${source.type} \${source.name}"
}
build {
  name = "b"
  source "thing.one" {
    name = "two"
  }
  provisioner "thing" {
    note = "\${build.name} \${source.name}"
  }
}
`,
  });
  const { program, diagnostics, dependencies } = await loadHcl("sub/template.pkr.hcl", { workingDirectory: folder });
  assert.equal(diagnostics, []);
  assert.is(program?.root, join(folder, "sub"));
  assert.equal(dependencies, [join(folder, "sub/template.pkr.hcl")]);
  const source = program?.builds[0]?.sources[0];
  const { version, ...config } = source?.config ?? {};
  assert.equal(config, { root: "sub", cwd: folder, id: "<unknown>", self: "thing two" });
  assert.type(version, "string");
  assert.is(source?.provisioners[0]?.config.note, "b two");
});

test("the registry of images stands at the root, or in a build with a warning, not in both", async () => {
  const registry = 'hcp_packer_registry {\n  bucket_name = "my-images"\n  bucket_labels = { a = "b" }\n  channels = ["dev"]\n}\n';
  const template = 'source "null" "one" {}\nbuild {\n  sources = ["null.one"]\n}\n';
  const inBuild = template.replace("}\n", "}\n").replace("  sources", `${registry}  sources`);
  const expected = { bucket_name: "my-images", bucket_labels: { a: "b" }, channels: ["dev"] };
  assert.equal((await programOf(registry + template)).builds[0]?.registry, expected);
  const loaded = await loadFiles(inBuild);
  assert.equal(loaded.program?.builds[0]?.registry, expected);
  assert.match(told(loaded.diagnostics).join(), /^warning TPK2207 .*Move it out of the build/);
  assert.match(told((await loadFiles(registry + inBuild)).diagnostics).join(), /error TPK2202 .*Second hcp_packer_registry/);
  assert.match(told((await loadFiles(registry.replace("my-images", "x") + template)).diagnostics).join(), /TPK3105 .*3 to 36 letters/);
});

test("places of options are found through blocks, lists and what a build adds", async () => {
  const program = await programOf(`source "thing" "one" {
  list = ["a", { b = 1 }]
  disk {
    size = 1
  }
  disk {
    size = 2
  }
}
build {
  source "thing.one" {
    added = true
  }
}
`);
  const origin = program.builds[0]?.sources[0]?.origin;
  const place = (...path: readonly (string | number)[]): string => {
    const found = origin?.locate(path);
    return `${found?.start.line},${found?.start.column}`;
  };
  assert.is(place(), "1,1");
  assert.is(place("list"), "2,3");
  assert.is(place("list", 1, "b"), "2,18");
  assert.is(place("disk", 1, "size"), "7,5");
  assert.is(place("disk", 1), "6,3");
  assert.is(place("added"), "12,5");
  assert.is(place("nothing"), "1,1");

  const wrong = await programOf(`source "null" "one" {
  communicator = "none"
}
build {
  sources = ["null.one"]
  provisioner "shell" {
    inlin = ["true"]
  }
}
`);
  const [problem] = await validateProgram(wrong);
  assert.is(problem?.where, 'in provisioner "shell" of build "null.one"');
  assert.equal([problem?.subject?.start.line, problem?.subject?.start.column], [7, 5]);
});

test.run();
