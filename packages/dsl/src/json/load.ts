import { dirname, join, resolve } from "node:path";
import { type Diagnostic, hasErrors, type Program, redactDiagnostics } from "@tspack/core";
import { functionEnvironment } from "../functions/environment.ts";
import { parseVersion, satisfies } from "../hcl/packer/version-constraint.ts";
import { SourceText } from "../hcl/syntax/source-text.ts";
import { standardInputPath } from "../load/input-kind.ts";
import { limitDiagnostics } from "../load/limit-diagnostics.ts";
import { withMissingValues } from "../load/missing-values.ts";
import type { Loaded, LoadOptions } from "../load/options.ts";
import { packerReference } from "../program/packer-version.ts";
import { type GivenValues, readGivenValues } from "./given-values.ts";
import { Problems } from "./problems.ts";
import { jsonProgram } from "./program.ts";
import { type ReadTemplate, readTemplateText } from "./read-template.ts";
import { OptionRenderer } from "./render.ts";
import { readSourceFile } from "./source-file.ts";
import type { JsonTemplate } from "./template.ts";
import { variableCalls } from "./variable-calls.ts";
import { renderVariables } from "./variables.ts";

/**
 * Loads a legacy JSON template into a Program; the path `-` means the text in `options.standardInput`. Variables come from `-var` and
 * variable files alone. Calls of services are made while it loads. `load` of `load/` calls it for such paths.
 */
export async function loadJson(path: string, options: LoadOptions): Promise<Loaded> {
  const workingDirectory = resolve(options.workingDirectory ?? process.cwd());
  const isInput = path === standardInputPath;
  const file = isInput ? join(workingDirectory, standardInputPath) : resolve(workingDirectory, path);
  const read = readJsonTemplate(path, options);
  const given = await readGivenValues(workingDirectory, options);
  const diagnostics: Diagnostic[] = [...read.diagnostics, ...given.diagnostics];
  let program: Program | undefined;
  if (read.template !== undefined && options.syntaxOnly !== true) {
    if (!hasErrors(read.diagnostics)) diagnostics.push(...requireBuilders(read.template));
    const made = await makeProgram(read.template, given, { options, workingDirectory, file, isInput });
    // A value that is missing may well be in the file that could not be read.
    const isIncomplete = hasErrors(given.diagnostics);
    for (const one of made.diagnostics) if (!isIncomplete || one.code !== "TPK1101") diagnostics.push(one);
    program = made.program;
  }
  const told = withMissingValues(diagnostics, options);
  return {
    file,
    program: hasErrors(told) ? undefined : program,
    diagnostics: redactDiagnostics(limitDiagnostics(told), new Set(program?.secrets)),
    dependencies: [...new Set([...(isInput ? [] : [file]), ...given.files])],
    cached: false,
    explain: () => undefined,
  };
}

/**
 * Reads the structure of a legacy JSON template, with the place of everything in it, and renders nothing: for those who write it in
 * another form. The path `-` means the text in `options.standardInput`.
 */
export function readJsonTemplate(path: string, options: Pick<LoadOptions, "workingDirectory" | "standardInput"> = {}): ReadTemplate {
  if (path === standardInputPath) return readTemplateText(new SourceText("<standard input>", options.standardInput ?? ""));
  const workingDirectory = resolve(options.workingDirectory ?? process.cwd());
  const read = readSourceFile(resolve(workingDirectory, path), workingDirectory);
  return read.diagnostics.length > 0 ? { template: undefined, diagnostics: read.diagnostics } : readTemplateText(read.source);
}

// --- internal ---

interface Situation {
  readonly options: LoadOptions;
  readonly workingDirectory: string;
  readonly file: string;
  readonly isInput: boolean;
}

async function makeProgram(
  template: JsonTemplate,
  given: GivenValues,
  { options, workingDirectory, file, isInput }: Situation,
): Promise<{ readonly program: Program; readonly diagnostics: readonly Diagnostic[] }> {
  const problems = new Problems();
  checkVersion(template, problems);
  const root = dirname(file);
  const environment = functionEnvironment({ environment: options.environment ?? {}, templateDirectory: root, workingDirectory });
  const calls = variableCalls(environment, isInput ? undefined : file);
  const rendered = await renderVariables(template, given.values, calls, options.signal);
  const broken = new Set(template.variables.map(({ name }) => name).filter((name) => !rendered.values.has(name)));
  const renderer = new OptionRenderer({ variables: rendered.values, broken, templateDirectory: root }, problems);
  const program = jsonProgram({ template, variables: rendered.values, required: rendered.required, renderer, problems, file, root });
  return { program, diagnostics: [...rendered.diagnostics, ...problems.diagnostics, ...undeclared(template, given, options)] };
}

/** At least one builder (row JSN-01): only readers of the bare structure do without. */
function requireBuilders({ builders, source, root }: JsonTemplate): readonly Diagnostic[] {
  if (builders.length > 0) return [];
  const problems = new Problems();
  problems.add(
    { source, start: root.start, end: root.start + 1 },
    {
      summary: "No builders",
      detail: 'A template needs at least one builder in "builders".',
      hint: 'Write: "builders": [{ "type": "qemu", … }]',
    },
  );
  return problems.diagnostics;
}

/** `min_packer_version` (row JSN-08) is compared with the release of Packer whose behaviour this is. */
function checkVersion({ minPackerVersion: node }: JsonTemplate, problems: Problems): void {
  if (node === undefined || node.value === "") return;
  const wanted = parseVersion(node.value);
  const own = parseVersion(packerReference);
  if (wanted === undefined || own === undefined) {
    problems.add(node, {
      code: "TPK2205",
      summary: "Invalid version",
      detail: `"min_packer_version" is ${JSON.stringify(node.value)}, which is no version.`,
      hint: 'Write it as numbers: "1.6.0". It is the least version; conditions such as ">=" are not possible.',
    });
  } else if (!satisfies(own, [{ operator: ">=", version: wanted, text: node.value }])) {
    problems.add(node, {
      code: "TPK2205",
      summary: "Newer version needed",
      detail: `The template needs Packer ${node.value} or newer; this is as Packer ${packerReference}.`,
    });
  }
}

/** Values of variable files for names the template does not declare, when asked for (rows FLG-13, FLG-18). `-var` may name anything (row JSD-05). */
function undeclared(template: JsonTemplate, given: GivenValues, options: LoadOptions): readonly Diagnostic[] {
  if (options.undeclared !== "warn") return [];
  const declared = new Set(template.variables.map(({ name }) => name));
  return [...given.values].flatMap(([name, { from }]): Diagnostic[] => {
    if (from === "-var" || declared.has(name)) return [];
    const detail = `The template declares no variable "${name}", which ${from} sets.`;
    return [{ severity: "warning", code: "TPK1102", summary: "Undeclared variable", detail }];
  });
}
