import type { Diagnostic } from "@tspack/core";
import { Cursor, type Rules } from "./cursor.ts";
import { describeNext } from "./describe.ts";
import { scan } from "./lexer.ts";
import { body } from "./parse-body.ts";
import { expression } from "./parse-expression.ts";
import { fileTemplate, jsonTemplate, template } from "./parse-template.ts";
import { type Problem, toDiagnostics } from "./problem.ts";
import type { SourceText } from "./source-text.ts";
import { Kind } from "./token.ts";
import type { Body, Expression, Template } from "./tree.ts";

/** What a parser read. There is always a tree, as complete as it could be made; it must not be used when there are errors. */
export interface Parsed<T> {
  readonly tree: T;
  readonly diagnostics: readonly Diagnostic[];
}

/** Parses a file in native syntax. */
export function parseConfig(source: SourceText): Parsed<Body> {
  return parse(source, "config", (cursor) => body(cursor, Kind.EndOfFile));
}

/** Parses a single expression that is all of the text (row VAR-07, `console`). */
export function parseExpression(source: SourceText): Parsed<Expression> {
  return parse(source, "config", (cursor) => {
    // A bare expression ends with its text, not with a line.
    cursor.newlines = false;
    const tree = expression(cursor);
    if (!cursor.recovering && cursor.peek() !== Kind.EndOfFile) {
      cursor.fail({
        summary: "Extra characters after expression",
        detail: `The expression is complete, but here follows ${describeNext(cursor)}.`,
        context: { start: tree.start, end: cursor.endAt(cursor.nextIndex()) },
      });
    }
    return tree;
  });
}

/** Parses a whole text as a template (`templatefile`). */
export function parseTemplate(source: SourceText): Parsed<Template> {
  return parse(source, "template", fileTemplate);
}

/** A string of a JSON file, as the template that it is. @internal */
export interface EmbeddedText {
  /** The string's value. */
  readonly text: string;
  /** The string in the file, with its quotes. */
  readonly start: number;
  readonly end: number;
  /** Where a character of the value is written. */
  readonly toOuter: (offset: number) => number;
}

/** Parses a template that is a string in a JSON file. @internal */
export function parseEmbeddedTemplate(
  source: SourceText,
  embedded: EmbeddedText,
): { readonly tree: Template; readonly problems: readonly Problem[] } {
  const cursor = new Cursor(source, scan(embedded.text, "template"), rules, embedded.toOuter);
  const tree = jsonTemplate(cursor, embedded);
  return { tree, problems: cursor.problems };
}

// --- internal ---

const rules: Rules = { expression, template };

function parse<T>(source: SourceText, form: "config" | "template", read: (cursor: Cursor) => T): Parsed<T> {
  const cursor = new Cursor(source, scan(source.text, form), rules);
  const tree = read(cursor);
  return { tree, diagnostics: toDiagnostics(source, cursor.problems) };
}
