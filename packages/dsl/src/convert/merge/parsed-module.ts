// A converted program as the parts that merging compares: imports, statements with their comments, and what they declare.
import type { ts } from "ts-morph";
import type { Compiler } from "../format/format-source.ts";
import { leadingComments, trailingComments } from "../format/print-comments.ts";

/** A comment in front of something. */
export interface Comment {
  readonly text: string;
  readonly blankAfter: boolean;
}

/** A statement of a converted program. */
export interface ParsedStatement {
  /** Statements with the same key are the same one in two programs: `const version`, `packer`, `default`. */
  readonly key: string;
  /** The constant that it declares. */
  readonly declares: string | undefined;
  /** Text of the type behind the constant's name. */
  readonly annotation: string | undefined;
  /** What is assigned, called or exported. */
  readonly value: ts.Expression;
  readonly leading: readonly Comment[];
  readonly trailing: readonly string[];
}

/** A converted program in parts. */
export interface ParsedModule {
  /** Position of its template among those that are merged. */
  readonly index: number;
  readonly source: ts.SourceFile;
  readonly header: readonly Comment[];
  /** Names by module: `tspack` → `build`. */
  readonly imports: ReadonlyMap<string, string>;
  readonly statements: readonly ParsedStatement[];
  /** Comments behind the last statement. */
  readonly dangling: readonly Comment[];
}

/** A piece of one of the programs. */
export interface Piece {
  readonly module: ParsedModule;
  readonly node: ts.Expression;
}

/** Takes a converted program apart; undefined if it holds a statement that converted programs do not have. */
export function parseModule(compiler: Compiler, index: number, text: string): ParsedModule | undefined {
  const source = compiler.createSourceFile("image.ts", text, compiler.ScriptTarget.ESNext, true, compiler.ScriptKind.TS);
  const imports = new Map<string, string>();
  const statements: ParsedStatement[] = [];
  let header: readonly Comment[] = [];
  for (const statement of source.statements) {
    const leading = leadingComments(compiler, source, statement.pos);
    if (compiler.isImportDeclaration(statement)) {
      if (statement === source.statements[0]) header = leading;
      addImports(compiler, statement, imports);
      continue;
    }
    const parsed = parseStatement(compiler, source, statement);
    if (parsed === undefined) return undefined;
    const trailing = trailingComments(compiler, source, statement.end).map((comment) => comment.text);
    statements.push({ ...parsed, leading, trailing });
  }
  const dangling = leadingComments(compiler, source, source.endOfFileToken.pos).filter(({ end }) => end <= source.endOfFileToken.end);
  return { index, source, header, imports, statements, dangling };
}

/** The node's text as it stands, without what is in front of it. */
export function textOf({ module: { source }, node }: Piece): string {
  return source.text.slice(node.getStart(source), node.end);
}

// --- internal ---

function addImports(compiler: Compiler, statement: ts.ImportDeclaration, imports: Map<string, string>): void {
  const from = compiler.isStringLiteral(statement.moduleSpecifier) ? statement.moduleSpecifier.text : "";
  const bindings = statement.importClause?.namedBindings;
  if (bindings === undefined) return;
  if (compiler.isNamespaceImport(bindings)) imports.set(bindings.name.text, from);
  else for (const { name } of bindings.elements) imports.set(name.text, from);
}

function parseStatement(
  compiler: Compiler,
  source: ts.SourceFile,
  statement: ts.Statement,
): Omit<ParsedStatement, "leading" | "trailing"> | undefined {
  if (compiler.isExportAssignment(statement)) {
    return { key: "default", declares: undefined, annotation: undefined, value: statement.expression };
  }
  if (compiler.isExpressionStatement(statement)) {
    const { expression } = statement;
    const name = compiler.isCallExpression(expression) ? expression.expression.getText(source) : expression.getText(source);
    return { key: name, declares: undefined, annotation: undefined, value: expression };
  }
  const [declaration, ...more] = compiler.isVariableStatement(statement) ? statement.declarationList.declarations : [];
  if (declaration?.initializer === undefined || more.length > 0 || !compiler.isIdentifier(declaration.name)) return undefined;
  const declares = declaration.name.text;
  return { key: `const ${declares}`, declares, annotation: declaration.type?.getText(source), value: declaration.initializer };
}
