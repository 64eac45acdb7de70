// Every legacy JSON template of real repositories that Packer takes loads. The corpus is not part of the project: TSPACK_CORPUS names
// its folder.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { hasErrors, renderDiagnostics } from "@tspack/core";
import { corpusFolder } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { SourceText } from "../../src/hcl/syntax/source-text.ts";
import { loadJson } from "../../src/json/load.ts";
import { parseJsonTree } from "../../src/json/syntax/parse.ts";
import { plainJson } from "../../src/json/syntax/tree.ts";

const corpus = corpusFolder();

/** Fixtures that Packer refuses: by the end of their path, with the code that says why. */
const refused: readonly (readonly [string, RegExp])[] = [
  ["packer-fixtures/command/test-fixtures/validate-invalid/broken.json", /TPK2001|TPK2301/],
  ["packer-fixtures/command/test-fixtures/validate-invalid/bad_provisioner.json", /TPK2301/],
  ["packer-fixtures/command/test-fixtures/validate/template.json", /TPK2205/],
  ["packer-fixtures/command/test-fixtures/validate/validate_except.json", /TPK2205/],
  ["packer-fixtures/packer/test-fixtures/validate-dup-builder.json", /TPK3109/],
  ["packer-fixtures/packer/test-fixtures/validate-min-version-high.json", /TPK2205/],
  // Made for hcl2_upgrade alone: they ask for secrets where only variables may.
  ["hcl2_upgrade/complete/input.json", /aws_secretsmanager/],
  ["hcl2_upgrade/without-annotations/input.json", /aws_secretsmanager/],
];

interface Template {
  readonly file: string;
  readonly content: { readonly [key: string]: unknown };
}

/** All JSON files with builders below a folder. */
function templatesIn(folder: string): Template[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry): Template[] => {
    const file = join(folder, entry.name);
    if (entry.isDirectory()) return templatesIn(file);
    if (!entry.name.endsWith(".json") || entry.name.endsWith(".pkr.json")) return [];
    const { root } = parseJsonTree(new SourceText(file, readFileSync(file, "utf8")), { duplicates: "last" });
    const content = root === undefined ? undefined : plainJson(root);
    return isRecord(content) && "builders" in content ? [{ file, content }] : [];
  });
}

function isRecord(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Made-up values for variables that have none, for those whose default is themselves, and for undeclared ones that others need. */
function valuesFor({ content }: Template): { readonly [name: string]: string } {
  const declared = isRecord(content.variables) ? content.variables : {};
  const usesItself = (name: string) => String(declared[name]).includes(`{{user \`${name}\`}}`);
  const used = [...JSON.stringify(declared).matchAll(/\{\{-? *user *(?:`|\\")([^`"\\]+)/g)].map((match) => match[1] ?? "");
  const missing = [...Object.keys(declared), ...used].filter((name) => (declared[name] ?? null) === null || usesItself(name));
  return Object.fromEntries(missing.map((name) => [name, "1"]));
}

test("every template of the corpus loads", async () => {
  const templates = [join(corpus, "templates"), join(corpus, "packer-fixtures")].flatMap(templatesIn);
  const problems: string[] = [];
  let loaded = 0;
  let refusedAsExpected = 0;
  for (const template of templates) {
    const result = await loadJson(template.file, { variables: valuesFor(template), environment: {} });
    const told = renderDiagnostics(result.diagnostics.filter(({ severity }) => severity === "error"));
    if (refused.some(([path, expected]) => template.file.endsWith(path) && expected.test(told))) {
      refusedAsExpected++;
      continue;
    }
    if (hasErrors(result.diagnostics) || result.program === undefined) problems.push(`${relative(corpus, template.file)}\n${told}`);
    else loaded++;
  }
  console.log(`${loaded} of ${templates.length} templates load, ${refusedAsExpected} are refused as they must be`);
  assert.ok(templates.length > 100);
  assert.is(problems.length, 0, problems.join("\n"));
});

test.run();
