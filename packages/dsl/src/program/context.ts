import { AsyncLocalStorage } from "node:async_hooks";
import type { DatasourceDeclaration, Diagnostic, Origin, Requirements, VariableDeclaration } from "@tspack/core";

/** A value given for a variable from outside the program. */
export interface VariableInput {
  /** Text is converted by the variable's default or schema; a typed value (from a file) is only checked. */
  readonly value: { readonly text: string } | { readonly typed: unknown };
  /** For messages: `-var`, `PKR_VAR_release`, `prod.pkrvars.json`. */
  readonly from: string;
}

/**
 * What the loader provides while a program is evaluated, and what the program's calls leave behind. One per load, found
 * through `currentLoad()`, so that parallel loads do not meet.
 */
export interface LoadContext {
  /** Folder of the program, absolute (`path.root`). */
  readonly root: string;
  /** The winning input per variable, precedence already applied. */
  readonly inputs: ReadonlyMap<string, VariableInput>;
  /** Variables of the environment for `fn`; none unless given. */
  readonly environment?: { readonly [name: string]: string | undefined } | undefined;
  /** Where relative paths start, absolute; the process's unless given. */
  readonly workingDirectory?: string | undefined;
  /** May `resolved(ref)` execute data sources? Then this does it. */
  readonly executeDatasource?: ((declaration: DatasourceDeclaration) => Promise<unknown>) | undefined;
  /** The place of the call on the stack now, mapped to the user's file only when asked. Cheap: keeps the raw stack. */
  captureOrigin(): Origin;

  // Left behind by the program:
  readonly variables: VariableDeclaration[];
  readonly datasources: DatasourceDeclaration[];
  /** What data sources answered to `resolved(ref)`: the run that follows does not ask them again. */
  readonly answers: Map<DatasourceDeclaration, { readonly output: unknown }>;
  readonly secrets: Set<string>;
  /** Files that functions have read, absolute. */
  readonly readFiles?: Set<string> | undefined;
  /** Missing variables, unknown wrong shapes; the loader shows them all after evaluation. */
  readonly diagnostics: Diagnostic[];
  requirements?: Requirements | undefined;
}

export const loadStorage = new AsyncLocalStorage<LoadContext>();

/** The load this call belongs to; undefined outside one (a script that builds programs by hand). */
export function currentLoad(): LoadContext | undefined {
  return loadStorage.getStore();
}
