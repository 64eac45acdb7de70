// Data sources and locals: one graph, and what is known when.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { deferredOf, dependencyName, UnknownValue } from "@tspack/core";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { evaluated, firstConfig, loadFiles, type Options, programOf, told } from "./loading-hcl.ts";

test("data sources and locals may need each other in any order; what waits for data is evaluated again when it is known", async () => {
  const program = await programOf(`
locals {
  body   = data.http.second.body
  parsed = { first = upper(local.body), list = [local.body, "x"], known = "y" }
  url    = "http://localhost/\${data.http.first.body}"
}
data "http" "second" {
  url = local.url
}
data "http" "first" {
  url = "http://localhost/first"
}
source "thing" "one" {
  parsed = local.parsed
  length = length(local.parsed.list)
  first  = local.parsed.first
  text   = "<\${local.parsed.known}\${local.parsed.list[0]}>"
  choice = local.parsed.known == "y" ? "known" : data.http.first.body
  dynamic "item" {
    for_each = local.parsed.list
    content {
      value = item.value
      note  = "\${item.key}: \${item.value}"
    }
  }
}
build {
  sources = ["thing.one"]
  provisioner "thing" {
    note = "\${build.ID} \${local.body} \${source.name}"
    host = build.Host
  }
}
`);
  const config = firstConfig(program);
  const known = { "data.http.second.body": "abc" };
  const parsed = config.parsed as Options;
  assert.is(evaluated(parsed.first, known), "ABC");
  assert.is((parsed.list as unknown[])[1], "x");
  assert.is(evaluated((parsed.list as unknown[])[0], known), "abc");
  assert.is(parsed.known, "y");
  assert.is(config.length, 2);
  assert.is(evaluated(config.first, known), "ABC");
  assert.is(evaluated(config.text, known), "<yabc>");
  assert.is(config.choice, "known");
  const [first, second] = config.item as Options[];
  assert.is(evaluated(first?.value, known), "abc");
  assert.is(evaluated(first?.note, known), "0: abc");
  assert.equal(second, { value: "x", note: "1: x" });
  assert.throws(
    () => evaluated(config.first, {}),
    (error: unknown) => error instanceof UnknownValue,
  );
  const step = program.builds[0]?.sources[0]?.provisioners[0]?.config ?? {};
  assert.is(evaluated(step.note, { ...known, "build.ID": "i-1" }), "i-1 abc one");
  assert.equal(deferredOf(step.host)?.waitsFor, [{ kind: "build", path: ["Host"] }]);
  const url = program.datasources.find(({ name }) => name === "second")?.config.url;
  assert.is(evaluated(url, { "data.http.first.body": "x" }), "http://localhost/x");
});

test("data sources that decide the structure are asked while the template is loaded, each once, and only those", async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.end(request.url === "/index" ? "list" : "a,b");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const program = await programOf(
      `
data "http" "index" {
  url = "http://127.0.0.1:${port}/index"
}
data "http" "names" {
  url = "http://127.0.0.1:${port}/\${data.http.index.body}"
}
data "http" "unused" {
  url = "http://127.0.0.1:${port}/unused"
}
locals {
  names = split(",", data.http.names.body)
}
source "thing" "one" {
  body = data.http.names.body
  dynamic "item" {
    for_each = local.names
    content {
      name = item.value
    }
  }
}
build {
  sources = ["thing.one"]
}
`,
      { evaluateDatasources: true },
    );
    assert.equal(asked, ["/index", "/list"]);
    const { item, body } = firstConfig(program);
    assert.equal(item, [{ name: "a" }, { name: "b" }]);
    // As in TypeScript, what was asked for the structure is no constant elsewhere.
    assert.equal(deferredOf(body)?.waitsFor.map(dependencyName), ["data.http.names.body"]);
    assert.equal(
      program.datasources.map(({ name, answer }) => [name, (answer?.output as { body?: string } | undefined)?.body]),
      [
        ["index", "list"],
        ["names", "a,b"],
        ["unused", undefined],
      ],
    );
  } finally {
    server.close();
  }
});

test("references of the graph that lead nowhere, to themselves or in circles are errors", async () => {
  const cases: readonly (readonly [template: string, message: RegExp])[] = [
    ["locals {\n  a = local.b\n}\n", /TPK2102 .*:2,7 .*There is no local\.b/],
    ["locals {\n  a = local.a\n}\n", /TPK2203 .*:2,3 Self reference\. local\.a needs itself/],
    [
      'locals {\n  a = data.http.names.body\n}\ndata "http" "name" {}\n',
      /There is no data source data\.http\.names\. Did you mean "data\.http\.name"\?/,
    ],
    ['locals {\n  a = data.http.x.body\n}\ndata "http" "x" {\n  url = local.a\n}\n', /local\.a → data\.http\.x → local\.a/],
    ["locals {\n  a = vars.x\n}\n", /TPK2102 .*Did you mean "var"\?/],
    ["locals {\n  a = source.name\n}\n", /source\.name and source\.type are known only in/],
    ["locals {\n  a = terraform.workspace\n}\n", /That belongs to Terraform/],
    ['locals {\n  a = 1\n}\nlocal "a" {\n  expression = 2\n}\n', /TPK2202 .*:4,7 Duplicate local/],
  ];
  for (const [template, message] of cases) assert.match(told((await loadFiles(template)).diagnostics).join("\n"), message);
  const chain = Array.from({ length: 5000 }, (_, index) => `  l${index} = ${index === 0 ? '"x"' : `local.l${index - 1}`}`);
  assert.equal((await loadFiles(`locals {\n${chain.reverse().join("\n")}\n}\n`)).diagnostics, []);
});

test("a local may pick others by a computed name, and use all there are, but holds no circle", async () => {
  const program = await programOf(`
variable "kind" {
  default = "small"
}
locals {
  picked    = local["\${var.kind}_size"]
  doubled   = local.picked * 2
  names     = keys(local)
  late_size = data.http.x.body
  waiting   = local["\${var.kind == "small" ? "late" : "no"}_size"]
}
locals {
  small_size = 4
}
data "http" "x" {
  url = "http://localhost/"
}
source "thing" "one" {
  size = local.doubled
  late = upper(local.waiting)
}
build {
  sources = ["thing.one"]
}
`);
  const { size, late } = firstConfig(program);
  assert.is(size, 8);
  assert.is(evaluated(late, { "data.http.x.body": "abc" }), "ABC");
  const doubling = Array.from({ length: 60 }, (_, index) => `  l${index} = [local, local]`).join("\n");
  const { diagnostics } = await loadFiles(`locals {\n  a = local\n${doubling}\n}\n`);
  assert.ok(diagnostics.every(({ code }) => code === "TPK2003"));
});

test("with sequential evaluation data sources see no locals, and locals build on each other ten deep", async () => {
  const options = { sequentialEvaluation: true };
  const needsLocal = 'locals {\n  a = "x"\n}\ndata "http" "x" {\n  url = local.a\n}\n';
  assert.equal((await loadFiles(needsLocal)).diagnostics, []);
  assert.match(told((await loadFiles(needsLocal, options)).diagnostics).join(), /:5,9 .*Locals cannot be used here/);
  const chain = (length: number): string =>
    `locals {\n${Array.from({ length }, (_, index) => `  l${index} = ${index === 0 ? 1 : `local.l${index - 1}`}`).join("\n")}\n}\n`;
  assert.equal((await loadFiles(chain(10), options)).diagnostics, []);
  assert.match(told((await loadFiles(chain(11), options)).diagnostics).join(), /at most 10 locals may build on each other, and local\.l10/);
});

test.run();
