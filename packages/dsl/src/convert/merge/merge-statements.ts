// Merges the statements of programs.
import type { ts } from "ts-morph";
import { identifier } from "../expression/names.ts";
import type { Compiler } from "../format/format-source.ts";
import { usedNames } from "../format/used-names.ts";
import { commentsText } from "./comments.ts";
import type { ExpressionMerger } from "./merge-expressions.ts";
import { NotMergeable } from "./not-mergeable.ts";
import type { ParsedModule, ParsedStatement, Piece } from "./parsed-module.ts";
import type { Place } from "./place.ts";

/** A statement for all programs. Its texts hold marks of `Settings`. */
export interface MergedStatement {
  readonly declares: string | undefined;
  readonly annotation: string | undefined;
  /** What is assigned, called or exported. */
  readonly value: string;
  readonly kind: "const" | "call" | "default";
  /** The mark of the templates that have it, where others do not and must not run it. */
  readonly condition?: string | undefined;
  /** Lines of comments, each ended. */
  readonly leading: string;
  readonly trailing: string;
  readonly uses: ReadonlySet<string>;
}

/** The statements of all programs, each behind those that it needs. Throws `NotMergeable`. */
export function mergeStatements(merger: ExpressionMerger, modules: readonly ParsedModule[]): readonly MergedStatement[] {
  const merged = statementColumns(modules).map((column) => mergeStatement(merger, column, modules));
  return inOrder(merged, modules.at(-1)?.index ?? 0);
}

// --- internal ---

interface Found {
  readonly module: ParsedModule;
  readonly statement: ParsedStatement;
}

/** Statements by what they declare or call, in the order of the first program; others behind those that they follow. */
function statementColumns(modules: readonly ParsedModule[]): readonly (readonly Found[])[] {
  const order: string[] = [];
  const columns = new Map<string, Found[]>();
  for (const module of modules) {
    let last = -1;
    const counts = new Map<string, number>();
    for (const statement of module.statements) {
      const count = (counts.get(statement.key) ?? 0) + 1;
      counts.set(statement.key, count);
      const key = `${statement.key} ${count}`;
      const column = columns.get(key);
      if (column === undefined) {
        columns.set(key, [{ module, statement }]);
        order.splice(++last, 0, key);
      } else {
        column.push({ module, statement });
        last = Math.max(last, order.indexOf(key));
      }
    }
  }
  return order.flatMap((key) => (columns.has(key) ? [columns.get(key) ?? []] : []));
}

function mergeStatement(merger: ExpressionMerger, column: readonly Found[], modules: readonly ParsedModule[]): MergedStatement {
  const since = merger.settings.count;
  const [first] = column;
  const declares = first?.statement.declares;
  const isInAll = column.length === modules.length;
  const pieces = column.map(({ module, statement }): Piece => ({ module, node: statement.value }));
  const place: Place = { scope: merger.settings.root, names: declares === undefined ? [] : [declares], isAlwaysRead: !isInAll };
  const kind = first?.statement.key === "default" ? "default" : declares === undefined ? "call" : "const";
  if (kind === "default" && !isInAll) throw new NotMergeable(missing(column, modules), "it has no builds");
  const { value, condition } = isInAll ? { value: merger.merge(pieces, place), condition: undefined } : partial(merger, pieces, place);
  const annotations = new Set(column.flatMap(({ statement }) => statement.annotation ?? []));
  const leading = column.map(({ module, statement }) => ({ index: module.index, comments: statement.leading }));
  const trailing = column.map(({ module, statement }) => ({
    index: module.index,
    comments: statement.trailing.map((text) => ({ text, blankAfter: false })),
  }));
  return {
    declares,
    annotation: annotations.size === 0 ? undefined : [...annotations].join(" | "),
    value,
    kind,
    condition,
    leading: commentsText(merger.comments.common(leading, since)),
    trailing: merger.comments
      .common(trailing, since)
      .map(({ text }) => ` ${text}`)
      .join(""),
    uses: usedNames(merger.compiler, value),
  };
}

function missing(column: readonly Found[], modules: readonly ParsedModule[]): number {
  return modules.find((module) => !column.some((found) => found.module === module))?.index ?? 0;
}

