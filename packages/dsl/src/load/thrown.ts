// What the program threw, as diagnostics at the user's line.
import { isBuiltin } from "node:module";
import { inspect } from "node:util";
import { type Diagnostic, didYouMean, errorText, type SourceRange, TspackError } from "@tspack/core";
import type { ExternalImport } from "./bundle.ts";
import { displayPath, readSource } from "./display-path.ts";
import { scanSource } from "./scan-source.ts";
import type { StackMapper, UserFrame } from "./stack.ts";

/** Where the error came from. */
export interface ThrownIn {
  readonly mapper: StackMapper;
  readonly externals: readonly ExternalImport[];
  /** The path of a package's file; throws where there is none. */
  readonly resolve: (specifier: string, from: string) => string;
  readonly workingDirectory: string;
}

/** How many calls are shown that led to the place. */
const callersShown = 3;

/** Explains an error of the program. At least one diagnostic, each with its place where that is known. */
export function thrownDiagnostics(error: unknown, program: ThrownIn): Diagnostic[] {
  try {
    return explained(error, program);
  } catch {
    // An error can have a message, a stack or a cause that throws when it is read.
    const detail = "The program threw an error that cannot be read.";
    return [{ severity: "error", code: "TPK1003", summary: "Exception in the program", detail }];
  }
}

function explained(error: unknown, program: ThrownIn): Diagnostic[] {
  const frames = error instanceof Error ? program.mapper.frames(stackOf(error)) : [];
  const subject = frames[0] === undefined ? undefined : frameRange(frames[0], program.workingDirectory);
  const related = callers(frames).map((frame) => ({ at: frameRange(frame, program.workingDirectory), message: "called from here" }));
  const place = { severity: "error", subject, related } as const;
  if (TspackError.is(error)) {
    if (error.diagnostics.length > 0) return error.diagnostics.map((one) => ({ ...one, subject: one.subject ?? subject }));
    return [
      {
        ...place,
        code: error.code,
        summary: summaries[error.code] ?? "Exception in the program",
        detail: sentence(errorText(error)),
        hint: error.hint,
      },
    ];
  }
  if (isModuleNotFound(error)) {
    const missing = missingPackages(program);
    if (missing.length > 0) return missing;
  }
  const unready = frames[0] === undefined ? undefined : unreadyName(error, frames[0]);
  if (unready !== undefined) {
    return [
      {
        ...place,
        code: "TPK1008",
        summary: "Value used before its declaration",
        detail: `"${unready}" is used here, but its declaration is evaluated only later.`,
        hint: `Move the declaration of "${unready}" above this place. Where two builds need each other's artifacts, no order helps: one of them has to do without.`,
      },
    ];
  }
  const absent = absentImport(error);
  if (absent !== undefined) return [{ ...place, code: "TPK1002", summary: "Import not found", ...absent }];
  return [{ ...place, code: "TPK1003", summary: "Exception in the program", detail: describe(error) }];
}

/** What programs import from `tspack` to write themselves down. */
const ownFunctions = [
  "all",
  "build",
  "data",
  "matrix",
  "fn",
  "packer",
  "postProcess",
  "provision",
  "registry",
  "resolved",
  "secret",
  "source",
  "t",
  "variable",
];

/** A call of something that was imported, but that the other module does not export; said in the words of the bundle otherwise. */
function absentImport(error: unknown): Pick<Diagnostic, "detail" | "hint"> | undefined {
  if (!(error instanceof TypeError)) return undefined;
  const found = /^\(0 , import_(\w+?)\d*\.(\w+)\) is not a function$/.exec(error.message);
  if (found === null) return undefined;
  const [, module, name = ""] = found;
  const isOwn = module === "tspack";
  return {
    detail: `${isOwn ? "tspack" : "The module it is imported from"} exports no function "${name}".`,
    hint: isOwn ? didYouMean(name, ownFunctions) : undefined,
  };
}

/** The calls that led to the innermost place: one per line of source, the nearest few. */
function callers([innermost, ...outer]: readonly UserFrame[]): UserFrame[] {
  const seen = new Set([`${innermost?.file}:${innermost?.line}`]);
  const distinct = outer.filter(({ file, line }) => !seen.has(`${file}:${line}`) && seen.add(`${file}:${line}`));
  return distinct.slice(0, callersShown);
}

