import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type ConvertOptions, convert } from "../../../src/convert/convert.ts";

/** Converts a template that is written out here. */
async function converted(template: unknown, options: ConvertOptions = {}): Promise<Awaited<ReturnType<typeof convert>> & { text: string }> {
  const file = join(tmp("json"), "template.json");
  writeFileSync(file, typeof template === "string" ? template : JSON.stringify(template, undefined, 2));
  const conversion = await convert(file, { isSingleFile: true, environment: {}, ...options });
  return { ...conversion, text: conversion.files[0]?.text ?? "" };
}

const builders = [{ type: "null", communicator: "none" }];

test("a text that cannot be split stays as it is, marked, and is in the report", async () => {
  const texts = [
    "{{with user `x`}}{{.}}{{end}}",
    "{{range $i := user `x`}}a{{end}}",
    "{{len (user `x`)}}",
    '{{printf "%q" (user `x`)}}',
    "{{split (user `x`) `` 0}}",
    "{{$v := user `x`}}{{$v}}",
    '{{define "a"}}{{user `x`}}{{end}}{{template "a"}}',
    "{{.A}} {{- if user `x`}} b {{end -}} c",
    "{{ user",
    "{{env `HOME`}}",
    "{{build `ID`}}",
  ];
  const { text, report } = await converted({ variables: { x: "1" }, builders: [{ type: "example-cloud", texts }] });
  assert.is(report.attention.length, texts.length, JSON.stringify(report.attention));
  assert.is(text.split("TODO(tspack)").length - 1, texts.length, text);
  for (const each of texts) assert.ok(text.includes(each), each);
  assert.is(report.attention[0]?.subject?.start.line, 9);
});

test("secrets stores are asked when the program loads, and what is made of their answers is sensitive", async () => {
  const { text, report } = await converted({
    variables: {
      one: "{{aws_secretsmanager `a/b`}}",
      token: "{{vault `secret/data/x` `token`}}",
      url: "https://{{consul_key `user`}}:{{user `token`}}@example.org",
    },
    builders: [{ type: "example-cloud", token: "{{user `token`}}", url: "{{user `url`}}/" }],
  });
  assert.equal(report.attention, []);
  assert.match(text, '(await fn.aws_secretsmanager("a/b", null)).reveal()');
  assert.match(text, 'default: (await fn.vault("secret/data/x", "token")).reveal(), sensitive: true');
  assert.match(text, /`https:\/\/\$\{\(await fn\.consul_key\("user"\)\)\.reveal\(\)\}:\$\{token\.reveal\(\)\}@example\.org`/);
  assert.match(text, /url: t`\$\{url\}\/`/);
});

test("comments of the root stand in front of what follows them", async () => {
  const { text } = await converted(
    `{ "_comment": "Head.", "_note": "*/ second", "variables": { "a": "1" }, "_x_builders": "line one\\nline two", "builders": [
      { "type": "null", "communicator": "none", "ssh_host": "{{user \`a\`}}" } ], "_comment2": "Steps.", "provisioners": [ { "type": "shell-local", "inline": ["x"] } ], "_tail": "End." }`,
  );
  const places = [
    "// Head.",
    "// */ second",
    "const a",
    "// x_builders: line one",
    "// line two",
    "const nullValue",
    "// Steps.",
    "provisioners",
    "// tail: End.",
  ];
  let at = -1;
  for (const place of places) {
    const next = text.indexOf(place, at + 1);
    assert.ok(next > at, `${place} in\n${text}`);
    at = next;
  }
});

test("builders that no step may name, variables in a circle and a template without builders are converted, and told", async () => {
  const unknown = await converted({ builders, provisioners: [{ type: "shell-local", only: ["nobody"], inline: ["x"] }] });
  assert.match(unknown.text, "TODO(tspack): the template has no such builder");
  assert.is(unknown.report.attention.length, 1);
  const circle = await converted({ variables: { a: "{{user `b`}}", b: "{{user `a`}}", c: "{{user `a`}}" }, builders });
  assert.match(circle.text, 'const a = variable("a");');
  assert.match(circle.text, 'variable("c", { default: a })');
  assert.match(circle.report.simplified.join("\n"), 'The default of "a"');
  const empty = await converted({ variables: { a: "1" } });
  assert.match(empty.text, "sources: []");
  assert.is(empty.report.attention.length, 1);
});

test("a program in another folder finds the template's folder", async () => {
  const file = join(tmp("json"), "template.json");
  writeFileSync(file, JSON.stringify({ builders: [{ type: "example-cloud", script: "{{template_dir}}/x.sh" }] }));
  const { files } = await convert(file, { folder: join(file, "../new"), environment: {} });
  assert.match(files[0]?.text ?? "", 'resolve(path.root, "..")');
  assert.match(files[0]?.text ?? "", /script: `\$\{templateFolder\}\/x\.sh`/);
});

test("what is wrong with a template's structure is told, and nothing is converted", async () => {
  const { files, diagnostics } = await converted('{ "builders": { "type": "null" } }');
  assert.equal(files, []);
  assert.match(diagnostics[0]?.detail ?? "", '"builders" must be a list');
});

test("a folder with a legacy JSON template alone asks for the file", async () => {
  const folder = tmp("json");
  mkdirSync(join(folder, "images"));
  writeFileSync(join(folder, "images", "package.json"), "{}");
  writeFileSync(join(folder, "images", "debian.json"), JSON.stringify({ builders }));
  const { diagnostics } = await convert("images", { workingDirectory: folder });
  assert.match(diagnostics[0]?.detail ?? "", "holds no HCL templates");
  assert.match(diagnostics[0]?.hint ?? "", `tspack convert ${join("images", "debian.json")}`);
});

test("long chains of variables and of branches are no matter", async () => {
  const variables = Object.fromEntries(
    Array.from({ length: 3000 }, (_, index) => [`v${index}`, index === 2999 ? "end" : `{{user \`v${index + 1}\`}}`]),
  );
  const branches = Array.from({ length: 200 }, (_, index) => `{{else if eq (user \`v0\`) \`${index}\`}}${index}`).join("");
  const { text, report } = await converted({
    variables,
    builders: [{ type: "example-cloud", text: `{{if eq (user \`v0\`) \`x\`}}x${branches}{{end}}` }],
  });
  assert.equal(report.attention, []);
  assert.ok(text.indexOf("const v2999 ") < text.indexOf("const v0 "));
});

test.run();
