// A configuration with the values of its variables and locals: what loading, conversion and the console start from.
import { resolve } from "node:path";
import { CancelledError, type Diagnostic, hasErrors } from "@tspack/core";
import { functionEnvironment } from "../../functions/environment.ts";
import { Pending } from "../../functions/function.ts";
import { hclFunctions, variableDefaultFunctions } from "../../functions/table.ts";
import type { LoadOptions } from "../../load/options.ts";
import { registerSecrets } from "../../program/secret.ts";
import { toPlain } from "../eval/plain.ts";
import type { EvalScope } from "../eval/scope.ts";
import { isWhollyKnown, type Value } from "../eval/value.ts";
import type { Configuration } from "./declarations.ts";
import { type GivenValues, readGivenValues, undeclaredValues } from "./given-values.ts";
import { type LocalState, type PlaceName, Template } from "./template.ts";
import type { Language } from "./template-scope.ts";
import { validateVariable } from "./validate-variable.ts";
import { resolveVariable, type VariableState } from "./variables.ts";

/** What is known of a configuration before its sources and builds are looked at. */
export interface Analysis {
  readonly configuration: Configuration;
  /** Everything that is wrong so far, that of the configuration included. Not redacted: see `secrets`. */
  readonly diagnostics: readonly Diagnostic[];
  /** In the order declared. A variable without a value is unknown, of its type. */
  readonly variables: ReadonlyMap<string, VariableState>;
  /** In the order declared. A local that waits for a data source is unknown, or has parts that are. */
  readonly locals: ReadonlyMap<string, LocalState>;
  /** Texts of sensitive variables and locals. */
  readonly secrets: ReadonlySet<string>;
  /** Variable files, and what functions read so far; absolute. The files of the configuration are not among them. */
  readonly files: readonly string[];
  readonly template: Template;
  /** The names at a place: everywhere in a template, or in the options of a source, or in those of a step. */
  scope(place?: PlaceName): EvalScope;
}

/**
 * Gives the variables of a configuration their values, checks them, and evaluates the locals. The user's mistakes are in `diagnostics`;
 * rejects only on abort, and for faults of ours. For the types of expressions evaluate them in `scope(place)`: data sources and values
 * of the build are unknown values there, all else is known.
 *
 * @example
 * const analysis = await analyse(readConfiguration("template.pkr.hcl", { workingDirectory }), { workingDirectory });
 * const { value } = evaluate(expression, analysis.scope({ kind: "source", source: { type: "qemu", name: "debian" } }));
 */
export async function analyse(configuration: Configuration, options: LoadOptions = {}): Promise<Analysis> {
  const workingDirectory = resolve(options.workingDirectory ?? process.cwd());
  const read = new Set<string>();
  const world = { environment: options.environment ?? {}, workingDirectory, readFile: (path: string) => void read.add(path) };
  const given = await readGivenValues(configuration, workingDirectory, options);
  const environment = functionEnvironment({ ...world, templateDirectory: configuration.root });
  const languages: Languages = {
    defaults: { functions: variableDefaultFunctions(), environment, elsewhere: notInDefaults(hclFunctions().keys()) },
    // Row VAR-10: file functions start in the working directory there.
    validations: {
      functions: hclFunctions(),
      environment: functionEnvironment({ ...world, templateDirectory: workingDirectory }),
      elsewhere: onlyInDefaults,
    },
    template: { functions: hclFunctions(), environment, elsewhere: onlyInDefaults },
  };
  return answered(() => analyseOnce(configuration, { given, languages, options, workingDirectory, read }), options.signal);
}

/** Calls `body` again as often as it asks for answers that are not there yet. */
export async function answered<T>(body: () => T, signal?: AbortSignal): Promise<T> {
  for (;;) {
    if (signal?.aborted === true) throw new CancelledError();
    try {
      return body();
    } catch (error) {
      if (!(error instanceof Pending)) throw error;
      await error.answer;
    }
  }
}

// --- internal ---

interface Languages {
  readonly defaults: Language;
  readonly validations: Language;
  readonly template: Language;
}

interface Given {
  readonly given: GivenValues;
  readonly languages: Languages;
  readonly options: LoadOptions;
  readonly workingDirectory: string;
  /** Files that functions read. */
  readonly read: ReadonlySet<string>;
}

function analyseOnce(configuration: Configuration, { given, languages, options, workingDirectory, read }: Given): Analysis {
  const secrets = new Set<string>();
  const diagnostics: Diagnostic[] = [...configuration.diagnostics, ...given.diagnostics];
  const report = (found: readonly Diagnostic[]): void => {
    for (const one of found) diagnostics.push(one);
  };
  const variables = new Map<string, VariableState>();
  // With a broken template nothing is said about its values: half of it may be missing.
  const isWhole = !hasErrors(configuration.diagnostics);
  const isSyntaxOnly = options.syntaxOnly === true;
  for (const block of configuration.variables) {
    if (variables.has(block.name)) continue;
    const { state, diagnostics: found } = resolveVariable(block, given.values.get(block.name), languages.defaults);
    variables.set(block.name, state);
    if (state.sensitive) hide(state.value, secrets);
    if (state.sensitive) hideGiven(given, block.name, secrets);
    if (!isWhole) continue;
    report(found.filter((one) => !isExplained(one, given) && !(isSyntaxOnly && one.code === "TPK1101")));
    if (!isSyntaxOnly) report(validateVariable(state, languages.validations));
  }
  if (isWhole) report(undeclaredValues(given, [...variables.keys()], options));
  const template = new Template(configuration, {
    variables,
    language: languages.template,
    workingDirectory,
    sequential: options.sequentialEvaluation === true,
  });
  const localDiagnostics = isSyntaxOnly ? [] : template.evaluateLocals();
  if (isWhole && !isSyntaxOnly) report([...template.graphDiagnostics, ...localDiagnostics]);
  for (const { declaration, value } of template.locals.values()) if (declaration.sensitive) hide(value, secrets);
  return {
    configuration,
    diagnostics,
    variables,
    locals: template.locals,
    secrets,
    get files() {
      return [...given.files, ...read];
    },
    template,
    scope: (place = { kind: "root" }) => template.at(place).scope(),
  };
}

/** A value that is missing may well be in the file that could not be read. */
function isExplained({ code }: Diagnostic, given: GivenValues): boolean {
  return code === "TPK1101" && hasErrors(given.diagnostics);
}

function hide(value: Value, secrets: Set<string>): void {
  if (isWhollyKnown(value)) registerSecrets(toPlain(value), secrets);
  else if (value.kind === "sequence") for (const item of value.elements) hide(item, secrets);
  else if (value.kind === "record") for (const item of value.entries.values()) hide(item, secrets);
}

/** Also a value that does not fit: messages show the line where it stands. */
function hideGiven({ values }: GivenValues, name: string, secrets: Set<string>): void {
  const content = values.get(name)?.content;
  if (content === undefined) return;
  if ("text" in content) registerSecrets(content.text, secrets);
  else if ("value" in content) hide(content.value, secrets);
  else registerSecrets(content.data, secrets);
}

const onlyInDefaults: ReadonlyMap<string, string> = new Map([
  ["env", 'env() can be called only in the default of a variable: variable "home" { default = env("HOME") }'],
]);

/** A map that has a reason for every function but `env`. */
function notInDefaults(names: Iterable<string>): ReadonlyMap<string, string> {
  return new Map(
    Array.from(names, (name) => [name, `In the default of a variable only env() can be called: compute it in a local with ${name}().`]),
  );
}
