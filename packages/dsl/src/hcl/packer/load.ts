// Loads an HCL configuration: reads it, gives variables their values, evaluates locals, decodes sources and builds into the Program.
import { resolve } from "node:path";
import {
  type BuildDeclaration,
  type DatasourceDeclaration,
  type Diagnostic,
  hasErrors,
  type Program,
  type Requirements,
  redactDiagnostics,
  type VariableDeclaration,
  withExcerpt,
} from "@tspack/core";
import { limitDiagnostics } from "../../load/limit-diagnostics.ts";
import { withMissingValues } from "../../load/missing-values.ts";
import type { Loaded, LoadOptions } from "../../load/options.ts";
import { toProgramValue } from "../eval/deferred.ts";
import { toPlain } from "../eval/plain.ts";
import { isWhollyKnown } from "../eval/value.ts";
import { type Analysis, analyse, answered } from "./analysis.ts";
import { constantText } from "./constant.ts";
import type { Configuration } from "./declarations.ts";
import { configOf, decodeBody } from "./decode-body.ts";
import { decodeBuild } from "./decode-build.ts";
import { Decoding } from "./decoding.ts";
import { DatasourceAnswers } from "./load-answers.ts";
import { headOf, originAt, originOf } from "./located.ts";
import { blockTitle, problemAt } from "./problem.ts";
import { readConfiguration } from "./read.ts";
import { readRequiredPlugin } from "./required-plugins.ts";
import { Specifications } from "./specifications.ts";
import { knownFrom } from "./template.ts";
import { findTemplateFiles } from "./template-files.ts";
import { nameNodeOf, type VariableState } from "./variables.ts";

/** Loads an HCL configuration, a file or a folder, into a Program. `load` of `load/` calls it for such paths. */
export async function loadHcl(path: string, options: LoadOptions): Promise<Loaded> {
  const workingDirectory = resolve(options.workingDirectory ?? process.cwd());
  const file = resolve(workingDirectory, path);
  const configuration = readConfiguration(path, { workingDirectory });
  const analysis = await analyse(configuration, options);
  const isSyntaxOnly = options.syntaxOnly === true;
  const made =
    hasErrors(configuration.diagnostics) || isSyntaxOnly
      ? { diagnostics: [], datasources: [], builds: [] }
      : await decodeAll(analysis, { ...options, workingDirectory });
  const shown = (found: readonly Diagnostic[]): readonly Diagnostic[] =>
    redactDiagnostics(
      limitDiagnostics(sorted(found, configuration)).map((one) => withSource(one, configuration)),
      analysis.secrets,
    );
  const others = withMissingValues([...analysis.diagnostics, ...made.diagnostics], options);
  // Where nothing can be run at all, everything is told at once.
  const ofBuilds = hasErrors(others) ? new Set(made.builds.flatMap(({ sources }) => sources.flatMap(({ problems = [] }) => problems))) : [];
  const diagnostics = shown([...others, ...ofBuilds]);
  return {
    file,
    program:
      hasErrors(diagnostics) || isSyntaxOnly
        ? undefined
        : programOf(file, analysis, { ...made, builds: made.builds.map((one) => withShown(one, shown)) }),
    requirements: requirementsOf(configuration),
    diagnostics,
    locals: localsOf(analysis),
    dependencies: [...new Set([...filesOf(file, workingDirectory), ...analysis.files])],
    cached: false,
    explain: () => undefined,
  };
}

// --- internal ---

/** What the data blocks and build blocks make. */
interface Made {
  readonly diagnostics: readonly Diagnostic[];
  readonly datasources: readonly DatasourceDeclaration[];
  readonly builds: readonly BuildDeclaration[];
}

/** Decodes in passes: again with the specifications, and the answers of data sources, that a pass found out to be needed. */
async function decodeAll(analysis: Analysis, options: LoadOptions & { readonly workingDirectory: string }): Promise<Made> {
  const { environment = {}, workingDirectory } = options;
  // Which plugin a name means depends on what the template requires.
  const requirements = requirementsOf(analysis.configuration);
  const opened = options.catalog?.open?.({ style: "typed", requirements, environment, workingDirectory });
  try {
    return await decodeWith(analysis, { ...options, catalog: opened ?? options.catalog });
  } finally {
    await opened?.close();
  }
}

async function decodeWith(analysis: Analysis, options: LoadOptions & { readonly workingDirectory: string }): Promise<Made> {
  const { configuration, template } = analysis;
  const specifications = new Specifications(options.catalog);
  await specifications.prepare(configuration);
  const { catalog, environment, workingDirectory, signal } = options;
  const answers = new DatasourceAnswers({ catalog, environment, workingDirectory, signal });
  for (;;) {
    const decoding = new Decoding(template, answers.known, specifications.known, options.keepGoing === true);
    const made = await answered(() => decodeOnce(configuration, decoding), signal);
    const { missingSpecs, needed } = decoding;
    if (missingSpecs.size > 0) {
      await specifications.add(missingSpecs);
      continue;
    }
    if (needed.size === 0) return { ...made, diagnostics: decoding.diagnostics };
    if (options.evaluateDatasources !== true) {
      return { ...made, diagnostics: [...decoding.diagnostics, ...new Set(needed.values())] };
    }
    const declarations = new Map(made.datasources.map((one) => [`${one.type}.${one.name}`, one]));
    // What is wrong already is told before anything is asked: the data sources may be the ones that are wrong.
    if (hasErrors([...analysis.diagnostics, ...decoding.diagnostics])) return { ...made, diagnostics: decoding.diagnostics };
    for (const key of needed.keys()) await answers.ask(key, declarations);
    if (answers.diagnostics.length > 0) return { ...made, diagnostics: [...decoding.diagnostics, ...answers.diagnostics] };
  }
}

