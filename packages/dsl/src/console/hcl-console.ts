// The console over expressions of HCL: for HCL templates, for image.ts, and without any program.
import { resolve } from "node:path";
import { type Diagnostic, deferredOf, hasErrors, type Program, redactDiagnostics, withExcerpt } from "@tspack/core";
import { functionEnvironment } from "../functions/environment.ts";
import { hclFunctions } from "../functions/table.ts";
import { evaluate } from "../hcl/eval/evaluate.ts";
import { fromPlain } from "../hcl/eval/plain.ts";
import type { EvalScope } from "../hcl/eval/scope.ts";
import { dynamicType } from "../hcl/eval/type.ts";
import { objectValue, stringValue, unknownValue, type Value, withMarks } from "../hcl/eval/value.ts";
import { analyse, answered } from "../hcl/packer/analysis.ts";
import { readConfiguration } from "../hcl/packer/read.ts";
import { place } from "../hcl/packer/template-scope.ts";
import { parseExpression } from "../hcl/syntax/parse.ts";
import { SourceText } from "../hcl/syntax/source-text.ts";
import type { LoadOptions } from "../load/options.ts";
import { packerVersion } from "../program/packer-version.ts";
import { completeExpression } from "./complete.ts";
import { printValue, sensitiveText } from "./print-value.ts";
import type { ConsoleSession } from "./session.ts";

/** The console of an HCL template: its variables and locals, `path` and `packer` (row DET-11). Data sources are not asked. */
export async function templateConsole(path: string, options: LoadOptions): Promise<ConsoleSession> {
  const workingDirectory = resolve(options.workingDirectory ?? process.cwd());
  const analysis = await analyse(readConfiguration(path, { workingDirectory }), options);
  const variables = new Map([...analysis.variables].map(([name, { value }]) => [name, value]));
  const sources = new Map(analysis.configuration.files.map(({ source }) => [source.file, source.text]));
  const diagnostics = analysis.diagnostics.map((one) => withExcerpt(one, (file) => sources.get(file)));
  return session({
    scope: analysis.scope(),
    variables,
    diagnostics: redactDiagnostics(diagnostics, analysis.secrets),
    secrets: analysis.secrets,
  });
}

/** The console of an image.ts, its variables as `var`; without a program only functions, `path` and `packer` are there. */
export function programConsole(program: Program | undefined, diagnostics: readonly Diagnostic[], options: LoadOptions): ConsoleSession {
  const workingDirectory = resolve(options.workingDirectory ?? process.cwd());
  const variables = new Map(
    (program?.variables ?? []).map(({ name, value, sensitive }) => [name, programValue(value, sensitive)] as const),
  );
  const root = program?.root ?? workingDirectory;
  const environment = functionEnvironment({ environment: options.environment ?? {}, templateDirectory: root, workingDirectory });
  const roots = new Map<string, Value>([
    ["var", objectValue(variables)],
    [
      "path",
      objectValue(
        new Map([
          ["root", stringValue(root)],
          ["cwd", stringValue(workingDirectory)],
        ]),
      ),
    ],
    ["packer", objectValue(new Map([["version", stringValue(packerVersion)]]))],
  ]);
  const scope = place({ functions: hclFunctions(), environment }, () => roots).scope();
  return session({ scope, variables, diagnostics, secrets: new Set(program?.secrets) });
}

// --- internal ---

interface Known {
  readonly scope: EvalScope;
  readonly variables: ReadonlyMap<string, Value>;
  readonly diagnostics: readonly Diagnostic[];
  readonly secrets: ReadonlySet<string>;
}

function session({ scope, variables, diagnostics, secrets }: Known): ConsoleSession {
  return {
    diagnostics,
    language: "hcl",
    async evaluate(line) {
      const source = new SourceText("<console>", line);
      const parsed = parseExpression(source);
      if (hasErrors(parsed.diagnostics)) return { text: undefined, diagnostics: shown(parsed.diagnostics, line, secrets) };
      const { value, diagnostics: found } = await answered(() => evaluate(parsed.tree, scope));
      return { text: hasErrors(found) ? undefined : printValue(value), diagnostics: shown(found, line, secrets) };
    },
    variables: () =>
      [...variables]
        .map(
          ([name, value]) =>
            `var.${name} = ${value.kind === "string" && !value.sensitive ? JSON.stringify(value.value) : printValue(value)}`,
        )
        .join("\n"),
    complete: (line) => completeExpression(line, scope),
  };
}

/** The line itself is what the messages show. */
function shown(diagnostics: readonly Diagnostic[], line: string, secrets: ReadonlySet<string>): readonly Diagnostic[] {
  return redactDiagnostics(
    diagnostics.map((one) => withExcerpt(one, (file) => (file === "<console>" ? line : undefined))),
    secrets,
  );
}

/** The value of a program's variable; one that is known later, or cannot be, is unknown. */
function programValue(value: unknown, sensitive: boolean): Value {
  const deferred = deferredOf(value);
  try {
    const plain = deferred === undefined ? value : deferred.evaluate({ value: () => sensitiveText });
    return withMarks(fromPlain(plain), { sensitive: sensitive || deferred?.sensitive === true });
  } catch {
    // Made by a schema into something that is no data: a date, a class.
    return unknownValue(dynamicType, { sensitive });
  }
}