const summaries: { readonly [code: string]: string } = {
  TPK1004: "The program does not come to an end",
  TPK1006: "Wrong shape",
  TPK1007: "Value used before it is known",
  TPK2103: "Error in function call",
};

/** The error and its causes, without stacks. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return `The program threw ${shown(error)}, which is not an error.`;
  const lines = [headline(error)];
  if (error instanceof AggregateError) for (const one of error.errors) lines.push(`- ${one instanceof Error ? headline(one) : shown(one)}`);
  const seen = new Set<unknown>([error]);
  for (let cause = error.cause; cause !== undefined && !seen.has(cause); cause = cause instanceof Error ? cause.cause : undefined) {
    seen.add(cause);
    lines.push(`caused by: ${cause instanceof Error ? headline(cause) : shown(cause)}`);
  }
  return lines.join("\n");
}

/** A value on few lines; of errors in it the message alone. */
function shown(value: unknown): string {
  return inspect(value, { depth: 1, breakLength: Number.POSITIVE_INFINITY }).replace(/\n\s+at .*/g, "");
}

function headline(error: Error): string {
  return error.message === "" ? error.name : `${error.name}: ${error.message}`;
}

function sentence(text: string): string {
  // A text that begins with a name keeps it as it is spelled.
  const upper = /^[a-z]+\s/.test(text) ? text.slice(0, 1).toUpperCase() + text.slice(1) : text;
  return /[.!?]$/.test(upper) ? upper : `${upper}.`;
}

function stackOf(error: Error): string {
  return typeof error.stack === "string" ? error.stack : "";
}

/** Marks the word at a place. */
function frameRange({ file, line, column }: UserFrame, workingDirectory: string): SourceRange {
  const lineText = readSource(file)?.split("\n")[line - 1] ?? "";
  const token = scanSource(lineText, column - 1).next().value;
  const length = token === undefined ? 1 : token.end - (column - 1);
  return { file: displayPath(file, workingDirectory), start: { line, column }, end: { line, column: column + Math.max(1, length) } };
}

/** The name that was used before its declaration was evaluated, if that is why the error was thrown. */
function unreadyName(error: unknown, { file, line, column }: UserFrame): string | undefined {
  if (!(error instanceof ReferenceError)) return undefined;
  const name = /^Cannot access '(.+?)' before initialization$/.exec(error.message)?.[1];
  if (name === undefined) return undefined;
  // The bundle may have added a number to the name.
  const lineText = readSource(file)?.split("\n")[line - 1] ?? "";
  const word = /^[\p{ID_Continue}$]*/u.exec(lineText.slice(column - 1))?.[0] ?? "";
  return word !== "" && name.startsWith(word) ? word : name.replace(/\d+$/, "");
}

function isModuleNotFound(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "MODULE_NOT_FOUND" || error.code === "ERR_MODULE_NOT_FOUND");
}

/** Every package that the program imports and that is not installed. */
function missingPackages({ externals, resolve, workingDirectory }: ThrownIn): Diagnostic[] {
  const missing = externals.filter(({ specifier, importer }) => {
    if (isBuiltin(specifier)) return false;
    try {
      resolve(specifier, importer);
      return false;
    } catch {
      return true;
    }
  });
  return missing.map(({ specifier, importer }) => {
    const name = /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;
    return {
      severity: "error",
      code: "TPK1002",
      summary: "Import not found",
      detail: `The package "${specifier}" is not installed where the program can find it.`,
      hint: `Install it in the program's folder: npm install ${name}`,
      subject: importRange(specifier, importer, workingDirectory),
    };
  });
}

/** Where a file imports something. */
function importRange(specifier: string, file: string, workingDirectory: string): SourceRange | undefined {
  const lines = readSource(file)?.split("\n") ?? [];
  for (const [index, text] of lines.entries()) {
    for (const quote of ['"', "'"]) {
      const column = text.indexOf(quote + specifier + quote);
      if (column < 0 || !/\b(?:from|import|require)\b/.test(text)) continue;
      const line = index + 1;
      return {
        file: displayPath(file, workingDirectory),
        start: { line, column: column + 1 },
        end: { line, column: column + 1 + specifier.length + 2 },
      };
    }
  }
  return undefined;
}
