// Loading a TypeScript program: find it, read the values of its variables, bundle it (or take the bundle from the cache), evaluate it, and
// make the Program of what it exports. Whatever the user did wrong on the way becomes a diagnostic.
import { dirname, resolve } from "node:path";
import { type Diagnostic, hasErrors, isCancellation, type Program, redactDiagnostics } from "@tspack/core";
import { programFrom } from "../program/collect.ts";
import { type LoadContext, loadStorage } from "../program/context.ts";
import { readVariables, type VariableValues } from "../variables/read.ts";
import { undeclaredVariables } from "../variables/undeclared.ts";
import { type Bundle, bundleProgram } from "./bundle.ts";
import { readCache, writeCache } from "./cache.ts";
import { type Exports, evaluate } from "./evaluate.ts";
import { findProgram } from "./find-program.ts";
import { withMissingValues } from "./missing-values.ts";
import { programModules } from "./modules.ts";
import type { Loaded, LoadOptions } from "./options.ts";
import { originFactory } from "./origin.ts";
import { type StackMapper, stackMapper } from "./stack.ts";
import { syntaxDiagnostics } from "./syntax-errors.ts";
import { thrownDiagnostics } from "./thrown.ts";
import { withinLimits } from "./time-limit.ts";

const defaultTimeoutMs = 60_000;

/** Loads the TypeScript program in a file, or in the `image.ts` of a folder; `load` calls it for what is no template of Packer's. */
export async function loadTypeScript(path: string, options: LoadOptions): Promise<Loaded> {
  const workingDirectory = resolve(options.workingDirectory ?? process.cwd());
  const found = findProgram(path, workingDirectory);
  if ("diagnostic" in found) return failed(resolve(workingDirectory, path), [found.diagnostic], []);
  const { file } = found;
  const variables = await readVariables(dirname(file), workingDirectory, options);
  const bundled = await bundle(file, options.cache !== false);
  if ("errors" in bundled) {
    const diagnostics = [...variables.diagnostics, ...syntaxDiagnostics(bundled.errors, dirname(file), workingDirectory)];
    return failed(file, diagnostics, [file, ...bundled.inputs, ...variables.files]);
  }
  return evaluateProgram({ file, workingDirectory, options, variables, bundled });
}

/** A bundle, and whether it came from the cache. */
type Bundled = Omit<Bundle, "map"> & { readonly map: () => string; readonly cached: boolean };

async function bundle(
  file: string,
  useCache: boolean,
): Promise<Bundled | Exclude<Awaited<ReturnType<typeof bundleProgram>>, { bundle: Bundle }>> {
  const kept = useCache ? readCache(file) : undefined;
  if (kept !== undefined) return { ...kept, cached: true };
  const result = await bundleProgram(file);
  if ("errors" in result) return result;
  if (useCache) writeCache(file, result.bundle);
  return { ...result.bundle, map: () => result.bundle.map, cached: false };
}

interface Evaluation {
  readonly file: string;
  readonly workingDirectory: string;
  readonly options: LoadOptions;
  readonly variables: VariableValues;
  readonly bundled: Bundled;
}

let evaluations = 0;

async function evaluateProgram({ file, workingDirectory, options, variables, bundled }: Evaluation): Promise<Loaded> {
  const scriptName = `${file}?load=${++evaluations}`;
  const mapper = stackMapper({ scriptName, file, map: bundled.map });
  const origins = originFactory(mapper, workingDirectory);
  const newContext = (): LoadContext => ({
    root: dirname(file),
    inputs: variables.inputs,
    environment: options.environment,
    workingDirectory,
    executeDatasource:
      options.evaluateDatasources === true
        ? async (declaration) => (await import("./execute-datasource.ts")).executeDatasource(declaration, { ...options, workingDirectory })
        : undefined,
    captureOrigin: origins.capture,
    variables: [],
    datasources: [],
    answers: new Map(),
    secrets: new Set(),
    readFiles: new Set(),
    diagnostics: [],
  });
  let context = newContext();
  const explainAll = async (error: unknown): Promise<Diagnostic[]> => {
    const { resolve } = await programModules(file, bundled.externals);
    return thrownDiagnostics(error, { mapper, externals: bundled.externals, resolve, workingDirectory });
  };
  let diagnostics: readonly Diagnostic[];
  let program: Program | undefined;
  try {
    const exports = await evaluate({
      bundle: bundled,
      file,
      scriptName,
      call: (body) => {
        context = newContext();
        return callProgram(body, context, mapper, options);
      },
    });
    const collected = loadStorage.run(context, () => programFrom(exports, context, file));
    diagnostics = [...context.diagnostics, ...collected.diagnostics, ...undeclaredVariables(variables, context.variables, options)];
    program = collected.program;
  } catch (error) {
    // The program may have aborted something of its own: that is its error.
    if (isCancellation(error) && options.signal?.aborted === true) throw error;
    // What was thrown may well come of a stand-in for a value that is missing: then only the cause is told.
    const unfitVariables = context.diagnostics.some(({ code }) => code.startsWith("TPK11"));
    diagnostics = unfitVariables ? context.diagnostics : [...context.diagnostics, ...(await explainAll(error))];
  }
  // A value that is missing may well be in the file that could not be read.
  if (hasErrors(variables.diagnostics)) diagnostics = diagnostics.filter(({ code }) => code !== "TPK1101");
  // Without a program it is the missing value that is to blame.
  if (program !== undefined) diagnostics = withMissingValues(diagnostics, options);
  diagnostics = redactDiagnostics([...variables.diagnostics, ...diagnostics], context.secrets);
  return {
    file,
    program: hasErrors(diagnostics) ? undefined : program,
    requirements: context.requirements,
    diagnostics,
    dependencies: dependencies(
      file,
      bundled.inputs.map(({ path }) => path),
      [...variables.files, ...(context.readFiles ?? [])],
    ),
    cached: bundled.cached,
    explain: (error) => explain(error, { mapper, workingDirectory, secrets: context.secrets }),
  };
}

/** Calls the program inside its load context. */
function callProgram(body: () => Promise<Exports>, context: LoadContext, mapper: StackMapper, options: LoadOptions): Promise<Exports> {
  return withinLimits(() => loadStorage.run(context, body), {
    timeoutMs: options.timeoutMs ?? defaultTimeoutMs,
    signal: options.signal,
    isOurs: (reason) => reason instanceof Error && typeof reason.stack === "string" && mapper.mentions(reason.stack),
  });
}

/** Explains an error that came out of a function of the program during a run. */
function explain(
  error: unknown,
  { mapper, workingDirectory, secrets }: { mapper: StackMapper; workingDirectory: string; secrets: ReadonlySet<string> },
): Diagnostic | undefined {
  if (!(error instanceof Error) || typeof error.stack !== "string" || !mapper.mentions(error.stack)) return undefined;
  const [first] = thrownDiagnostics(error, { mapper, externals: [], resolve: () => "", workingDirectory });
  return first === undefined ? undefined : redactDiagnostics([first], secrets)[0];
}

function failed(file: string, diagnostics: readonly Diagnostic[], files: readonly string[]): Loaded {
  return {
    file,
    program: undefined,
    diagnostics,
    dependencies: dependencies(...([file, files, []] as const)),
    cached: false,
    explain: () => undefined,
  };
}

function dependencies(file: string, sources: readonly string[], others: readonly string[]): string[] {
  return [...new Set([file, ...sources, ...others])];
}
