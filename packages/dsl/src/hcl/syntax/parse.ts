import type { Diagnostic } from "@tspack/core";
import type { SourceText } from "./source-text.ts";
import type { Body, Expression, Template } from "./tree.ts";

/** What a parser read. There is always a tree, as complete as it could be made; it must not be used when there are errors. */
export interface Parsed<T> {
  readonly tree: T;
  readonly diagnostics: readonly Diagnostic[];
}

/** Parses a file in native syntax. */
export function parseConfig(_source: SourceText): Parsed<Body> {
  throw new Error("written by the owner of syntax/");
}

/** Parses a single expression that is all of the text (row VAR-07, `console`). */
export function parseExpression(_source: SourceText): Parsed<Expression> {
  throw new Error("written by the owner of syntax/");
}

/** Parses a whole text as a template (`templatefile`). */
export function parseTemplate(_source: SourceText): Parsed<Template> {
  throw new Error("written by the owner of syntax/");
}
