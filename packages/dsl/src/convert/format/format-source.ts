// Formats the text of a module: parses it and prints it again with lines of at most 120 columns. The parser is the one that ts-morph
// carries, and no type is looked at. What has no rule here is printed as it stands.
import type { ts } from "ts-morph";
import { type Layout, printLayout } from "./layout.ts";
import { CommentedList, lastComments, leadingComments, trailingComments } from "./print-comments.ts";
import { ExpressionPrinter } from "./print-expression.ts";

const WIDTH = 120;

/** The compiler's functions, handed over by whoever loaded ts-morph. */
export type Compiler = typeof ts;

/** The module's text, formatted, in lines of `width` columns. Throws an `Error` for text that is no TypeScript: that is a fault of ours. */
export function formatSource(compiler: Compiler, text: string, width: number = WIDTH): string {
  return formatParsed(compiler, parseSource(compiler, text), { width });
}

/** A module's text as a tree, whatever is wrong with it. */
export function parseSource(compiler: Compiler, text: string): ts.SourceFile {
  return compiler.createSourceFile("image.ts", text, compiler.ScriptTarget.ESNext, false, compiler.ScriptKind.TS);
}

/** How a tree is printed. */
export interface FormatOptions {
  readonly width?: number | undefined;
  /** Constants that are exported although the text does not say so. */
  readonly exported?: ReadonlySet<string> | undefined;
}

/** As `formatSource`, of text that was parsed already. */
export function formatParsed(
  compiler: Compiler,
  source: ts.SourceFile,
  { width = WIDTH, exported = new Set() }: FormatOptions = {},
): string {
  const { text } = source;
  const [problem] = syntaxProblems(source);
  if (problem !== undefined) {
    const { line } = source.getLineAndCharacterOfPosition(problem.start);
    throw new Error(`the text made is no TypeScript, in line ${line + 1}: ${problem.message}\n${text.split("\n")[line] ?? ""}`);
  }
  const printer = new ExpressionPrinter(compiler, source);
  const output: string[] = [];
  let previous: ts.Statement | undefined;
  let isPreviousLong = false;
  for (const statement of source.statements) {
    const leading = leadingComments(compiler, source, statement.pos);
    const printed = printLayout(
      [
        isAmong(compiler, statement, exported) ? "export " : "",
        printStatement(compiler, printer, statement),
        CommentedList.behind(trailingComments(compiler, source, statement.end)),
      ],
      width,
    );
    // Statements of several lines are set off from their neighbours; imports are not.
    const isLong = printed.includes("\n") && !compiler.isImportDeclaration(statement);
    if (previous !== undefined) {
      const gap = text.slice(statement.pos, leading[0]?.start ?? statement.getStart(source));
      output.push(isLong || isPreviousLong || hasBlankLine(gap) ? "\n\n" : "\n");
    }
    output.push(printLayout(CommentedList.before(leading), width), printed);
    previous = statement;
    isPreviousLong = isLong;
  }
  const rest = lastComments(compiler, source, previous?.end ?? 0, source.endOfFileToken.getStart(source));
  if (rest.length > 0) output.push(previous === undefined ? "" : "\n\n", printLayout(CommentedList.lines(rest), width));
  return `${output.join("").trimEnd()}\n`;
}

// --- internal ---

function syntaxProblems(source: ts.SourceFile): readonly { readonly start: number; readonly message: string }[] {
  // Not part of the compiler's public types, but the only place of a parser's messages without a whole program.
  const found: unknown = "parseDiagnostics" in source ? source.parseDiagnostics : [];
  if (!Array.isArray(found)) return [];
  return found.flatMap((one: { readonly start?: unknown; readonly messageText?: unknown }) =>
    typeof one.start === "number" ? [{ start: one.start, message: String(one.messageText) }] : [],
  );
}

function isAmong(compiler: Compiler, statement: ts.Statement, names: ReadonlySet<string>): boolean {
  if (names.size === 0 || !compiler.isVariableStatement(statement)) return false;
  return statement.declarationList.declarations.some(({ name }) => compiler.isIdentifier(name) && names.has(name.text));
}

function printStatement(compiler: Compiler, printer: ExpressionPrinter, statement: ts.Statement): Layout {
  if (compiler.isVariableStatement(statement)) {
    const modifiers = (statement.modifiers ?? []).map((modifier) => [printer.text(modifier), " "]);
    const keyword = printer.text(statement.declarationList).startsWith("let") ? "let " : "const ";
    const declarations = statement.declarationList.declarations.map(({ name, type, initializer }) => [
      printer.text(name),
      type === undefined ? "" : `: ${printer.text(type)}`,
      initializer === undefined ? "" : printer.assigned(" =", initializer),
    ]);
    return [modifiers, keyword, declarations.flatMap((each, index) => (index === 0 ? [each] : [", ", each])), ";"];
  }
  if (compiler.isExportAssignment(statement)) return ["export default ", printer.print(statement.expression), ";"];
  if (compiler.isExpressionStatement(statement)) return [printer.print(statement.expression), ";"];
  if (compiler.isImportDeclaration(statement)) {
    const names = statement.importClause?.namedBindings;
    if (names === undefined || !compiler.isNamedImports(names)) return printer.text(statement);
    const list = names.elements.map((element) => printer.text(element));
    return ["import ", printer.list("{", list, "}", { spaced: true }), " from ", printer.text(statement.moduleSpecifier), ";"];
  }
  if (compiler.isReturnStatement(statement) && statement.expression !== undefined) {
    return ["return ", printer.print(statement.expression), ";"];
  }
  if (compiler.isFunctionDeclaration(statement) && statement.body !== undefined) {
    const head = printer.source.text.slice(statement.getStart(printer.source), statement.body.getStart(printer.source)).trim();
    return [head, " ", printer.block(statement.body)];
  }
  return printer.text(statement);
}

/** True if there is an empty line in white space and comments. */
function hasBlankLine(gap: string): boolean {
  return /\n[ \t]*\r?\n/.test(gap);
}
