import type { Diagnostic, ErrorCode } from "@tspack/core";
import type { Expression, Node } from "../syntax/tree.ts";
import { resolveReference } from "./reference.ts";
import type { EvalScope } from "./scope.ts";
import { dynamicType } from "./type.ts";
import { extentOf, type UnknownValue, unknownValue, type Value } from "./value.ts";

/** What is wrong, and where. */
export interface Problem {
  readonly code: ErrorCode;
  readonly at: Node;
  readonly summary: string;
  readonly detail: string;
  readonly hint?: string | undefined;
}

/** A value and the diagnostics that came with it alone. */
export interface Attempt {
  readonly value: Value;
  readonly diagnostics: readonly Diagnostic[];
}

/** How an expression of any kind is evaluated: given by evaluate.ts, which knows all kinds. */
export type EvaluateNode = (expression: Expression, scope: EvalScope, evaluation: Evaluation) => Value;

/** Thrown through an evaluation that takes too much work or memory; evaluate.ts makes a diagnostic of it. */
export class Exhausted extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail);
    this.name = "Exhausted";
    this.problem = problem;
  }
}

/** One evaluation under way: collects diagnostics, and keeps depth, work and the size of values within limits. */
export class Evaluation {
  readonly #evaluateNode: EvaluateNode;
  #diagnostics: Diagnostic[] = [];
  /** Made when there is something in it, as there seldom is. */
  #reported: Set<string> | undefined;
  #depth = 0;
  #steps = 0;

  constructor(evaluateNode: EvaluateNode) {
    this.#evaluateNode = evaluateNode;
  }

  get diagnostics(): readonly Diagnostic[] {
    return this.#diagnostics;
  }

  /** The value of a part. Errors are collected, and the value is unknown then. */
  value(expression: Expression, scope: EvalScope): Value {
    return resolveReference(this.reference(expression, scope), scope);
  }

  /** The same, but a plain reference stays one, even where the scope knows its value: for what goes further into it. */
  reference(expression: Expression, scope: EvalScope): Value {
    if (this.#depth >= DEPTH_LIMIT) {
      throw new Exhausted({
        code: "TPK2003",
        at: expression,
        summary: "Expression nests too deeply",
        detail: `Expressions may nest ${DEPTH_LIMIT} levels deep. Give the inner parts names with locals.`,
      });
    }
    this.#depth++;
    this.spend(1, expression);
    try {
      return this.#evaluateNode(expression, scope, this);
    } finally {
      this.#depth--;
    }
  }

  /** The value of a part, with its diagnostics set apart: whether they count is for the caller to decide. */
  attempt(expression: Expression, scope: EvalScope): Attempt {
    const [value, diagnostics] = this.apart(() => this.value(expression, scope));
    return { value, diagnostics };
  }

  /** Runs a part of the evaluation, and gives its diagnostics apart. */
  apart<T>(run: () => T): readonly [T, readonly Diagnostic[]] {
    const [diagnostics, reported] = [this.#diagnostics, this.#reported];
    this.#diagnostics = [];
    this.#reported = undefined;
    try {
      return [run(), this.#diagnostics];
    } finally {
      this.#diagnostics = diagnostics;
      this.#reported = reported;
    }
  }

  /** Reports a problem. What failed has an unknown value that waits for nothing, so that no further errors come of it. */
  fail({ code, at, summary, detail, hint }: Problem): UnknownValue {
    this.add([{ severity: "error", code, summary, detail, hint, subject: at.source.range(at.start, at.end) }]);
    return failed;
  }

  /** Takes over diagnostics of an attempt that counts. Those that are there already (from another turn of a loop) are left out. */
  add(diagnostics: readonly Diagnostic[]): void {
    for (const diagnostic of diagnostics) {
      const { subject, summary, detail } = diagnostic;
      const key = `${subject?.file}\0${subject?.start.byte}\0${subject?.end.byte}\0${summary}\0${detail}`;
      this.#reported ??= new Set();
      if (this.#reported.has(key) || this.#diagnostics.length >= DIAGNOSTIC_LIMIT) continue;
      this.#reported.add(key);
      this.#diagnostics.push(diagnostic);
    }
  }

  /** Counts work: one step per expression or element. */
  spend(steps: number, at: Node): void {
    this.#steps += steps;
    if (this.#steps <= STEP_LIMIT) return;
    throw new Exhausted({
      code: "TPK2003",
      at,
      summary: "Expression takes too long",
      detail: `Evaluating it takes more than ${STEP_LIMIT.toLocaleString("en")} steps. Does it loop over more than was meant?`,
    });
  }

  /** The value as it is, if it is not too large to go on with. */
  bounded<V extends Value>(value: V, at: Node): V {
    const { size, depth, characters } = extentOf(value);
    this.boundText(characters, at);
    if (size <= SIZE_LIMIT && depth <= DEPTH_LIMIT) return value;
    throw new Exhausted({
      code: "TPK2003",
      at,
      summary: "Value is too large",
      detail:
        depth > DEPTH_LIMIT
          ? `The value nests more than ${DEPTH_LIMIT} levels deep.`
          : `The value holds more than ${SIZE_LIMIT.toLocaleString("en")} parts.`,
    });
  }

  /** Refuses text of so many characters. */
  boundText(length: number, at: Node): void {
    if (length <= TEXT_LIMIT) return;
    throw new Exhausted({
      code: "TPK2003",
      at,
      summary: "Value is too large",
      detail: `The value has more text than ${TEXT_LIMIT / 2 ** 20} MiB. Put the text into a file, and name the file.`,
    });
  }
}

// --- internal ---

/** A little above what the parser lets through, far below what the stack holds. */
const DEPTH_LIMIT = 600;
const STEP_LIMIT = 2_000_000;
const SIZE_LIMIT = 1_000_000;
const TEXT_LIMIT = 64 * 2 ** 20;
const DIAGNOSTIC_LIMIT = 200;

const failed = unknownValue(dynamicType);
