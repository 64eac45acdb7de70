import type { ErrorCode } from "../diagnostics/codes.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { errorText, TspackError } from "../diagnostics/error.ts";
import { withoutTail } from "../diagnostics/log-tail.ts";
import type { Component, ComponentKind } from "../sdk/component.ts";
import type { ComponentUse } from "./component-use.ts";

const kinds: { readonly [kind in ComponentKind]: { readonly code: ErrorCode; readonly summary: string } } = {
  builder: { code: "TPK6001", summary: "Builder failed" },
  provisioner: { code: "TPK6002", summary: "Provisioner failed" },
  "post-processor": { code: "TPK6003", summary: "Post-processor failed" },
  datasource: { code: "TPK6004", summary: "Data source failed" },
};

/** The failures of a build that users have been told. */
export class ToldFailures {
  readonly #errors = new WeakSet<object>();
  readonly #texts: string[] = [];

  /** Whether one of these errors was told, or its text is in this one: of what went through a plugin that is all there is left. */
  has(chain: readonly object[], text: string): boolean {
    return chain.some((part) => this.#errors.has(part)) || this.#texts.some((told) => text.includes(told));
  }

  /** Remembers an error, with its causes, and its text. */
  add(chain: readonly object[], text: string): void {
    for (const part of chain) this.#errors.add(part);
    if (text !== "") this.#texts.push(text);
  }
}

/**
 * What a failure during a run is shown as: its code, the place in the user's file, and the hint of whoever failed. Nothing for an
 * error that is in `told` already, itself or as the cause of one: a provisioner's failure is its builder's too. Adds to `told`.
 */
export function failureDiagnostics<C extends Component>(use: ComponentUse<C>, error: unknown, told: ToldFailures): readonly Diagnostic[] {
  const chain = errorChain(error);
  const text = errorText(error).trimEnd();
  if (told.has(chain, text)) return [];
  told.add(chain, text);
  for (const part of chain) {
    const explained = use.explain(part);
    if (explained !== undefined) return [explained];
  }
  const known = chain.filter((part) => TspackError.is(part));
  const late = known.find((part) => part.diagnostics.length > 0);
  if (late !== undefined) return late.diagnostics.map((diagnostic) => use.locate(diagnostic));
  const { code, summary } = kinds[use.options.kind];
  const specific = known.find((part) => part.code !== "TPK6001" && part.code !== "TPK6009");
  const hint = known.find((part) => part.hint !== undefined)?.hint;
  const option = known.find((part) => part.option !== undefined)?.option;
  const path = option === undefined ? {} : { path: [option] };
  // A word, not the name of a file or an option, nor a URL.
  const capitalized = text.replace(/^[a-z](?=[a-z]*(?:[ ,]|: ))/, (letter) => letter.toUpperCase());
  const isSentence = /[.?!]$/.test(text) || withoutTail(text) !== text;
  const detail = `${capitalized}${isSentence ? "" : "."}`;
  return [use.locate({ severity: "error", code: specific?.code ?? code, summary, detail, hint, ...path })];
}

/** The error, its causes, and the parts of an AggregateError. */
function errorChain(error: unknown): object[] {
  if (typeof error !== "object" || error === null) return [];
  const parts = error instanceof AggregateError ? error.errors.flatMap(errorChain) : [];
  return [error, ...(error instanceof Error ? errorChain(error.cause) : []), ...parts];
}
