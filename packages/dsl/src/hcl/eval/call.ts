import { didYouMean } from "@tspack/core";
import { FunctionError, type HclFunction, MissingFileError, type Parameter } from "../../functions/function.ts";
import type { Call, Expression, Node } from "../syntax/tree.ts";
import { ConversionError } from "./conversion-error.ts";
import { convert } from "./convert.ts";
import type { Evaluation } from "./evaluation.ts";
import type { EvalScope } from "./scope.ts";
import { startOf } from "./start-range.ts";
import { dynamicType } from "./type.ts";
import { type AllMarks, deepMarksOf, isWhollyKnown, marksOf, unknownValue, type Value, withMarks } from "./value.ts";

/** `name(arguments…)`. Arguments are converted to the parameters' types; unknown ones make the result unknown, see `Parameter`. */
export function evaluateCall(call: Call, scope: EvalScope, evaluation: Evaluation): Value {
  const callee = scope.function(call.name);
  if (callee === undefined) return unknownFunction(call, scope, evaluation);
  if (callee.special !== undefined) {
    const { value, diagnostics } = callee.special({
      args: call.args,
      scope,
      evaluate: (expression, inner = scope) => evaluation.attempt(expression, inner),
      // Messages about the call as a whole mark its name.
      at: { ...call, end: openingOf(call).end },
    });
    evaluation.add(diagnostics);
    return evaluation.bounded(value, call);
  }
  const given = givenArguments(call, scope, evaluation);
  if (given === undefined) return unknownValue(dynamicType);
  if (!("list" in given)) return given;
  const args = fitArguments(call, callee, given.list, evaluation);
  return args === undefined ? unknownValue(dynamicType) : applyFunction(call, callee, args, scope, evaluation);
}

/** From the name to the opening parenthesis: marked when a call as a whole is wrong. */
export function openingOf({ source, start, nameNode }: Call): Node {
  return { source, start, end: source.text.indexOf("(", nameNode.end) + 1 };
}

// --- internal ---

/** An argument and the expression it came from: several may come of one that is expanded. */
interface Given {
  readonly value: Value;
  readonly from: Expression;
}

function unknownFunction({ name, nameNode }: Call, scope: EvalScope, evaluation: Evaluation): Value {
  const names = [...scope.functionNames()];
  return evaluation.fail({
    code: "TPK2102",
    at: nameNode,
    summary: names.length === 0 ? "Function calls not allowed" : "Call to unknown function",
    detail:
      scope.explainMissing?.("function", name) ??
      (names.length === 0 ? "Functions may not be called here." : `There is no function named "${name}".`),
    hint: didYouMean(name, names),
  });
}

/** The arguments, the last one expanded where the call says so. A value when an unknown one is to be expanded; undefined after an error. */
function givenArguments(call: Call, scope: EvalScope, evaluation: Evaluation): { readonly list: readonly Given[] } | Value | undefined {
  const given = call.args.map((from) => ({ value: evaluation.value(from, scope), from }));
  const last = given.at(-1);
  if (!call.expandsLast || last === undefined) return { list: given };
  const { value, from } = last;
  if (value.kind === "unknown" && ["dynamic", "list", "set", "tuple"].includes(value.type.kind)) {
    return unknownValue(dynamicType, deepMarksOf(...given.map((one) => one.value)));
  }
  if (value.kind === "sequence") {
    const marks = marksOf(value);
    return { list: [...given.slice(0, -1), ...value.elements.map((element) => ({ value: withMarks(element, marks), from }))] };
  }
  evaluation.fail({
    code: "TPK2103",
    at: startOf(from),
    summary: "Invalid expanding argument value",
    detail:
      value.kind === "null" ? "The value to be expanded is null." : `Only a list, set or tuple can be expanded, not a ${value.type.kind}.`,
  });
  return undefined;
}

