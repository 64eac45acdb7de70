// Loads every HCL configuration of a corpus of templates of others: TSPACK_CORPUS names its folder.
import { readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { Diagnostic } from "@tspack/core";
import { corpusFolder } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { analyse } from "../../../src/hcl/packer/analysis.ts";
import { loadHcl } from "../../../src/hcl/packer/load.ts";
import { readConfiguration } from "../../../src/hcl/packer/read.ts";
import { standIns } from "./stand-ins.ts";

const corpus = corpusFolder();

/** What a template may be refused for: files that the corpus lacks, values that are made up, and what its authors left out. */
const acceptable: ReadonlySet<string> = new Set(["TPK1103", "TPK2001", "TPK2101", "TPK2102", "TPK2103", "TPK2104", "TPK2206"]);
/** What fixtures of errors are refused for besides. */
const acceptableInFixtures: ReadonlySet<string> = new Set([
  ...acceptable,
  "TPK2201",
  "TPK2202",
  "TPK2203",
  "TPK2204",
  "TPK2205",
  "TPK3105",
]);

interface Outcome {
  readonly path: string;
  readonly errors: readonly Diagnostic[];
}

async function loadWithStandIns(path: string): Promise<Outcome> {
  const options = { workingDirectory: dirname(path), environment: { HOME: "/home/user" } };
  const variables = standIns(await analyse(readConfiguration(path, options), options));
  const { program, diagnostics } = await loadHcl(path, { ...options, variables });
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  assert.is(program === undefined, errors.length > 0, path);
  return { path, errors };
}

/** Folders as one configuration; where its files do not go together, each for itself. */
async function outcomes(root: string): Promise<readonly Outcome[]> {
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.pkr\.(hcl|json)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const found: Outcome[] = [];
  for (const folder of new Set(files.map((file) => dirname(file)))) {
    const whole = await loadWithStandIns(folder);
    const clashes = whole.errors.some(({ summary }) => summary.startsWith("Duplicate") || summary.startsWith("Second"));
    if (!clashes) found.push(whole);
    else for (const file of files) if (dirname(file) === folder) found.push(await loadWithStandIns(file));
  }
  return found;
}

for (const [part, codes, least] of [
  ["templates", acceptable, 0.8],
  ["packer-fixtures", acceptableInFixtures, 0.6],
] as const) {
  test(`configurations of the corpus load: ${part}`, async () => {
    const root = join(corpus, part);
    const all = await outcomes(root);
    const refused = all.filter(({ errors }) => errors.length > 0);
    console.log(`${part}: ${all.length - refused.length} of ${all.length} configurations load`);
    for (const { path, errors } of refused) {
      const [first] = errors;
      console.log(`  ${relative(root, path)}: ${first?.code} ${first?.summary}. ${first?.detail ?? ""}`);
    }
    for (const { path, errors } of refused)
      for (const { code, summary } of errors) assert.ok(codes.has(code), `${path}: ${code} ${summary}`);
    assert.ok(all.length - refused.length >= all.length * least);
  });
}

test.run();
