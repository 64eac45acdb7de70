import { type ComponentKind, type ConfigSpec, type Dependency, type Diagnostic, dependencyName, TspackError } from "@tspack/core";
import { ConversionError } from "../eval/conversion-error.ts";
import { convert } from "../eval/convert.ts";
import { toProgramValue } from "../eval/deferred.ts";
import { evaluate } from "../eval/evaluate.ts";
import { fromPlain, toPlain } from "../eval/plain.ts";
import { resolveReference } from "../eval/reference.ts";
import { dynamicType, stringType, type Type, typeText } from "../eval/type.ts";
import { deepMarksOf, isWhollyKnown, type Value } from "../eval/value.ts";
import type { Expression, Node } from "../syntax/tree.ts";
import { problemAt } from "./problem.ts";
import { knownFrom, type Template } from "./template.ts";
import type { Known, Place } from "./template-scope.ts";

/** What data sources answered while the template is loaded, by `type.name`. */
export type Answers = ReadonlyMap<string, { readonly output: unknown }>;

/** Specifications of components, by `kind type`; undefined for a component that is not at hand. */
export type Specs = ReadonlyMap<string, ConfigSpec | undefined>;

/**
 * One pass over the sources and builds of a template. Collects what is wrong, and what would have to be known for the pass to be
 * complete: answers of data sources that decide the structure, and specifications. With those the pass is made again.
 */
export class Decoding {
  readonly template: Template;
  /** Data sources whose answers are needed, by `type.name`, and the places that need them. */
  readonly needed = new Map<string, Diagnostic>();
  readonly missingSpecs = new Set<string>();
  readonly #answers: Answers;
  readonly #known: Known | undefined;
  readonly #specs: Specs;
  #diagnostics = new Map<string, Diagnostic>();
  #isCut = false;

  /** Whether what is wrong with a source stays with it, and blocks that nobody can make yet are left out (`LoadOptions.keepGoing`). */
  readonly keepsGoing: boolean;

  constructor(template: Template, answers: Answers, specs: Specs, keepsGoing: boolean) {
    this.template = template;
    this.keepsGoing = keepsGoing;
    this.#answers = answers;
    this.#known = answers.size === 0 ? undefined : knownAnswers(answers);
    this.#specs = specs;
  }