function decodeOnce(configuration: Configuration, decoding: Decoding): Omit<Made, "diagnostics"> {
  const at = decoding.template.at({ kind: "data" });
  const datasources = configuration.datasources.map(({ type, name, block }): DatasourceDeclaration => {
    const where = `in data ${JSON.stringify(type)} ${JSON.stringify(name)}`;
    const spec = decoding.spec("datasource", type);
    const body = decodeBody([{ body: block.body, at }], decoding, { where, head: headOf(block), spec, withoutDynamic: true });
    const answer = decoding.answerOf(type, name);
    return {
      type,
      name,
      config: configOf(body, decoding),
      ...(answer === undefined ? {} : { answer }),
      origin: originOf(body, blockTitle(block)),
    };
  });
  const [registry, second] = configuration.registries;
  if (registry !== undefined && second !== undefined) {
    const at = registry.source.range(registry.typeNode.start, registry.typeNode.end);
    decoding.report(
      problemAt(second.typeNode, {
        code: "TPK2202",
        summary: "Second hcp_packer_registry",
        detail: "A template has one hcp_packer_registry.",
        related: [{ at, message: "The other one is here." }],
      }),
    );
  }
  const builds = configuration.builds.map((build) => decodeBuild(build, registry, decoding));
  return { datasources, builds };
}

function programOf(file: string, analysis: Analysis, { datasources, builds }: Made): Program {
  const { configuration } = analysis;
  return {
    root: configuration.root,
    file,
    configStyle: "typed",
    requirements: requirementsOf(configuration),
    variables: [...analysis.variables.values()].map(declarationOf),
    datasources,
    builds,
    secrets: [...analysis.secrets],
  };
}

function declarationOf(state: VariableState): VariableDeclaration {
  const { name, value, default: fallback, description, sensitive, block } = state;
  return {
    name,
    value: isWhollyKnown(value) ? toPlain(value) : undefined,
    ...(fallback === undefined || !isWhollyKnown(fallback) ? {} : { default: toPlain(fallback) }),
    description,
    sensitive,
    origin: originAt(nameNodeOf(block)),
  };
}

function localsOf({ locals, template }: Analysis): NonNullable<Loaded["locals"]> {
  const root = template.at({ kind: "root" });
  return [...locals.values()].map(({ declaration: { name, value: expression, sensitive }, value }) => ({
    name,
    value: toProgramValue(value, {
      label: expression.source.text.slice(expression.start, expression.end),
      evaluate: (scope) => template.evaluate(expression, { scope: () => root.scope(knownFrom(scope)) }, undefined).value,
    }),
    sensitive,
  }));
}

/** What the `packer` blocks require. */
export function requirementsOf({ packer }: Configuration): Requirements | undefined {
  const versions = packer.flatMap(({ requiredVersion }) =>
    requiredVersion === undefined ? [] : [constantText(requiredVersion.value) ?? ""],
  );
  const plugins = packer.flatMap(({ requiredPlugins }) => requiredPlugins.map((one) => readRequiredPlugin(one).plugin));
  if (versions.length === 0 && plugins.length === 0) return undefined;
  return {
    required_version: versions.length === 0 ? undefined : versions.join(", "),
    required_plugins: Object.fromEntries(
      plugins.filter((one) => one !== undefined).map(({ name, version, source }) => [name, { version, source }]),
    ),
  };
}

function withShown(build: BuildDeclaration, shown: (found: readonly Diagnostic[]) => readonly Diagnostic[]): BuildDeclaration {
  if (build.sources.every(({ problems }) => problems === undefined)) return build;
  const sources = build.sources.map((one) => (one.problems === undefined ? one : { ...one, problems: shown(one.problems) }));
  return { ...build, sources };
}

/** By file and line; what has no place comes first. */
function sorted(diagnostics: readonly Diagnostic[], { files }: Configuration): readonly Diagnostic[] {
  const order = new Map(files.map(({ source }, index) => [source.file, index + 1]));
  const rank = ({ subject }: Diagnostic): readonly [number, number] =>
    subject === undefined ? [0, 0] : [order.get(subject.file) ?? 0, subject.start.byte ?? 0];
  return diagnostics
    .map((one) => ({ one, rank: rank(one) }))
    .sort((a, b) => a.rank[0] - b.rank[0] || a.rank[1] - b.rank[1])
    .map(({ one }) => one);
}

/** With the source lines, from the text that was read: the file may be named relative to another folder than the process's. */
function withSource(diagnostic: Diagnostic, { files }: Configuration): Diagnostic {
  return withExcerpt(diagnostic, (name) => files.find(({ source }) => source.file === name)?.source.text);
}

function filesOf(file: string, workingDirectory: string): readonly string[] {
  return [file, ...findTemplateFiles(file, workingDirectory).paths];
}
