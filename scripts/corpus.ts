// Converts every configuration of a corpus of templates and counts how many parse, evaluate, convert, type-check, and mean the same
// afterwards. usage: TSPACK_CORPUS=DIR npm run test:corpus [-- --verbose] [--record] [name fragment …]
// Fails when a count is below the one recorded in test/corpus-counts.json. The corpus is copied to a temporary folder, since programs
// are written beside their templates: path.root must be the same for both.
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Diagnostic, hasErrors } from "@tspack/core";
import { convert } from "../packages/dsl/src/convert/convert.ts";
import { differences } from "../packages/dsl/src/convert/verify/differences.ts";
import { readConfiguration } from "../packages/dsl/src/hcl/packer/read.ts";
import { inspect, type Loaded, type LoadOptions, load } from "../packages/dsl/src/index.ts";
import { loadJson, readJsonTemplate } from "../packages/dsl/src/json/load.ts";
import { typeCheck } from "../packages/dsl/test/convert/type-check.ts";
import { withQemu } from "../packages/dsl/test/convert/with-qemu.ts";
import { type Case, casesIn } from "./corpus/cases.ts";
import { madeJsonValues } from "./corpus/json-templates.ts";
import { makeMissingFiles } from "./corpus/missing-files.ts";
import { madeValues, otherValues } from "./corpus/values.ts";

const steps = ["parses", "evaluates", "converts", "typeChecks", "roundTrips"] as const;
type Step = (typeof steps)[number];

const catalog = withQemu();

/** How far a case came. */
interface Outcome {
  readonly passed: Set<Step>;
  /** Why it did not come further: the step, and what was said. */
  readonly failures: { readonly step: Step; readonly reason: string }[];
  files: readonly string[];
}

const recordFile = fileURLToPath(new URL("../test/corpus-counts.json", import.meta.url));
const epoch = "1700000000";

async function main(): Promise<number> {
  const corpus = process.env.TSPACK_CORPUS;
  if (corpus === undefined || corpus === "") {
    console.log("skipped: TSPACK_CORPUS does not name a folder with templates");
    return 0;
  }
  if (!existsSync(join(corpus, "templates"))) {
    console.error(`TSPACK_CORPUS is ${corpus}, which has no folder "templates"`);
    return 1;
  }
  const words = process.argv.slice(2);
  const fragments = words.filter((word) => !word.startsWith("--"));
  // Programs keep the clock and the variables of their environment: it is set for both doors alike.
  process.env.SOURCE_DATE_EPOCH = epoch;
  const folder = mkdtempSync(join(tmpdir(), "tspack-corpus-"));
  try {
    for (const part of ["templates", "packer-fixtures", "doc-snippets"]) {
      if (existsSync(join(corpus, part))) cpSync(join(corpus, part), join(folder, part), { recursive: true });
    }
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    const cases = casesIn(folder).filter(({ name }) => fragments.length === 0 || fragments.some((fragment) => name.includes(fragment)));
    const outcomes = new Map<Case, Outcome>();
    for (const one of cases) outcomes.set(one, await convertCase(one));
    await checkTypes(folder, outcomes);
    for (const [one, outcome] of outcomes) await compare(one, outcome, folder);
    return report(outcomes, {
      isVerbose: words.includes("--verbose"),
      isRecord: words.includes("--record"),
      isWhole: fragments.length === 0,
    });
  } finally {
    if (words.includes("--keep")) console.log(`kept: ${folder}`);
    else rmSync(folder, { recursive: true, force: true });
  }
}

async function convertCase(one: Case): Promise<Outcome> {
  const outcome: Outcome = { passed: new Set(), failures: [], files: [] };
  const { diagnostics: found } =
    one.kind === "json"
      ? readJsonTemplate(one.path, { workingDirectory: one.folder })
      : readConfiguration(one.path, { workingDirectory: one.folder });
  const syntax = found.filter(({ severity, code }) => severity === "error" && code === "TPK2001");
  if (syntax.length > 0) return fail(outcome, "parses", syntax);
  outcome.passed.add("parses");
  const file = one.isFolder ? "image.ts" : `${one.path.slice(one.folder.length + 1)}.image.ts`;
  try {
    const { files, diagnostics, report } = await convert(one.path, {
      workingDirectory: one.folder,
      file,
      isSingleFile: !one.isFolder,
      environment: process.env,
      catalog,
    });
    if (files.length === 0) return fail(outcome, "converts", diagnostics);
    // What the template itself lacks (an undeclared variable, a source that is in no file) cannot be converted, and counts for nothing.
    const lost = report.attention.filter(
      ({ detail = "" }) =>
        !/is not known here$|^There is no (source|builder) |an option (that|to a kind of value that) its component does not/.test(detail),
    );
    if (lost.length > 0) fail(outcome, "converts", lost);
    else outcome.passed.add("converts");
    outcome.files = files.map(({ name }) => join(one.folder, name));
    for (const { name, text } of files) writeFileSync(join(one.folder, name), text);
  } catch (error) {
    outcome.failures.push({ step: "converts", reason: `thrown: ${error instanceof Error ? error.stack : String(error)}` });
  }
  return outcome;
}

