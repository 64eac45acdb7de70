import type { Diagnostic, ErrorCode } from "@tspack/core";
import type { SourceText } from "../hcl/syntax/source-text.ts";
import { describeNode, type JsonNode, type JsonObject, type JsonString, rangeOf } from "./syntax/tree.ts";

/** A place in a JSON file. */
export interface Place {
  readonly source: SourceText;
  readonly start: number;
  readonly end: number;
}

/** What is said about a place. */
export interface Problem {
  readonly code?: ErrorCode;
  readonly severity?: Diagnostic["severity"];
  readonly summary: string;
  readonly detail: string;
  readonly hint?: string | undefined;
  readonly related?: Diagnostic["related"];
}

/** Collects what is wrong with a template, each thing once, and of errors and warnings no more than anyone would read. */
export class Problems {
  readonly diagnostics: Diagnostic[] = [];
  readonly #told = new Set<string>();
  readonly #left = { error: MOST_PROBLEMS, warning: MOST_PROBLEMS };

  add(place: Place, { code = "TPK2301", severity = "error", ...problem }: Problem): void {
    const key = `${place.start} ${problem.detail}`;
    // A list of a million numbers where builders belong is one mistake, not a million.
    if (this.#told.has(key) || this.#left[severity]-- <= 0) return;
    this.#told.add(key);
    this.diagnostics.push({ severity, code, ...problem, subject: rangeOf(place) });
  }

  /** Says that something else is expected where `node` stands: `"builders" must be a list, not text.` */
  unfit(node: JsonNode, what: string, expected: string, hint?: string): void {
    this.add(node, { summary: "Wrong kind of value", detail: `${what} must be ${expected}, not ${describeNode(node)}.`, hint });
  }

  /** The node as text; says so if it is something else. */
  text(node: JsonNode | undefined, what: string): JsonString | undefined {
    if (node === undefined || node.kind === "string") return node;
    this.unfit(node, what, "text");
    return undefined;
  }

  object(node: JsonNode, what: string): JsonObject | undefined {
    if (node.kind === "object") return node;
    this.unfit(node, what, "an object");
    return undefined;
  }

  /** The members of a list. */
  list(node: JsonNode, what: string): readonly JsonNode[] {
    if (node.kind === "array") return node.items;
    this.unfit(node, what, "a list", "Put it into brackets: [ … ]");
    return [];
  }
}

// --- internal ---

const MOST_PROBLEMS = 101;
