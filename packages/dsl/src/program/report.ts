import { type Diagnostic, LoadError, type Origin, type PathSegment } from "@tspack/core";
import { currentLoad } from "./context.ts";

const nowhere: Origin = { locate: () => undefined };

/** Where the call stands that the user's program is making. Outside a load nothing is known about that. */
export function captureOrigin(): Origin {
  return currentLoad()?.captureOrigin() ?? nowhere;
}

/** What is wrong with a call, and where. */
export interface Problem {
  readonly code: Diagnostic["code"];
  readonly summary: string;
  readonly detail: string;
  readonly hint?: string | undefined;
  /** Says what the place is: `in source("qemu", "debian")`. */
  readonly where?: string | undefined;
  readonly origin: Origin;
  readonly path?: readonly PathSegment[] | undefined;
}

/**
 * Records what is wrong and lets the program go on, so that all problems are shown together. Outside a load nobody would show
 * it: then it throws.
 */
export function report(problem: Problem): void {
  const load = currentLoad();
  if (load === undefined) throw failure(problem);
  load.diagnostics.push(diagnosticOf(problem));
}

/** The error for a call that cannot be made sense of at all. */
export function failure(problem: Problem): LoadError {
  return new LoadError(problem.detail, { code: problem.code, diagnostics: [diagnosticOf(problem)], hint: problem.hint });
}

/** Puts a problem into the form that is shown. */
export function diagnosticOf(problem: Problem): Diagnostic {
  const path = problem.path ?? [];
  return {
    severity: "error",
    code: problem.code,
    summary: problem.summary,
    detail: problem.detail,
    hint: problem.hint,
    where: problem.where,
    subject: problem.origin.locate(path) ?? problem.origin.locate([]),
    path,
  };
}
