import type { Diagnostic } from "@tspack/core";
import { type LoadContext, loadStorage, type VariableInput } from "../../src/program/context.ts";

/** What a load looks like to the calls of a program, without a file to load. */
export function loadContext(changes: Partial<LoadContext> = {}): LoadContext {
  return {
    root: "/program",
    inputs: new Map(),
    captureOrigin: () => ({ locate: () => undefined }),
    variables: [],
    datasources: [],
    answers: new Map(),
    secrets: new Set(),
    diagnostics: [],
    ...changes,
  };
}

/** Inputs as texts, as `-var` gives them. */
export function textInputs(texts: { readonly [name: string]: string }): ReadonlyMap<string, VariableInput> {
  return new Map(Object.entries(texts).map(([name, text]) => [name, { value: { text }, from: "-var" }]));
}

/** Calls `body` as a program that is being loaded. */
export function loading<R>(context: LoadContext, body: () => R): R {
  return loadStorage.run(context, body);
}

/** Code and sentences of diagnostics, for comparison. */
export function told(diagnostics: readonly Diagnostic[]): readonly string[] {
  return diagnostics.map(({ code, detail, hint }) => [code, detail, hint].filter((part) => part !== undefined).join(" "));
}
