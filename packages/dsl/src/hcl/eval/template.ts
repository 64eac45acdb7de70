// Text with `${…}`, `%{ if }` and `%{ for }`.
import type { ForDirective, IfDirective, Interpolation, Template, TemplatePart } from "../syntax/tree.ts";
import { conditionValue } from "./conditional.ts";
import { textOf } from "./convert.ts";
import type { Evaluation } from "./evaluation.ts";
import { iterate, LoopScope } from "./iterate.ts";
import type { EvalScope } from "./scope.ts";
import { stringType } from "./type.ts";
import { type AllMarks, deepMarksOf, marksOf, stringValue, unitedMarks, unknownValue, type Value, withMarks } from "./value.ts";

/** One interpolation and nothing else is the value itself, but for heredocs, which always have a line end. */
export function evaluateTemplate(template: Template, scope: EvalScope, evaluation: Evaluation): Value {
  const [only, ...others] = template.parts;
  if (only === undefined) return stringValue("");
  if (others.length === 0 && only.kind === "text") return stringValue(only.value);
  if (others.length === 0 && only.kind === "interpolation" && template.form !== "heredoc") return evaluation.reference(only.value, scope);
  const text = new TextBuilder(template, evaluation);
  for (const part of template.parts) addPart(part, text, scope, evaluation);
  return text.value();
}

// --- internal ---

/** Text that grows, with the marks of all that goes into it. */
class TextBuilder {
  readonly #template: Template;
  readonly #evaluation: Evaluation;
  #text = "";
  #isKnown = true;
  #marks: AllMarks = { sensitive: false, waitsFor: [] };

  constructor(template: Template, evaluation: Evaluation) {
    this.#template = template;
    this.#evaluation = evaluation;
  }

  add(text: string): void {
    this.#text += text;
    this.#evaluation.boundText(this.#text.length, this.#template);
  }

  addUnknown(...values: readonly Value[]): void {
    this.#isKnown = false;
    for (const value of values) this.mark(deepMarksOf(value));
  }

  mark(marks: AllMarks): void {
    this.#marks = unitedMarks(this.#marks, marks);
  }

  value(): Value {
    return this.#isKnown ? withMarks(stringValue(this.#text), this.#marks) : unknownValue(stringType, this.#marks);
  }
}

function addPart(part: TemplatePart, text: TextBuilder, scope: EvalScope, evaluation: Evaluation): void {
  switch (part.kind) {
    case "text":
      text.add(part.value);
      break;
    case "interpolation":
      addInterpolation(part, text, scope, evaluation);
      break;
    case "if":
      addIf(part, text, scope, evaluation);
      break;
    case "for-directive":
      addFor(part, text, scope, evaluation);
      break;
  }
}

function addInterpolation(part: Interpolation, text: TextBuilder, scope: EvalScope, evaluation: Evaluation): void {
  const value = evaluation.value(part.value, scope);
  const piece = textOf(value);
  text.mark(marksOf(value));
  if (piece !== undefined) {
    text.add(piece);
    return;
  }
  text.addUnknown(value);
  if (value.kind === "unknown" && ["dynamic", "string", "number", "bool"].includes(value.type.kind)) return;
  const isNull = value.kind === "null";
  evaluation.fail({
    code: isNull ? "TPK2101" : "TPK2104",
    at: part.value,
    summary: "Invalid template interpolation value",
    detail: isNull ? "The value is null, so it has no text form." : `A ${value.type.kind} has no text form.`,
    hint: isNull ? undefined : 'Make text of it first: join(", ", …) for a list, jsonencode(…) for any value.',
  });
}

function addIf({ condition, then, otherwise }: IfDirective, text: TextBuilder, scope: EvalScope, evaluation: Evaluation): void {
  const value = conditionValue(condition, scope, evaluation);
  if (value.kind === "bool") {
    text.mark(marksOf(value));
    for (const part of value.value ? then : otherwise) addPart(part, text, scope, evaluation);
    return;
  }
  text.addUnknown(value);
  // What the text waits for is in both branches; which errors there are is known when one is taken.
  evaluation.apart(() => {
    for (const part of [...then, ...otherwise]) addPart(part, text, scope, evaluation);
  });
}

function addFor(directive: ForDirective, text: TextBuilder, scope: EvalScope, evaluation: Evaluation): void {
  const loop = iterate(directive.collection, scope, evaluation);
  text.mark(loop.marks);
  if (!loop.isKnown) text.addUnknown();
  for (const turn of loop.turns) {
    const inner = new LoopScope(scope, directive.key, directive.value, turn);
    for (const part of directive.body) addPart(part, text, inner, evaluation);
  }
}
