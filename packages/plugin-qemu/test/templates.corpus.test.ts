// Every QEMU source of real templates is taken as it is: TSPACK_CORPUS names a folder of templates of others.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { type Diagnostic, type Program, validateProgram } from "@tspack/core";
import { corpusFolder } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { analyse } from "../../dsl/src/hcl/packer/analysis.ts";
import { loadHcl } from "../../dsl/src/hcl/packer/load.ts";
import { readConfiguration } from "../../dsl/src/hcl/packer/read.ts";
import { loadJson } from "../../dsl/src/json/load.ts";
import { standIns } from "../../dsl/test/hcl/packer/stand-ins.ts";
import qemu from "../src/builder.ts";

const corpus = corpusFolder();

/** Refused for what the corpus lacks: files, values of variables, and a network. */
function isAcceptable({ code, detail = "" }: Diagnostic): boolean {
  if (code === "TPK3104") return /iso_urls? must be given|A checksum must be given|iso_url/.test(detail);
  if (code === "TPK7001") return /ENOTFOUND|EAI_AGAIN/.test(detail);
  return code === "TPK3107";
}

interface Loaded {
  readonly path: string;
  readonly program: Program;
}

function filesOf(pattern: RegExp): readonly string[] {
  return ["templates", "packer-fixtures", "doc-snippets"].flatMap((part) =>
    readdirSync(join(corpus, part), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && pattern.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => /\bqemu\b/.test(readFileSync(path, "utf8"))),
  );
}

/** Configurations with a QEMU source that load with made-up values for their variables: folders, and single files where those do not. */
async function fromHcl(): Promise<readonly Loaded[]> {
  const files = filesOf(/\.pkr\.(hcl|json)$/);
  const found: Loaded[] = [];
  for (const folder of new Set(files.map((file) => dirname(file)))) {
    for (const path of [folder, ...files.filter((file) => dirname(file) === folder)]) {
      const options = { workingDirectory: folder, environment: { HOME: "/home/user" } };
      const variables = standIns(await analyse(readConfiguration(path, options), options));
      const { program } = await loadHcl(path, { ...options, variables });
      if (program === undefined) continue;
      found.push({ path, program });
      if (path === folder) break;
    }
  }
  return found;
}

async function fromJson(): Promise<readonly Loaded[]> {
  const found: Loaded[] = [];
  for (const path of filesOf(/(?<!\.pkr)\.json$/)) {
    const { variables = {} }: { readonly variables?: { readonly [name: string]: unknown } } = JSON.parse(readFileSync(path, "utf8"));
    const missing = Object.keys(variables).filter((name) => (variables[name] ?? null) === null);
    const { program } = await loadJson(path, {
      workingDirectory: dirname(path),
      variables: Object.fromEntries(missing.map((name) => [name, "1"])),
      environment: {},
    });
    if (program !== undefined) found.push({ path, program });
  }
  return found;
}

/** The builds of QEMU sources, with nothing that other components would have to be there for. */
function machinesOf({ program }: Loaded): Program {
  const builds = program.builds.flatMap((build) => {
    const sources = build.sources.filter(({ type }) => type === "qemu");
    return sources.length === 0
      ? []
      : [{ ...build, sources: sources.map((source) => ({ ...source, provisioners: [], postProcessors: [], errorCleanup: undefined })) }];
  });
  return { ...program, builds };
}

for (const [form, load] of [
  ["HCL", fromHcl],
  ["JSON", fromJson],
] as const) {
  test(`the QEMU builds of templates in ${form} are taken as they are`, async () => {
    const catalog = { find: async () => qemu, names: () => ["qemu"] };
    const problems: string[] = [];
    let count = 0;
    for (const one of await load()) {
      const program = machinesOf(one);
      if (program.builds.length === 0) continue;
      count += program.builds.flatMap(({ sources }) => sources).length;
      const found = await validateProgram(program, { catalog, workingDirectory: dirname(one.path), environment: {} });
      for (const diagnostic of found) {
        const { severity, code, summary, detail = "" } = diagnostic;
        if (severity === "error" && !isAcceptable(diagnostic))
          problems.push(`${relative(corpus, one.path)}: ${code} ${summary}. ${detail}`);
      }
    }
    console.log(`${count} builds of QEMU sources in ${form}`);
    assert.ok(count > 0);
    assert.is(problems.length, 0, problems.join("\n"));
  });
}

test("every option that a QEMU source in HCL names is known, whether or not a build uses the source", async () => {
  const spec = await qemu.configSpec?.();
  const unknown: string[] = [];
  let count = 0;
  for (const path of filesOf(/\.pkr\.hcl$/)) {
    for (const { type, name, block } of readConfiguration(path, { workingDirectory: dirname(path) }).sources) {
      if (type !== "qemu") continue;
      count++;
      for (const item of block.body.items) {
        const option = item.kind === "attribute" ? item.name : item.type === "dynamic" ? item.labels[0]?.text : item.type;
        if (option === undefined || spec?.options[option] === undefined) unknown.push(`${relative(corpus, path)} ${name}: ${option}`);
      }
    }
  }
  console.log(`${count} QEMU sources in HCL`);
  assert.ok(count > 0);
  assert.equal(unknown, []);
});

test.run();
