// Merges lists: element by element, with those of some templates alone in between.
import type { ts } from "ts-morph";
import { identifier, singular } from "../expression/names.ts";
import { alignRows, type Column } from "./align.ts";
import { endWithComma } from "./comments.ts";
import { literalOf } from "./literal.ts";
import type { ExpressionMerger } from "./merge-expressions.ts";
import { type Piece, textOf } from "./parsed-module.ts";
import { type Place, within } from "./place.ts";

/** How alike elements must be to stand for the same thing. */
const ALIKE = 0.4;

/** One list for all. */
export function mergeLists(
  merger: ExpressionMerger,
  pieces: readonly Piece[],
  lists: readonly ts.ArrayLiteralExpression[],
  place: Place,
): string | undefined {
  const areWrittenOut = pieces.every((piece) => literalOf(merger.compiler, piece) !== undefined);
  const columns = areWrittenOut ? literalColumns(merger, pieces, lists) : alikeColumns(merger, pieces, lists);
  if (areWrittenOut && isMostlyDifferent(merger, columns, pieces.length)) {
    const value = merger.value(pieces, place);
    if (value !== undefined) return value;
  }
  const lines: string[] = [];
  let previous: Piece | undefined;
  for (const column of columns) {
    const elements = [...column.values()];
    const since = merger.settings.count;
    const text = elementText(merger, { elements, count: pieces.length, previous }, place);
    const { leading, trailing } = merger.comments.around(
      elements.map(({ module, node }) => ({ module, node, end: endWithComma(module.source, node) })),
      since,
    );
    lines.push(`${leading}${text},${trailing}\n`);
    previous = elements[0];
  }
  const last = merger.comments.behind(
    lists.flatMap((list, at) => {
      const module = pieces[at]?.module;
      return module === undefined ? [] : [{ module, position: list.elements.end, end: list.end }];
    }),
    merger.settings.count,
  );
  if (lines.length === 0 && last === "") return "[]";
  const isOpen = lists.some((list) => list.getText().startsWith("[\n"));
  const hasRemarks = last !== "" || lines.some((line) => /^\s*(\/\/|\/\*)/.test(line) || /,\s*\/[/*]/.test(line));
  return isOpen || hasRemarks ? `[\n${lines.join("")}${last}]` : `[${lines.map((line) => line.trimEnd().replace(/,$/, "")).join(", ")}]`;
}

// --- internal ---

function rowsOf(pieces: readonly Piece[], lists: readonly ts.ArrayLiteralExpression[]) {
  return lists.map((list, at) => {
    const module = pieces[at]?.module;
    return { index: at, items: module === undefined ? [] : list.elements.map((node): Piece => ({ module, node })) };
  });
}

/** Values that are written out: those at the same position where all lists are of one length, else equal ones. */
function literalColumns(
  merger: ExpressionMerger,
  pieces: readonly Piece[],
  lists: readonly ts.ArrayLiteralExpression[],
): readonly Column<Piece>[] {
  const rows = rowsOf(pieces, lists);
  const length = rows[0]?.items.length ?? 0;
  if (rows.some(({ items }) => items.length !== length)) {
    return alignRows(rows, (a, b) => (merger.fingerprints.of(a) === merger.fingerprints.of(b) ? 1 : 0));
  }
  return Array.from({ length }, (_, at) => {
    return new Map(rows.flatMap(({ index, items }) => (items[at] === undefined ? [] : [[index, items[at]] as const])));
  });
}

function alikeColumns(
  merger: ExpressionMerger,
  pieces: readonly Piece[],
  lists: readonly ts.ArrayLiteralExpression[],
): readonly Column<Piece>[] {
  return alignRows(rowsOf(pieces, lists), (a, b) => {
    if (kindOf(merger, a) !== kindOf(merger, b)) return 0;
    const likeness = merger.fingerprints.likeness(a, b);
    return likeness < ALIKE ? 0 : likeness;
  });
}

/** Steps of one kind are alike, others never: `provision("shell"`. */
function kindOf({ compiler }: ExpressionMerger, { node }: Piece): string {
  if (!compiler.isCallExpression(node)) return String(node.kind);
  const [first] = node.arguments;
  return `${node.expression.getText()} ${first !== undefined && compiler.isStringLiteralLike(first) ? first.text : ""}`;
}

/** True if the lists are better told as a whole. */
function isMostlyDifferent(merger: ExpressionMerger, columns: readonly Column<Piece>[], count: number): boolean {
  const different = columns.filter((column) => column.size < count || !areAlike(merger, [...column.values()])).length;
  return different * 2 > columns.length || (different > 3 && columns.some((column) => column.size < count));
}

/** Equal; or lists in which most is. */
function areAlike({ compiler, fingerprints }: ExpressionMerger, pieces: readonly Piece[]): boolean {
  const [first, ...rest] = pieces;
  if (first === undefined) return true;
  const least = compiler.isArrayLiteralExpression(first.node) ? 0.5 : 1;
  return rest.every((piece) => fingerprints.likeness(first, piece) >= least);
}

interface ElementColumn {
  readonly elements: readonly Piece[];
  readonly count: number;
  readonly previous: Piece | undefined;
}

function elementText(merger: ExpressionMerger, { elements, count, previous }: ElementColumn, place: Place): string {
  const inner = elementPlace(merger, place, previous);
  if (elements.length === count) return merger.merge(elements, inner);
  const [first] = elements;
  if (first === undefined) return "";
  const { wish, about } = described(merger, first, place);
  const members = elements.map(({ module }) => module.index);
  const { scope, mark } = merger.settings.scope(place.scope, wish, members, about);
  const text = merger.merge(elements, { ...inner, scope, isAlwaysRead: false, isOperand: true });
  if (place.holds === "steps") return `${mark} && ${text}`;
  return text.startsWith("...") ? `...(${mark} ? ${text.slice(3)} : [])` : `...(${mark} ? [${text}] : [])`;
}

/** Behind a flag of a command line its name is the better one: `"--memory", "1024"`. */
function elementPlace({ compiler }: ExpressionMerger, place: Place, previous: Piece | undefined): Place {
  const [name, ...rest] = place.names;
  const names = name === undefined ? place.names : [singularName(name), ...rest];
  const inner = { ...within(place), names, holds: place.holds === "steps" ? place.holds : undefined };
  if (previous === undefined || !compiler.isStringLiteralLike(previous.node)) return inner;
  const flag = /^--?([a-z][\w-]+)$/.exec(previous.node.text)?.[1];
  return flag === undefined ? inner : { ...inner, names: [flag, ...place.names] };
}

function singularName(name: string): string {
  const single = singular(name);
  return single === "item" ? name : single;
}

/** What an element that only some templates have is called. */
function described({ compiler }: ExpressionMerger, piece: Piece, place: Place): { readonly wish: string; readonly about: string } {
  const { node } = piece;
  if (compiler.isCallExpression(node)) {
    const [type, config] = node.arguments;
    const name = type !== undefined && compiler.isStringLiteralLike(type) ? type.text : node.expression.getText();
    const script =
      config === undefined ? undefined : /(?:script|scripts|playbook_file)"?: \[?\s*["'`]([^"'`]+)["'`]/.exec(config.getText())?.[1];
    const about = `Adds the step ${name}${script === undefined ? "" : ` with ${script}`}.`;
    return { wish: `has-${script === undefined ? name : (/([^/\\]+?)(\.\w+)?$/.exec(script)?.[1] ?? name)}`, about };
  }
  const text = compiler.isSpreadElement(node) ? node.expression.getText() : textOf(piece);
  if (compiler.isIdentifier(node)) return { wish: `has-${text}`, about: `Adds ${text}.` };
  const list = singularName(place.names[0] ?? "item");
  const value = compiler.isStringLiteralLike(node) && /^[\w .-]{1,24}$/.test(node.text) ? `-${identifier(node.text)}` : "";
  return { wish: `has-${list}${value}`, about: `Adds to ${place.names[0] ?? "a list"}: ${oneLine(text)}` };
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").replaceAll("*/", "* /");
  return line.length > 60 ? `${line.slice(0, 57)}...` : line;
}
