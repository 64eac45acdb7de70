import type { Cursor } from "./cursor.ts";
import { describeNext } from "./describe.ts";
import { Kind } from "./token.ts";
import type { Expression, GetAttribute, GetIndex, NumberLiteral, Splat, SplatStep } from "./tree.ts";

/** What follows a term: `.name`, `.0`, `[key]`, `[*]…`, `.*…`, any number of them. */
export function parseAccess(cursor: Cursor, term: Expression): Expression {
  let result = term;
  while (!cursor.recovering) {
    const kind = cursor.peek();
    if (kind !== Kind.Dot && kind !== Kind.OpenBracket) break;
    const height = cursor.height;
    const step = kind === Kind.Dot ? dotStep(cursor) : bracketStep(cursor);
    if (step === undefined) break;
    // The name of an attribute is the token that was taken last.
    result = apply(result, step, cursor.startAt(cursor.index - 1));
    cursor.grow(Math.max(height, cursor.height));
  }
  return result;
}

// --- internal ---

/** `.name`, `.0` or `.*` with what belongs to the splat. */
function dotStep(cursor: Cursor, isInSplat = false): SplatStep | undefined {
  const start = cursor.startAt(cursor.take());
  const index = cursor.nextIndex();
  cursor.height = 1;
  switch (cursor.kindAt(index)) {
    case Kind.Identifier:
      cursor.take();
      return { kind: "attribute", source: cursor.source, start, end: cursor.endAt(index), name: cursor.textAt(index).normalize() };
    case Kind.Number:
      return legacyIndex(cursor, start);
    case Kind.Star: {
      if (isInSplat) {
        cursor.fail({
          summary: "Nested splat",
          detail: "A splat of attributes (.*) cannot stand inside another one.",
          hint: "Write [*] for both.",
        });
        return undefined;
      }
      cursor.take();
      const each: SplatStep[] = [];
      while (!cursor.recovering && cursor.peek() === Kind.Dot) {
        const step = dotStep(cursor, true);
        if (step !== undefined) each.push(step);
      }
      return { kind: "splat", source: cursor.source, start, end: cursor.lastEnd(), form: "attribute", each };
    }
    default:
      cursor.fail({
        summary: "Invalid attribute name",
        detail: `After a point stands the name of an attribute, but there is ${describeNext(cursor)}.`,
        hint: cursor.kindAt(index) === Kind.OpenBracket ? "An index needs no point in front of its bracket." : undefined,
      });
      return undefined;
  }
}

function legacyIndex(cursor: Cursor, start: number): SplatStep {
  const index = cursor.take();
  const node = cursor.nodeAt(index);
  const text = cursor.textAt(index);
  if (!/^\d+$/.test(text)) {
    cursor.fail({
      summary: "Invalid legacy index syntax",
      detail: `"${text}" is read as one number, and is no index.`,
      hint: "Write indexes in brackets: list[0][1].",
      at: node,
    });
  }
  const key: NumberLiteral = { kind: "number", ...node, text };
  return { kind: "index", source: cursor.source, start, end: node.end, key, isLegacy: true };
}

/** `[key]`, or `[*]` with all that follows it. */
function bracketStep(cursor: Cursor): SplatStep | undefined {
  const start = cursor.startAt(cursor.take());
  const newlines = cursor.newlines;
  cursor.newlines = false;
  const isSplat = cursor.accept(Kind.Star);
  const key = isSplat ? undefined : cursor.rules.expression(cursor);
  if (!cursor.recovering && !cursor.accept(Kind.CloseBracket)) {
    cursor.fail({
      summary: isSplat ? "Missing close bracket on splat index" : "Missing close bracket on index",
      detail: `The index should end with a closing bracket, but there is ${describeNext(cursor)}.`,
      context: { start, end: cursor.endAt(cursor.nextIndex()) },
    });
  }
  cursor.newlines = newlines;
  if (key !== undefined) return { kind: "index", source: cursor.source, start, end: cursor.lastEnd(), key, isLegacy: false };
  const each = cursor.descend() ? splatSteps(cursor) : [];
  cursor.ascend();
  return { kind: "splat", source: cursor.source, start, end: cursor.lastEnd(), form: "full", each };
}

/** All that follows a `[*]`; `cursor.height` is then that of the highest key. */
function splatSteps(cursor: Cursor): SplatStep[] {
  const steps: SplatStep[] = [];
  let height = 1;
  while (!cursor.recovering) {
    const kind = cursor.peek();
    if (kind !== Kind.Dot && kind !== Kind.OpenBracket) break;
    const step = kind === Kind.Dot ? dotStep(cursor) : bracketStep(cursor);
    height = Math.max(height, cursor.height);
    if (step === undefined) break;
    steps.push(step);
  }
  cursor.height = height;
  return steps;
}

function apply(object: Expression, step: SplatStep, nameStart: number): GetAttribute | GetIndex | Splat {
  const place = { source: step.source, start: object.start, end: step.end };
  switch (step.kind) {
    case "attribute":
      return {
        kind: "get-attribute",
        ...place,
        object,
        name: step.name,
        nameNode: { source: step.source, start: nameStart, end: step.end },
      };
    case "index":
      return { kind: "get-index", ...place, collection: object, key: step.key, isLegacy: step.isLegacy };
    case "splat":
      return { kind: "splat", ...place, form: step.form, collection: object, each: step.each };
  }
}