async function checkTypes(folder: string, outcomes: ReadonlyMap<Case, Outcome>): Promise<void> {
  const messages = await typeCheck(
    folder,
    [...outcomes.values()].flatMap(({ files }) => files),
  );
  for (const outcome of outcomes.values()) {
    if (outcome.files.length === 0) continue;
    const found = outcome.files.flatMap((file) => messages.get(file) ?? []);
    if (found.length === 0) outcome.passed.add("typeChecks");
    else outcome.failures.push({ step: "typeChecks", reason: found.slice(0, 5).join("\n") });
  }
}

/** Evaluates the template and its conversion with the same values, once for each file with values and once with values made up. */
async function compare(one: Case, outcome: Outcome, folder: string): Promise<void> {
  if (!outcome.passed.has("parses")) return;
  const { given, declared, help } = await valuesFor(one, folder);
  const base: LoadOptions = { workingDirectory: one.folder, environment: process.env, cache: false };
  const runs: ({ variables?: LoadOptions["variables"] } & LoadOptions)[] = [{ ...base, variables: given }];
  for (const file of one.variableFiles) {
    const named = namesIn(readFileSync(file, "utf8"), declared);
    if (named.size === 0) continue;
    // What the file says wins; what it leaves out is made up.
    runs.push({
      ...base,
      variableFiles: [file],
      variables: Object.fromEntries(Object.entries(given).filter(([name]) => !named.has(name))),
    });
  }
  let isEqual = true;
  // Programs know one working directory: that of the process.
  process.chdir(one.folder);
  for (const [index, options] of runs.entries()) {
    const original = await attempt(() => help(options));
    if (!("program" in original) || original.program === undefined || hasErrors(original.diagnostics)) {
      if (index > 0) continue;
      fail(outcome, "evaluates", "diagnostics" in original ? original.diagnostics : [], "thrown" in original ? original.thrown : undefined);
      return;
    }
    outcome.passed.add("evaluates");
    const [program] = outcome.files;
    if (program === undefined) return;
    const converted = await attempt(() => load(program, options));
    if (!("program" in converted) || converted.program === undefined || hasErrors(converted.diagnostics)) {
      fail(
        outcome,
        "roundTrips",
        "diagnostics" in converted ? converted.diagnostics : [],
        "thrown" in converted ? converted.thrown : undefined,
      );
      return;
    }
    const world = { environment: process.env, workingDirectory: one.folder, catalog };
    const found = differences(await inspect(original, world), await inspect(converted, world));
    if (found.length === 0) continue;
    isEqual = false;
    const values = options.variableFiles === undefined ? "" : ` with ${options.variableFiles.join(", ")}`;
    const lines = found.slice(0, 5).map(({ path, original: a, converted: b }) => `${path}: ${JSON.stringify(a)} ≠ ${JSON.stringify(b)}`);
    outcome.failures.push({ step: "roundTrips", reason: `differs${values}:\n${lines.join("\n")}` });
    break;
  }
  if (isEqual) outcome.passed.add("roundTrips");
}

/** The variables of a template, values for them, and how it is loaded with those. */
async function valuesFor(
  one: Case,
  folder: string,
): Promise<{
  readonly given: { readonly [name: string]: unknown };
  readonly declared: ReadonlySet<string>;
  readonly help: (options: LoadOptions) => Promise<Loaded>;
}> {
  if (one.kind === "json") {
    const { template } = readJsonTemplate(one.path, { workingDirectory: one.folder });
    const given = template === undefined ? {} : await madeJsonValues(one.path, template);
    const names = [...(template?.variables ?? []).map(({ name }) => name), ...Object.keys(given)];
    return { given, declared: new Set(names), help: (options) => loadJson(one.path, options) };
  }
  const configuration = readConfiguration(one.path, { workingDirectory: one.folder });
  return {
    given: madeValues(configuration, one.folder),
    declared: new Set(configuration.variables.map(({ name }) => name)),
    help: (options) => loadWithHelp(one, configuration, options, folder),
  };
}

