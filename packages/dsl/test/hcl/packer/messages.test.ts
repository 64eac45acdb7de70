// The mistakes that users are most likely to make, as they read them.
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { LoadOptions } from "../../../src/load/options.ts";
import { type Files, loadFiles, rendered } from "./loading-hcl.ts";

const rest = 'source "null" "one" {\n  communicator = "none"\n}\nbuild {\n  sources = ["null.one"]\n}\n';

interface Mistake {
  readonly what: string;
  readonly files: Files;
  readonly options?: LoadOptions;
  readonly message: string;
}

const mistakes: readonly Mistake[] = [
  {
    what: "a misspelt variable",
    files: `variable "region" {\n  default = "a"\n}\nlocals {\n  where = "in \${var.regoin}"\n}\n${rest}`,
    message: `Error: Reference to nothing (TPK2102)

  on template.pkr.hcl line 5, in local.where:
  4 │ locals {
  5 │   where = "in \${var.regoin}"
    │                 ^^^^^^^^^^
There is no variable "regoin". Did you mean "region"?
`,
  },
  {
    what: "a misspelt block",
    files: `varible "region" {}\n${rest}`,
    message: `Error: Unsupported block type (TPK2201)

  on template.pkr.hcl line 1:
  1 │ varible "region" {}
    │ ^^^^^^^
Blocks of type "varible" are not expected here. Did you mean "variable"?
`,
  },
  {
    what: "a misspelt argument of a variable",
    files: `variable "region" {\n  defualt = "a"\n}\n${rest}`,
    message: `Error: Unsupported argument (TPK2201)

  on template.pkr.hcl line 2, in variable "region":
  1 │ variable "region" {
  2 │   defualt = "a"
    │   ^^^^^^^
An argument named "defualt" is not expected here. Did you mean "default"?
`,
  },
  {
    what: "a source that does not exist",
    files: rest.replace('["null.one"]', '["source.null.ona"]'),
    message: `Error: Unknown source (TPK2102)

  on template.pkr.hcl line 5, in build:
  4 │ build {
  5 │   sources = ["source.null.ona"]
    │              ^^^^^^^^^^^^^^^^^
There is no source "null.ona". Did you mean "null.one"?
`,
  },
  {
    what: "a variable without a value",
    files: `variable "region" {}\n${rest}`,
    message: `Error: No value for variable (TPK1101)

  on template.pkr.hcl line 1, in variable "region":
  1 │ variable "region" {}
    │          ^^^^^^^^
The variable "region" has no value. Set it with -var 'region=…', PKR_VAR_region
or a variable file, or give it a default.
`,
  },
  {
    what: "two variables of one name in two files",
    files: { "a.pkr.hcl": 'variable "region" {}\n', "b.pkr.hcl": `variable "region" {}\n${rest}` },
    message: `Error: Duplicate variable (TPK2202)

  on b.pkr.hcl line 1:
  1 │ variable "region" {}
    │          ^^^^^^^^
There is another variable named "region". Names are shared by all files of the
folder: remove or rename one of the two.

The other one is here. (a.pkr.hcl line 1)
`,
  },
  {
    what: "locals that need each other",
    files: `locals {\n  a = local.b\n  b = "\${local.c}x"\n  c = local.a\n}\n${rest}`,
    message: `Error: Circular references (TPK2203)

  on template.pkr.hcl line 2:
  1 │ locals {
  2 │   a = local.b
    │   ^
They need each other in a circle: local.a → local.b → local.c → local.a. Write
one of the values without the other.

local.b is here. (template.pkr.hcl line 3)

local.c is here. (template.pkr.hcl line 4)
`,
  },
  {
    what: "a value of the running build in a source",
    files: rest.replace("communicator", `note = "\${build.ID}"\n  communicator`),
    message: `Error: Unknown variable (TPK2102)

  on template.pkr.hcl line 2, in source "null" "one":
  1 │ source "null" "one" {
  2 │   note = "\${build.ID}"
    │             ^^^^^
Values of the running build are known only in provisioners and post-processors.
`,
  },
  {
    what: "a list of texts written as a block",
    files: rest.replace("sources", 'provisioner "shell-local" {\n    environment_vars {}\n  }\n  sources'),
    message: `Error: Unsupported block type (TPK2201)

  on template.pkr.hcl line 6, in provisioner "shell-local":
  5 │   provisioner "shell-local" {
  6 │     environment_vars {}
    │     ^^^^^^^^^^^^^^^^
Blocks of type "environment_vars" are not expected here: it is an argument.
Write an equals sign: environment_vars = …
`,
  },
  {
    what: "a template for a later version, whatever else is in it",
    files: `packer {\n  required_version = ">= 99.0.0"\n}\nnonsense {}\n${rest}`,
    message: `Error: Unsupported version (TPK2205)

  on template.pkr.hcl line 2, in packer:
  1 │ packer {
  2 │   required_version = ">= 99.0.0"
    │                      ^^^^^^^^^^^
The template asks for Packer >= 99.0.0, and tspack does what Packer 1.16.0 does.
Change the constraint if you know that the template works with this version; it
may use what is missing or different here.
`,
  },
  {
    what: "an option that the source sets already",
    files: rest.replace('sources = ["null.one"]', 'source "null.one" {\n    communicator = "ssh"\n  }'),
    message: `Error: Duplicate argument (TPK2202)

  on template.pkr.hcl line 6, in source "null" "one":
  5 │   source "null.one" {
  6 │     communicator = "ssh"
    │     ^^^^^^^^^^^^
The argument "communicator" is set by the source already: a build can add
options to a source, but not replace them. Remove it from the source, and set it
in each build.

The source sets it here. (template.pkr.hcl line 2)
`,
  },
  {
    what: "structure that depends on a data source",
    files: `data "http" "disks" {\n  url = "http://localhost/"\n}\n${rest.replace(
      "communicator",
      'dynamic "disk" {\n    for_each = split(",", data.http.disks.body)\n    content {}\n  }\n  communicator',
    )}`,
    message: `Error: Value not known yet (TPK1007)

  on template.pkr.hcl line 6, in source "null" "one":
  5 │   dynamic "disk" {
  6 │     for_each = split(",", data.http.disks.body)
    │                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
This decides what the template consists of, and it waits for
data.http.disks.body. Pass -evaluate-datasources to ask data sources while the
template is loaded.
`,
  },
  {
    what: "a provisioner without a type",
    files: rest.replace("sources", "provisioner {\n    inline = []\n  }\n  sources"),
    message: `Error: Missing type for provisioner (TPK2201)

  on template.pkr.hcl line 5, in provisioner:
  4 │ build {
  5 │   provisioner {
    │   ^^^^^^^^^^^
A provisioner block has 1 label (type), and this one has 0. Write: provisioner
"TYPE" { … }
`,
  },
];

for (const { what, files, options, message } of mistakes) {
  test(what, async () => {
    const { diagnostics, program } = await loadFiles(files, options);
    assert.is(program, undefined);
    assert.is(rendered(diagnostics), message);
  });
}

test.run();
