// Merges objects: property by property, those of some templates alone too.
import type { ts } from "ts-morph";
import { endWithComma, isForCompiler } from "./comments.ts";
import type { ExpressionMerger } from "./merge-expressions.ts";
import { type Piece, textOf } from "./parsed-module.ts";
import { type Place, within } from "./place.ts";

/** One object for all, or undefined if spreads stand between properties that they may overwrite. */
export function mergeObjects(
  merger: ExpressionMerger,
  pieces: readonly Piece[],
  objects: readonly ts.ObjectLiteralExpression[],
  place: Place,
): string | undefined {
  const { compiler, settings, comments } = merger;
  const columns = keyedColumns(merger, pieces, objects);
  if (columns === undefined) return undefined;
  // Behind a spread an option that is not set would hide the one that it brings.
  const hasSpread = columns.some(({ key }) => key === undefined);
  const holds = hasSpread && place.holds === "options" ? undefined : place.holds;
  const lines: string[] = [];
  let isMarked = false;
  for (const { key, found } of columns) {
    const since = settings.count;
    const text = propertyText(merger, { key, found, count: pieces.length, isOptional: holds === "options" }, place);
    const around = comments.around(
      found.map(({ module, property }) => ({ module, node: property, end: endWithComma(module.source, property) })),
      since,
    );
    // The compiler tells the first unknown option alone, and none in what is spread.
    const isExpected: boolean = !isMarked && !text.startsWith("...");
    const leading = around.leading
      .split("\n")
      .filter((line) => isExpected || !isForCompiler(line))
      .join("\n");
    isMarked ||= leading.includes("@ts-expect-error");
    lines.push(`${leading}${text},${around.trailing}\n`);
  }
  const last = comments.behind(
    objects.map((object, at) => ({ module: pieces[at]?.module ?? raise(), position: object.properties.end, end: object.end })),
    settings.count,
  );
  if (lines.length === 0 && last === "") return "{}";
  const isOpen = objects.some((object) => compiler.isObjectLiteralExpression(object) && object.getText().startsWith("{\n"));
  const hasRemarks = last !== "" || lines.some((line) => line.includes("//") || line.includes("/*"));
  return isOpen || hasRemarks ? `{\n${lines.join("")}${last}}` : `{ ${lines.map((line) => line.trimEnd().replace(/,$/, "")).join(", ")} }`;
}

// --- internal ---

interface FoundProperty {
  readonly module: Piece["module"];
  readonly property: ts.ObjectLiteralElementLike;
  readonly value: ts.Expression;
}

interface PropertyColumn {
  /** As it is written; undefined for a spread. */
  readonly key: string | undefined;
  readonly found: readonly FoundProperty[];
}

/** Properties by key, in the order of the first object; others behind those that they follow. */
function keyedColumns(
  merger: ExpressionMerger,
  pieces: readonly Piece[],
  objects: readonly ts.ObjectLiteralExpression[],
): readonly PropertyColumn[] | undefined {
  const order: string[] = [];
  const columns = new Map<string, { readonly key: string | undefined; readonly found: FoundProperty[] }>();
  for (const [at, { module }] of pieces.entries()) {
    let last = -1;
    let hasProperties = false;
    for (const property of objects[at]?.properties ?? []) {
      const value = valueIn(merger, property);
      if (value === undefined) return undefined;
      const key = merger.compiler.isSpreadAssignment(property) ? undefined : property.name?.getText();
      if (key === undefined && hasProperties) return undefined;
      hasProperties ||= key !== undefined;
      const id = key ?? `...${merger.fingerprints.of({ module, node: value })}`;
      const column = columns.get(id);
      if (column === undefined) {
        columns.set(id, { key, found: [{ module, property, value }] });
        order.splice(last + 1, 0, id);
        last++;
      } else {
        column.found.push({ module, property, value });
        last = Math.max(last, order.indexOf(id));
      }
    }
  }
  const sorted = order.flatMap((id) => columns.get(id) ?? []);
  return [...sorted.filter(({ key }) => key === undefined), ...sorted.filter(({ key }) => key !== undefined)];
}

function valueIn({ compiler }: ExpressionMerger, property: ts.ObjectLiteralElementLike): ts.Expression | undefined {
  if (compiler.isPropertyAssignment(property)) return property.initializer;
  if (compiler.isShorthandPropertyAssignment(property)) return property.name;
  return compiler.isSpreadAssignment(property) ? property.expression : undefined;
}

function propertyText(
  merger: ExpressionMerger,
  { key, found, count, isOptional }: PropertyColumn & { readonly count: number; readonly isOptional: boolean },
  place: Place,
): string {
  const values = found.map(({ module, value }): Piece => ({ module, node: value }));
  const inner = propertyPlace(key, place);
  const isInAll = found.length === count;
  if (isInAll && key === undefined) return `...${merger.merge(values, { ...inner, isOperand: true })}`;
  if (isInAll) return written(key, merger.merge(values, inner));
  const optional = key === undefined ? undefined : merger.value(values, { ...inner, isAlwaysRead: false });
  if (optional !== undefined) {
    return isOptional ? written(key, optional) : `...(${optional} !== undefined && { ${written(key, optional)} })`;
  }
  const [first] = values;
  const about = key ?? (first === undefined ? "" : textOf(first));
  const members = found.map(({ module }) => module.index);
  const { scope, mark } = merger.settings.scope(place.scope, `has-${about}`, members, `Sets ${about}.`);
  const text = merger.merge(values, { ...inner, scope, isAlwaysRead: false, isOperand: true });
  if (key === undefined) return `...(${mark} && ${text})`;
  if (isOptional) return written(key, `${mark} ? ${text} : undefined`);
  return `...(${mark} && { ${written(key, text)} })`;
}

function propertyPlace(key: string | undefined, place: Place): Place {
  const name = key?.replace(/^["']|["']$/g, "");
  const holds = place.holds === "options" && (name === "provisioners" || name === "postProcessors") ? "steps" : undefined;
  const [variable, ...more] = place.names;
  // `variable("size", { default: 2 })`: the size.
  if (name === "default" && variable !== undefined) return { ...within(place), names: place.names };
  if (name === "description" && variable !== undefined && more.length === 0)
    return { ...within(place), names: [`${variable}-description`] };
  if (name === "schema" && variable !== undefined) return { ...within(place), names: [`${variable}-limit`] };
  return { ...within(place, name), holds };
}

function written(key: string | undefined, value: string): string {
  return key === value ? value : `${key ?? ""}: ${value}`;
}

function raise(): never {
  throw new Error("an object without its program");
}