  /** Everything that is wrong, each thing once, although steps are decoded once per source. */
  get diagnostics(): readonly Diagnostic[] {
    return [...this.#diagnostics.values()];
  }

  /** True while nothing is wrong or unknown that could explain why something is not there. */
  get isWell(): boolean {
    return this.needed.size === 0 && !this.#isCut && !this.diagnostics.some(({ severity }) => severity === "error");
  }

  report(...diagnostics: readonly Diagnostic[]): void {
    for (const one of diagnostics) {
      const { subject, code, summary, detail } = one;
      this.#diagnostics.set(JSON.stringify([subject?.file, subject?.start, subject?.end, code, summary, detail]), one);
    }
  }

  /** What is wrong with what `body` decodes, apart from all else. */
  apart<T>(body: () => T): { readonly made: T; readonly problems: readonly Diagnostic[] } {
    const others = this.#diagnostics;
    this.#diagnostics = new Map();
    try {
      const made = body();
      return { made, problems: this.diagnostics };
    } finally {
      this.#diagnostics = others;
    }
  }

  /** The specification of a component, if it is at hand by now. */
  spec(kind: ComponentKind, type: string): ConfigSpec | undefined {
    const key = specKey(kind, type);
    if (!this.#specs.has(key)) this.missingSpecs.add(key);
    return this.#specs.get(key);
  }

  /** What a data source answered, if it was asked. */
  answerOf(type: string, name: string): { readonly output: unknown } | undefined {
    return this.#answers.get(`${type}.${name}`);
  }

  /** The value of an option. */
  value(expression: Expression, at: Place, where: string): Value {
    const { value, diagnostics } = this.template.evaluate(expression, at, where);
    this.report(...diagnostics);
    return value;
  }

  /** The value once more, with what is known by now; undefined where that fails. */
  again(expression: Expression, at: Place, known: Known): Value | undefined {
    const scope = at.scope(known);
    const { value, diagnostics } = evaluate(expression, scope);
    return diagnostics.length > 0 ? undefined : resolveReference(value, scope);
  }

  /**
   * The value of something that decides what the template consists of: it must be known, although parts of it need not be. Undefined
   * when it is not, and then that is told, or noted in `needed`: as a warning if the caller can leave out what it decides.
   */
  structure(expression: Expression, at: Place, where: string, canBeLeftOut = false): Value | undefined {
    const scope = at.scope(this.#known);
    const { value: given, diagnostics } = evaluate(expression, scope);
    if (diagnostics.length > 0) {
      this.report(...this.template.explain(expression, diagnostics, where));
      return undefined;
    }
    const value = resolveReference(given, scope);
    if (value.kind !== "unknown") return value;
    this.#need(expression, value, where, canBeLeftOut && this.keepsGoing);
    return undefined;
  }

  /** The same for a value that must be known altogether, converted to a type and as plain data. Null and errors give undefined. */
  constant(expression: Expression, type: Type, at: Place, where: string): unknown {
    const value = this.structure(expression, at, where);
    if (value === undefined) return undefined;
    if (!isWhollyKnown(value)) {
      this.#need(expression, value, where);
      return undefined;
    }
    const converted = this.converted(value, type, expression, where);
    return converted === undefined || converted.kind === "null" ? undefined : toPlain(converted);
  }

  /** Text that must be known; null and empty text are none. */
  text(expression: Expression, at: Place, where: string): string | undefined {
    const text = this.constant(expression, stringType, at, where);
    return typeof text === "string" && text !== "" ? text : undefined;
  }

  /** The value converted to a type; undefined when it does not convert, which is told. */
  converted(value: Value, type: Type, node: Node, where: string): Value | undefined {
    try {
      return convert(value, type);
    } catch (error) {
      if (!(error instanceof ConversionError)) throw error;
      const detail = `The value must be ${typeText(type)}: ${error.message}.`;
      this.report(problemAt(node, { code: "TPK2104", summary: "Incorrect argument value type", detail, where }));
      return undefined;
    }
  }

  /**
   * What an expression gives the Program: plain data where it is known, Deferreds elsewhere. With a type after conversion; then undefined
   * for what does not convert, which is told. Null is undefined too.
   */
  programValue(expression: Expression, at: Place, where: string, type: Type = dynamicType): unknown {
    const value = this.converted(this.value(expression, at, where), type, expression, where);
    if (value === undefined || value.kind === "null") return undefined;
    return toProgramValue(value, {
      label: expression.source.text.slice(expression.start, expression.end),
      evaluate(scope) {
        const here = at.scope(knownFrom(scope));
        const { value: again, diagnostics } = evaluate(expression, here);
        const [problem] = diagnostics;
        if (problem !== undefined) throw new TspackError(problem.detail ?? problem.summary, { code: problem.code, diagnostics });
        return convert(resolveReference(again, here), type);
      },
    });
  }

  // --- internal ---

  #need(expression: Expression, value: Value, where: string, isLeftOut = false): void {
    const { waitsFor } = deepMarksOf(value);
    // What waits for nothing is unknown because of an error, which was told.
    if (waitsFor.length === 0) {
      this.#isCut = true;
      return;
    }
    const problem = isLeftOut ? leftOut(expression, waitsFor, where) : notKnown(expression, waitsFor, where);
    for (const dependency of waitsFor) {
      if (dependency.kind !== "data") {
        this.report(notKnown(expression, waitsFor, where));
        continue;
      }
      const key = `${dependency.type}.${dependency.name}`;
      if (this.needed.get(key)?.severity !== "error") this.needed.set(key, problem);
    }
  }
}

/** The key of a component among `Specs`. */
export function specKey(kind: ComponentKind, type: string): string {
  return `${kind} ${type}`;
}

// --- internal ---

function knownAnswers(answers: Answers): Known {
  return {
    resolve(reference) {
      if (reference.kind !== "data") return undefined;
      const answer = answers.get(`${reference.type}.${reference.name}`);
      if (answer === undefined) return undefined;
      let value = answer.output;
      for (const segment of reference.path) value = Object(value ?? {})[segment];
      return fromPlain(value);
    },
  };
}

/** The names of what a value waits for, for messages. */
export function waitsText(waitsFor: readonly Dependency[]): string {
  return [...new Set(waitsFor.map(dependencyName))].join(", ");
}

/** Told when blocks are left out, since nobody knows yet which there are. */
function leftOut(node: Node, waitsFor: readonly Dependency[], where: string): Diagnostic {
  return problemAt(node, {
    severity: "warning",
    code: "TPK1007",
    summary: "Blocks not known yet",
    detail: `Which blocks this makes is known when data sources have answered: it waits for ${waitsText(waitsFor)}.`,
    hint: "To have them checked as well: tspack validate -evaluate-datasources",
    where,
  });
}

/** Told when something has to be known that is not. */
export function notKnown(node: Node, waitsFor: readonly Dependency[], where: string): Diagnostic {
  const isData = waitsFor.length > 0 && waitsFor.every(({ kind }) => kind === "data");
  return problemAt(node, {
    code: "TPK1007",
    summary: "Value not known yet",
    detail: `This decides what the template consists of, and it waits for ${waitsText(waitsFor) || "what is not known yet"}.`,
    hint: isData
      ? "Pass -evaluate-datasources to ask data sources while the template is loaded."
      : "Values of the running build are known too late for that.",
    where,
  });
}