/** Loads the template; makes files that it misses, and tries other values for variables whose validation refuses the made-up one. */
async function loadWithHelp(
  one: Case,
  configuration: ReturnType<typeof readConfiguration>,
  options: { variables?: LoadOptions["variables"] } & LoadOptions,
  folder: string,
): Promise<Loaded> {
  const made = new Set<string>();
  const tried = new Map<string, string[]>();
  for (;;) {
    const loaded = await loadTemplate(one, options);
    if (!hasErrors(loaded.diagnostics) || makeMissingFiles(loaded.diagnostics, folder, made)) {
      if (!hasErrors(loaded.diagnostics)) return loaded;
      continue;
    }
    const refused = configuration.variables.find(({ name }) => {
      const isGiven = options.variables !== undefined && Object.hasOwn(options.variables, name);
      return isGiven && loaded.diagnostics.some(({ code, where = "" }) => code === "TPK1103" && where.includes(`"${name}"`));
    });
    if (refused === undefined) return loaded;
    const rest = tried.get(refused.name) ?? [...otherValues(configuration, refused.name)];
    tried.set(refused.name, rest);
    const next = rest.shift();
    if (next === undefined) return loaded;
    options.variables = { ...options.variables, [refused.name]: next };
  }
}

function loadTemplate(one: Case, options: LoadOptions): ReturnType<typeof load> {
  // By its own door: the folder holds the program as well by now.
  return import("../packages/dsl/src/hcl/packer/load.ts").then(({ loadHcl }) => loadHcl(one.path, options));
}

async function attempt<T>(action: () => Promise<T>): Promise<T | { readonly thrown: string }> {
  try {
    return await action();
  } catch (error) {
    return { thrown: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

function namesIn(text: string, declared: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...text.matchAll(/^\s*"?([\w-]+)"?\s*[=:]/gm)].map(([, name = ""]) => name).filter((name) => declared.has(name)));
}

function fail(outcome: Outcome, step: Step, diagnostics: readonly Diagnostic[], thrown?: string): Outcome {
  const told = diagnostics.filter(({ severity, code }) => severity === "error" || code === "TPK2401").slice(0, 3);
  const lines = told.map(
    ({ code, summary, detail, subject }) => `${code} ${summary}: ${detail ?? ""} (${subject?.file}:${subject?.start.line})`,
  );
  outcome.failures.push({ step, reason: thrown === undefined ? lines.join("\n") : `thrown: ${thrown}` });
  return outcome;
}

/** Codes of what Packer refuses as well: such a template is right to stop there. */
const refusals = /^TPK(2301|2302|3109|1103|2102|2103|2104|2201|2202|2203|2204|2205|2206|2002|1102)\b/;

function report(
  outcomes: ReadonlyMap<Case, Outcome>,
  { isVerbose, isRecord, isWhole }: { readonly isVerbose: boolean; readonly isRecord: boolean; readonly isWhole: boolean },
): number {
  const all = [...outcomes.values()];
  const count = (step: Step): number => all.filter(({ passed }) => passed.has(step)).length;
  const refused = all.filter(
    ({ failures, passed }) =>
      !passed.has("evaluates") && failures.some(({ step, reason }) => step === "evaluates" && refusals.test(reason)),
  );
  const evaluated = all.filter((outcome) => outcome.passed.has("parses") && !refused.includes(outcome)).length;
  const totals: { readonly [step in Step]: number } = {
    parses: all.length,
    evaluates: evaluated,
    converts: all.filter(({ files }) => files.length > 0).length,
    typeChecks: all.filter(({ files }) => files.length > 0).length,
    roundTrips: count("evaluates"),
  };
  if (isVerbose) {
    for (const [{ name }, { failures }] of outcomes) {
      for (const { step, reason } of failures) console.log(`${step} ✗ ${name}\n    ${reason.replaceAll("\n", "\n    ")}`);
    }
  }
  const counts = Object.fromEntries(steps.map((step) => [step, count(step)]));
  for (const step of steps) console.log(`${step.padEnd(11)} ${count(step)} of ${totals[step]}`);
  const json = [...outcomes].flatMap(([{ kind }, outcome]) => (kind === "json" ? [outcome] : []));
  const parts = steps.map((step) => `${step} ${json.filter(({ passed }) => passed.has(step)).length}`);
  console.log(`of these    ${json.length} legacy JSON: ${parts.join(", ")}`);
  if (refused.length > 0) console.log(`refused     ${refused.length} templates that Packer refuses as well`);
  if (isRecord) writeFileSync(recordFile, `${JSON.stringify(counts, undefined, 2)}\n`);
  if (!isWhole || !existsSync(recordFile)) return 0;
  const recorded: { readonly [step: string]: number } = JSON.parse(readFileSync(recordFile, "utf8"));
  const dropped = steps.filter((step) => count(step) < (recorded[step] ?? 0));
  for (const step of dropped) console.error(`${step} dropped: ${count(step)}, and it was ${recorded[step]}`);
  return dropped.length === 0 ? 0 : 1;
}

process.exitCode = await main();
