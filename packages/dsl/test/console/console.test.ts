import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderDiagnostics } from "@tspack/core";
import { tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { openConsole } from "../../src/index.ts";
import type { LoadOptions } from "../../src/load/options.ts";

/** A folder with these files. */
function folderWith(files: { readonly [name: string]: string }): string {
  const folder = tmp("console");
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

const template = `
variable "name" { default = "web" }
variable "token" {
  default   = "hunter2"
  sensitive = true
}
locals {
  tags  = { Name = var.name, "two words" = [1, 2.5] }
  image = data.http.latest.body
}
data "http" "latest" { url = "http://127.0.0.1:1/" }
`;

async function answers(session: Awaited<ReturnType<typeof openConsole>>, ...lines: string[]): Promise<(string | undefined)[]> {
  const results: (string | undefined)[] = [];
  for (const line of lines) {
    const { text, diagnostics } = await session.evaluate(line);
    results.push(text ?? renderDiagnostics(diagnostics).split("\n")[0]);
  }
  return results;
}

test("expressions see variables, locals, path and packer of a template", async () => {
  const folder = folderWith({ "t.pkr.hcl": template });
  const session = await openConsole(".", { workingDirectory: folder, variables: { name: "db" } });
  assert.equal(session.diagnostics, []);
  assert.equal(
    await answers(
      session,
      "upper(var.name)",
      "local.tags",
      "[]",
      `"x\${1 + 1}"`,
      "null",
      "path.cwd",
      "local.image",
      "var.token",
      `"a-\${var.token}"`,
    ),
    [
      "DB",
      '{\n  "Name" = "db"\n  "two words" = [\n    1,\n    2.5,\n  ]\n}',
      "[]",
      "x2",
      "null",
      folder,
      "<unknown>",
      "<sensitive>",
      "<sensitive>",
    ],
  );
  assert.is(session.variables(), 'var.name = "db"\nvar.token = <sensitive>');
});

test("a wrong line shows the line, and the next one is answered", async () => {
  const session = await openConsole("t.pkr.hcl", { workingDirectory: folderWith({ "t.pkr.hcl": template }) });
  const { text, diagnostics } = await session.evaluate("var.nam");
  assert.is(text, undefined);
  assert.match(renderDiagnostics(diagnostics), /on <console> line 1[\s\S]*var\.nam[\s\S]*\^[\s\S]*"name"/);
  assert.equal(await answers(session, "1 +", "1 + 1"), ["Error: Invalid expression (TPK2001)", "2"]);
});

test("an image.ts gives its variables, and nothing of them that is secret", async () => {
  const program = `import { build, source, variable } from "tspack";
    const size = variable("size", { default: 2 });
    variable("token", { default: "hunter2", sensitive: true });
    export default build({ sources: [source("null", "a", { communicator: "none" })] });
    void size;`;
  const session = await openConsole("image.ts", { workingDirectory: folderWith({ "image.ts": program }), cache: false });
  assert.equal(session.diagnostics, []);
  assert.equal(await answers(session, "var.size * 2", "var.token", "packer.version == packer.version"), ["4", "<sensitive>", "true"]);
});

test("lines over a JSON template are text with calls", async () => {
  const json = { variables: { a: "1", s: "hunter2" }, "sensitive-variables": ["s"], builders: [{ type: "null", communicator: "none" }] };
  const session = await openConsole("t.json", { workingDirectory: folderWith({ "t.json": JSON.stringify(json) }) });
  assert.is(session.language, "template");
  assert.equal(await answers(session, "{{user `a`}}-{{upper `x`}}", "{{user `s`}}", "{{nope}}"), [
    "1-X",
    "<sensitive>",
    "Error: Wrong template call (TPK2302)",
  ]);
  assert.equal(session.complete("{{ upp")[0], ["upper"]);
});

test("without a program the functions are there, in the language that was asked for", async () => {
  const options: LoadOptions = { workingDirectory: tmp("console"), environment: { SOURCE_DATE_EPOCH: "0" } };
  assert.equal(await answers(await openConsole(undefined, options), 'join("-", ["a", "b"])', "timestamp()"), [
    "a-b",
    "1970-01-01T00:00:00Z",
  ]);
  assert.equal(await answers(await openConsole(undefined, { ...options, configType: "json" }), "{{lower `A`}}"), ["a"]);
});

test("names are completed: roots, functions, and what is inside of a value", async () => {
  const session = await openConsole("t.pkr.hcl", { workingDirectory: folderWith({ "t.pkr.hcl": template }) });
  assert.equal(session.complete("upper(var.n"), [["var.name"], "var.n"]);
  assert.equal(session.complete("cidrsub")[0], ["cidrsubnet(", "cidrsubnets("]);
  assert.equal(session.complete("local.tags.")[0], ["local.tags.Name"]);
});

test.run();
