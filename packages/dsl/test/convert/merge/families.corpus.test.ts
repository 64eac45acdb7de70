// Families of real templates are merged, and mean the same. The corpus is not part of the project: TSPACK_CORPUS names its folder.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { hasErrors } from "@tspack/core";
import { corpusFolder, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { convert } from "../../../src/convert/convert.ts";
import { convertInto } from "../../../src/convert/merge/convert-into.ts";
import { type Verification, verifyConversion } from "../../../src/convert/verify/verify.ts";
import { typeCheck } from "../type-check.ts";

const corpus = corpusFolder();

/** Most templates of one repository that are merged: a test is no benchmark. */
const MOST = 12;

/** What may be a template below a folder: JSON files with builders, folders with HCL, or the HCL files where those are one each. */
async function templatesIn(folder: string): Promise<{ readonly json: readonly string[]; readonly hcl: readonly string[] }> {
  const json: string[] = [];
  const hcl: string[] = [];
  const entries = readdirSync(folder, { withFileTypes: true });
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      const inner = await templatesIn(path);
      json.push(...inner.json);
      hcl.push(...inner.hcl);
    } else if (entry.name.endsWith(".json") && /"builders"\s*:/.test(readFileSync(path, "utf8"))) json.push(path);
  }
  const files = entries.filter(({ name }) => name.endsWith(".pkr.hcl")).map(({ name }) => join(folder, name));
  if (files.length === 0) return { json, hcl };
  const whole = await convert(folder);
  if (!hasErrors(whole.diagnostics)) return { json, hcl: [...hcl, folder] };
  return { json, hcl: [...hcl, ...files] };
}

/** Compares; variables without a value get one. */
async function verify(template: string, program: string): Promise<Verification> {
  const variables: { [name: string]: string } = {};
  const workingDirectory = template.endsWith(".hcl") || template.endsWith(".json") ? dirname(template) : template;
  // Variable files that are read without being named are read beside the program.
  const variableFiles = readdirSync(workingDirectory)
    .filter((name) => /\.auto\.pkrvars\.(hcl|json)$/.test(name))
    .map((name) => join(workingDirectory, name));
  for (let attempt = 0; ; attempt++) {
    const verification = await verifyConversion(template, program, { variables, variableFiles, workingDirectory, environment: {} });
    const missing = verification.diagnostics.flatMap(({ code, detail = "" }) =>
      code === "TPK1101" ? (/"([^"]+)"/.exec(detail)?.[1] ?? []) : [],
    );
    if (missing.length === 0 || attempt > 3) return verification;
    for (const name of missing) variables[name] = "1";
  }
}

test("families of real templates are merged, type-check strictly and mean the same", async () => {
  const root = tmp("merge-corpus");
  const programs: string[] = [];
  const problems: string[] = [];
  let families = 0;
  let compared = 0;
  for (const repository of readdirSync(join(corpus, "templates"), { withFileTypes: true })) {
    if (!repository.isDirectory()) continue;
    const found = await templatesIn(join(corpus, "templates", repository.name));
    for (const [kind, paths] of Object.entries(found)) {
      const good: string[] = [];
      for (const path of paths.slice(0, MOST)) if (!hasErrors((await convert(path)).diagnostics)) good.push(path);
      if (good.length < 2) continue;
      const folder = join(root, `${repository.name}-${kind}`);
      const { files, report } = await convertInto(good, { folder });
      const merged = report.templates.filter(({ alone }) => alone === undefined);
      if (merged.length === 0) continue;
      mkdirSync(folder, { recursive: true });
      for (const { name, text } of files) writeFileSync(join(folder, name), text);
      programs.push(join(folder, "shared.ts"), ...merged.map(({ file }) => join(folder, file)));
      let same = 0;
      for (const { path, file } of merged) {
        const { diagnostics, differences } = await verify(path, join(folder, file));
        if (differences.length > 0) problems.push(`${path}: ${JSON.stringify(differences.slice(0, 3))}`);
        // What cannot be loaded here (a file that is not in the corpus, say) is not compared.
        else if (!hasErrors(diagnostics)) same++;
        // Then the template itself does not load: never the program alone.
        else if (diagnostics.some(({ subject }) => subject?.file.endsWith(".ts")))
          problems.push(`${path}: ${diagnostics[0]?.detail ?? ""}`);
      }
      compared += same;
      families++;
      const linesIn = merged.reduce((sum, each) => sum + each.linesIn, 0);
      const linesOut = merged.reduce((sum, each) => sum + each.linesOut, report.sharedLines);
      console.log(
        `${repository.name} (${kind}): ${merged.length} of ${good.length} templates, ${linesIn} lines → ${linesOut} (shared ${report.sharedLines}), ${same} compared`,
      );
    }
  }
  const messages = await typeCheck(root, programs);
  for (const [file, texts] of messages) problems.push(...texts.slice(0, 3).map((text) => `${file}${text}`));
  console.log(`${families} families, ${compared} templates mean the same`);
  assert.equal(problems, []);
  assert.ok(families >= 4 && compared >= 10, `${families} families, ${compared} compared`);
});

test.run();