/** The arguments as the parameters want them; undefined after an error. All errors are reported. */
function fitArguments(call: Call, callee: HclFunction, given: readonly Given[], evaluation: Evaluation): readonly Given[] | undefined {
  const { parameters, variadic } = callee;
  if (given.length < parameters.length) {
    const missing = parameters[given.length]?.name ?? "";
    const { source, end } = call;
    evaluation.fail({
      code: "TPK2103",
      at: { source, start: end - 1, end },
      summary: "Not enough function arguments",
      detail: `The function "${call.name}" needs ${countText(parameters.length)}${variadic === undefined ? "" : " or more"}. The argument "${missing}" is missing.`,
    });
    return undefined;
  }
  const extra = given[parameters.length];
  if (extra !== undefined && variadic === undefined) {
    evaluation.fail({
      code: "TPK2103",
      at: startOf(extra.from),
      summary: "Too many function arguments",
      detail: `The function "${call.name}" takes ${countText(parameters.length)}.`,
    });
    return undefined;
  }
  evaluation.spend(given.length, call);
  let isFitting = true;
  const fitting = given.map(({ value, from }, index) => {
    const parameter = parameters[index] ?? variadic;
    const fitted = parameter === undefined ? value : fit(value, parameter, from, call.name, evaluation);
    if (fitted === undefined) isFitting = false;
    return { value: fitted ?? value, from };
  });
  return isFitting ? fitting : undefined;
}

function countText(count: number): string {
  return count === 0 ? "no arguments" : count === 1 ? "1 argument" : `${count} arguments`;
}

function fit(value: Value, parameter: Parameter, from: Expression, name: string, evaluation: Evaluation): Value | undefined {
  const refuse = (detail: string): undefined => {
    evaluation.fail({
      code: "TPK2103",
      at: startOf(from),
      summary: "Invalid function argument",
      detail: `Invalid value for "${parameter.name}" of ${name}: ${detail}.`,
    });
    return undefined;
  };
  if (value.kind === "null" && parameter.allowNull !== true) return refuse("it must not be null");
  try {
    return convert(value, parameter.type);
  } catch (error) {
    if (error instanceof ConversionError) return refuse(error.message);
    throw error;
  }
}

function applyFunction(call: Call, callee: HclFunction, given: readonly Given[], scope: EvalScope, evaluation: Evaluation): Value {
  const { parameters, variadic } = callee;
  const args = given.map(({ value }) => value);
  const isUnknown = args.some((value, index) => (parameters[index] ?? variadic)?.allowUnknown !== true && !isWhollyKnown(value));
  const all = deepMarksOf(...args);
  try {
    if (isUnknown) return unknownValue(callee.returns(args), all);
    const result = callee.call(args, scope.environment);
    return evaluation.bounded(callee.handlesMarks === true ? result : withMarks(result, marksFor(result, args, callee, all)), call);
  } catch (error) {
    return failedCall(error, call, given, evaluation);
  }
}

/** A known result of an argument with unknown parts (`length([unknown])`) waits for nothing. */
function marksFor(result: Value, args: readonly Value[], { parameters, variadic }: HclFunction, all: AllMarks): AllMarks {
  if (result.kind === "unknown" || all.waitsFor.length === 0) return all;
  const strict = args.filter((_, index) => (parameters[index] ?? variadic)?.allowUnknown !== true);
  return { sensitive: all.sensitive, waitsFor: deepMarksOf(...strict).waitsFor };
}

function failedCall(error: unknown, call: Call, given: readonly Given[], evaluation: Evaluation): Value {
  // What V8 says when text or a list would be larger than it can hold, or data nests deeper than its stack.
  if (error instanceof RangeError && /^Invalid (string|array) length|Array buffer allocation|call stack/.test(error.message)) {
    return evaluation.fail({
      code: "TPK2003",
      at: openingOf(call),
      summary: "Value is too large",
      detail: `What ${call.name} is given, or would give, is too large or nests too deeply.`,
    });
  }
  if (!(error instanceof FunctionError)) throw error;
  const at = error.argument === undefined ? undefined : given[error.argument];
  // What the function says may show the arguments.
  const shown = error instanceof MissingFileError && at !== undefined ? [at] : given;
  const isSecret = deepMarksOf(...shown.map(({ value }) => value)).sensitive;
  return evaluation.fail({
    code: "TPK2103",
    at: at === undefined ? openingOf(call) : startOf(at.from),
    summary: at === undefined ? "Error in function call" : "Invalid function argument",
    detail: isSecret
      ? `${call.name} failed. Why is not shown, since an argument is sensitive.`
      : `${call.name} failed: ${error.message.replace(/\.$/, "")}.`,
  });
}