/**
 * A statement of some templates alone. Constants that declare nothing may stand for all; a variable is declared where its template has
 * it, and is its default elsewhere, where nothing reads it.
 */
function partial(
  merger: ExpressionMerger,
  pieces: readonly Piece[],
  place: Place,
): { readonly value: string; readonly condition?: string | undefined } {
  const [first] = pieces;
  const callee = first === undefined ? undefined : calleeOf(merger.compiler, first.node);
  const members = pieces.map(({ module }) => module.index);
  const name = place.names[0];
  if (name === undefined) {
    const { scope, mark } = merger.settings.scope(place.scope, `has-${callee ?? "call"}`, members, `Calls ${callee ?? "a function"}.`);
    return { value: merger.merge(pieces, { ...place, scope, isAlwaysRead: false }), condition: mark };
  }
  if (callee === "data") throw apart(members, place, `the data source ${name}`);
  if (callee !== "variable" || first === undefined) return { value: merger.merge(pieces, place) };
  const { scope, mark } = merger.settings.scope(place.scope, `has-${name}`, members, `Declares the variable ${variableName(first)}.`);
  const declared = merger.merge(pieces, { ...place, scope, isAlwaysRead: false });
  const otherwise = standIn(merger.compiler, first);
  if (otherwise === undefined) throw apart(members, place, `the variable ${variableName(first)}`);
  return { value: `${mark} ? ${declared} : ${otherwise}` };
}

/** One of those that are fewer: with the declaration, or without it. */
function apart(members: readonly number[], { scope }: Place, what: string): NotMergeable {
  const others = scope.members.filter((index) => !members.includes(index));
  if (members.length <= others.length) return new NotMergeable(members[0] ?? 0, `it declares ${what}, which the others do not`);
  return new NotMergeable(others[0] ?? 0, `it does not declare ${what}, which the others do`);
}

function calleeOf(compiler: Compiler, node: ts.Expression): string | undefined {
  return compiler.isCallExpression(node) ? node.expression.getText() : undefined;
}

function variableName({ node }: Piece): string {
  return /^\w+(?:<[^(]*>)?\(["']([^"']*)/.exec(node.getText())?.[1] ?? "";
}

/** Something of a variable's type, for programs that do not read it; undefined if that cannot be told. */
function standIn(compiler: Compiler, { node }: Piece): string | undefined {
  if (!compiler.isCallExpression(node)) return undefined;
  const [, options] = node.arguments;
  if (options === undefined) return '""';
  if (!compiler.isObjectLiteralExpression(options)) return undefined;
  const value = (key: string): string | undefined => {
    const property = options.properties.find((each) => each.name?.getText() === key);
    return property !== undefined && compiler.isPropertyAssignment(property) ? property.initializer.getText() : undefined;
  };
  const [schema, fallback] = [value("schema"), value("default")];
  const isText = fallback === undefined || /^["']/.test(fallback);
  const hasType = schema !== undefined || (node.typeArguments?.length ?? 0) > 0;
  if (value("sensitive") !== undefined) return isText && !hasType ? `secret<string>(${fallback ?? '""'})` : undefined;
  if (schema !== undefined) return fallback === undefined || fallback === "undefined" ? undefined : `${schema}.parse(${fallback})`;
  return fallback ?? (hasType ? undefined : '""');
}

/** Each behind those that it needs, else as they are. */
function inOrder(statements: readonly MergedStatement[], last: number): readonly MergedStatement[] {
  const declared = new Map(statements.flatMap((statement) => (statement.declares === undefined ? [] : [[statement.declares, statement]])));
  const done = new Set<MergedStatement>();
  const open = new Set<MergedStatement>();
  const sorted: MergedStatement[] = [];
  const add = (statement: MergedStatement): void => {
    if (done.has(statement)) return;
    if (open.has(statement))
      throw new NotMergeable(last, `its constant ${identifier(statement.declares ?? "")} is built the other way round`);
    open.add(statement);
    for (const name of statement.uses) {
      const needed = declared.get(name);
      if (needed !== undefined && needed !== statement) add(needed);
    }
    done.add(statement);
    sorted.push(statement);
  };
  for (const statement of statements) add(statement);
  return sorted;
}
