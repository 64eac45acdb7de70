// Merges calls of the same function.
import type { ts } from "ts-morph";
import { leadingComments } from "../format/print-comments.ts";
import { commentsText } from "./comments.ts";
import type { ExpressionMerger } from "./merge-expressions.ts";
import { NotMergeable } from "./not-mergeable.ts";
import type { Piece } from "./parsed-module.ts";
import { type Place, within } from "./place.ts";

/** Functions whose first argument says of which kind a component is. */
const components: ReadonlySet<string> = new Set(["source", "data", "provision", "postProcess"]);

/** One call for all, or undefined if they do not call the same, or in another way. */
export function mergeCalls(
  merger: ExpressionMerger,
  pieces: readonly Piece[],
  calls: readonly ts.CallExpression[],
  place: Place,
): string | undefined {
  const name = calls[0]?.expression.getText() ?? "";
  if (name === "variable") requireOneType(merger, pieces, calls);
  const typeArguments = new Set(calls.map(({ typeArguments: types = [] }) => types.map((type) => type.getText()).join(", ")));
  if (typeArguments.size > 1) return undefined;
  if (components.has(name) && new Set(calls.map((call) => call.arguments[0]?.getText())).size > 1) return undefined;
  const counts = new Set(calls.map((call) => call.arguments.length));
  const isMissingOptions = name === "variable" && areOptionalOptions(merger, calls);
  if (counts.size > 1 && !isMissingOptions) return undefined;
  const callee = merger.part(pieces, calls, ({ expression }) => expression, { ...within(place), isOperand: true, isLiteral: true });
  const types = [...typeArguments].join("");
  const args: string[] = [];
  for (let at = 0; at < Math.max(...counts); at++) {
    const present = pieces.flatMap(({ module }, index): Piece[] => {
      const node = calls[index]?.arguments[at];
      return node === undefined ? [] : [{ module, node }];
    });
    const since = merger.settings.count;
    const inPlace = argumentPlace(merger, { name, calls, at, place });
    const text = present.length < pieces.length ? optionalOptions(merger, present, inPlace) : merger.merge(present, inPlace);
    const comments = merger.comments.common(
      present.map(({ module, node }) => ({ index: module.index, comments: leadingComments(merger.compiler, module.source, node.pos) })),
      since,
    );
    args.push(comments.length === 0 ? text : `\n${commentsText(comments)}${text}`);
  }
  return `${callee}${types === "" ? "" : `<${types}>`}(${args.join(", ")})`;
}

// --- internal ---

interface Argument {
  readonly name: string;
  readonly calls: readonly ts.CallExpression[];
  readonly at: number;
  readonly place: Place;
}

function argumentPlace({ compiler }: ExpressionMerger, { name, calls, at, place }: Argument): Place {
  const inner = within(place);
  const first = calls[0]?.arguments[0];
  const text = first !== undefined && compiler.isStringLiteralLike(first) ? first.text : undefined;
  if (name === "source" || name === "data") {
    if (at === 1) return { ...inner, names: ["name", ...(text === undefined ? [] : [text])] };
    return { ...inner, names: text === undefined ? place.names : [text], holds: "options" };
  }
  if (name === "provision" || name === "postProcess")
    return { ...inner, names: text === undefined ? place.names : [text], holds: "options" };
  if (name === "variable") return { ...inner, names: text === undefined ? place.names : [text] };
  if (name === "build") return { ...inner, names: [], holds: "options" };
  if (name.endsWith(".with")) return { ...inner, holds: "options" };
  // Keys and the words of schemas have types of their own.
  const isLiteral = place.isLiteral === true || name === "at" || name.startsWith("z.");
  return { ...inner, isLiteral };
}

/**
 * Variables must be of one type: what reads them is written for it. What makes the type is there in all of them or in none. Throws
 * `NotMergeable` for one of the fewest.
 */
function requireOneType({ compiler }: ExpressionMerger, pieces: readonly Piece[], calls: readonly ts.CallExpression[]): void {
  const forms = new Map<string, number[]>();
  for (const [
    at,
    {
      arguments: [, options],
      typeArguments = [],
    },
  ] of calls.entries()) {
    const types = typeArguments.map((type) => type.getText()).join();
    const keys =
      options === undefined || compiler.isObjectLiteralExpression(options)
        ? (options?.properties ?? [])
            .map((property) => property.name?.getText() ?? "")
            .filter((key) => key === "schema" || key === "sensitive")
        : ["options"];
    const form = `${types} ${keys.sort().join()}`;
    forms.set(form, [...(forms.get(form) ?? []), pieces[at]?.module.index ?? 0]);
  }
  if (forms.size < 2) return;
  const [fewest] = [...forms.values()].sort((a, b) => a.length - b.length);
  const name = calls[0]?.arguments[0]?.getText() ?? "";
  throw new NotMergeable(fewest?.at(-1) ?? 0, `its variable ${name} is of another type`);
}

function areOptionalOptions({ compiler }: ExpressionMerger, calls: readonly ts.CallExpression[]): boolean {
  return calls.every(({ arguments: [, options] }) => options === undefined || compiler.isObjectLiteralExpression(options));
}

/** Options that some calls lack altogether: for them none is set. */
function optionalOptions(merger: ExpressionMerger, present: readonly Piece[], place: Place): string {
  const { scope, mark } = merger.settings.scope(
    place.scope,
    `has-${place.names[0] ?? "options"}`,
    present.map(({ module }) => module.index),
    `Says more about ${place.names[0] ?? "it"}.`,
  );
  return `{ ...(${mark} && ${merger.merge(present, { ...place, scope, isAlwaysRead: false, isOperand: true })}) }`;
}
