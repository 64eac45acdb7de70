// Templates of ours: each is converted, type-checked strictly, loaded, and compared with what it came from.
import { cpSync, existsSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { hasErrors } from "@tspack/core";
import { tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { convert } from "../../src/convert/convert.ts";
import { verifyConversion } from "../../src/convert/verify/verify.ts";
import type { LoadOptions } from "../../src/load/options.ts";
import { typeCheck } from "./type-check.ts";
import { withQemu } from "./with-qemu.ts";

const fixtures = fileURLToPath(new URL("fixtures", import.meta.url));
const catalog = withQemu();
const environment = { TSPACK_TEST_HOME: "/home/test", SOURCE_DATE_EPOCH: "1700000000" };

/** Values for a fixture besides its defaults: each is one comparison. */
const given: { readonly [fixture: string]: readonly LoadOptions["variables"][] } = {
  "variables.pkr.hcl": [
    { required: "x", numbers: "[1, 2.5]" },
    {
      required: "y",
      numbers: [3],
      "disk-size": "1",
      headless: "false",
      tags: '{"a": "b"}',
      zones: '["z", "y", "z"]',
      disks: '[{"size": 1}]',
      nothing: "something",
      limit: "12",
      token: "other-token",
      cpus: "64",
    },
  ],
  "locals.pkr.hcl": [{}],
  "sources.pkr.hcl": [{}, { exported: "true", disks: "[]" }],
  "steps.pkr.hcl": [{}, { scripts: '["c.sh"]', debug: "false" }],
  "names.pkr.hcl": [{}, { a_b: "x", "a-b": "y", source: "z" }],
  "text.pkr.hcl": [{}, { names: '["b"]' }],
  "choices.pkr.hcl": [
    {},
    {
      role: '{"owner": "me", "arn": "a:b"}',
      hosts: '{"web": {"address": "1.1.1.1", "mac": "aa"}, "cache": {"address": "2.2.2.2"}}',
      proxy: "p",
      steps: { pause: "5s" },
      checks: '[{"name": "a", "on": true}, {"name": "", "on": false}]',
    },
    { role: '{"maker": "you"}', hosts: "{}", ports: "[]" },
  ],
  folder: [{}, { user: "me" }],
};

test("every fixture converts, passes a strict type check, and means the same for its defaults and for other values", async () => {
  const folder = tmp("convert");
  cpSync(fixtures, folder, { recursive: true });
  process.env.TSPACK_TEST_HOME = environment.TSPACK_TEST_HOME;
  const programs: { readonly template: string; readonly program: string; readonly files: readonly string[] }[] = [];
  for (const name of readdirSync(fixtures)) {
    const template = join(folder, name);
    const isFile = name.endsWith(".pkr.hcl");
    const file = isFile ? `${basename(name, ".pkr.hcl")}.ts` : "image.ts";
    const conversion = await convert(template, { environment, catalog, file, isSingleFile: isFile });
    assert.equal(conversion.report.attention, [], name);
    assert.not.ok(hasErrors(conversion.diagnostics), name);
    const root = isFile ? folder : template;
    for (const { name: written, text } of conversion.files) writeFileSync(join(root, written), text);
    programs.push({ template, program: join(root, file), files: conversion.files.map((each) => join(root, each.name)) });
  }
  const messages = await typeCheck(
    folder,
    programs.flatMap(({ files }) => files),
  );
  assert.equal(Object.fromEntries(messages), {});
  for (const { template, program } of programs) {
    const runs = given[basename(template)];
    assert.ok(runs, `values for ${basename(template)}`);
    for (const variables of runs ?? []) {
      const { diagnostics, differences } = await verifyConversion(template, program, { environment, catalog, variables: variables ?? {} });
      assert.equal(differences, [], `${basename(template)} with ${JSON.stringify(variables)}`);
      assert.equal(
        diagnostics.filter(({ severity }) => severity === "error"),
        [],
        basename(template),
      );
    }
  }
});

test("a value that the template refuses is refused by its conversion", async () => {
  const folder = tmp("convert");
  cpSync(join(fixtures, "variables.pkr.hcl"), join(folder, "a.pkr.hcl"));
  const { files } = await convert(join(folder, "a.pkr.hcl"), { environment });
  for (const { name, text } of files) writeFileSync(join(folder, name), text);
  const { load } = await import("../../src/load/load.ts");
  const loaded = await load(join(folder, "image.ts"), { environment, variables: { required: "x", numbers: "[1]", cpus: "65" } });
  assert.ok(loaded.diagnostics.some(({ detail = "" }) => detail.includes("The number of CPUs must be between 1 and 64.")));
});

test("variables of a file of their own go to a module of their own", () => {
  const folder = tmp("convert");
  cpSync(join(fixtures, "folder"), folder, { recursive: true });
  return convert(folder, { environment }).then(({ files }) => {
    assert.equal(
      files.map(({ name }) => name),
      ["image.ts", "variables.ts"],
    );
    assert.match(files[0]?.text ?? "", 'import { isoChecksum, isoUrl, password, user } from "./variables.ts";');
    assert.not.ok(existsSync(join(folder, "image.ts")), "convert() itself writes nothing");
  });
});

test("comments stay at their places", async () => {
  const { files } = await convert(join(fixtures, "steps.pkr.hcl"), { environment });
  const text = files[0]?.text ?? "";
  const order = [
    "// The build.",
    "// of both",
    '// "source.null.three",',
    "// second",
    "// First step.",
    '// provisioner "breakpoint" {}',
    "// then",
    "// The end.",
  ];
  let at = -1;
  for (const comment of order) {
    const next = text.indexOf(comment, at + 1);
    assert.ok(next > at, `${comment} in\n${text}`);
    at = next;
  }
});

test("comments of what is written otherwise are kept as well", async () => {
  const { files } = await convert(join(fixtures, "choices.pkr.hcl"), { environment });
  const text = files[0]?.text ?? "";
  for (const comment of ["// the shell", "// the web", "// the last", '// "null.other",', '// provisioner "breakpoint" {}']) {
    assert.ok(text.includes(comment), `${comment} in\n${text}`);
  }
  assert.match(text, 'role.arn ?? "no arn"');
  assert.not.match(text, "item");
});

test("converting twice gives the same text", async () => {
  for (const name of readdirSync(fixtures)) {
    const once = await convert(join(fixtures, name), { environment });
    const again = await convert(join(fixtures, name), { environment });
    assert.equal(once.files, again.files);
    assert.not.match(once.files.map(({ text }) => text).join("\n"), /\bany\b(?=[;,)>\]])/);
  }
});

test.run();
