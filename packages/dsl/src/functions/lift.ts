// Functions on plain text and numbers become functions of the expression language here.
import { InternalError } from "@tspack/core";
import { numberFrom, numberText, toBigInt } from "../hcl/eval/number.ts";
import { boolType, listOf, numberType, stringType, type Type } from "../hcl/eval/type.ts";
import { boolValue, listValue, numberValue, stringValue, type Value } from "../hcl/eval/value.ts";
import { FunctionError, type HclFunction, type Parameter } from "./function.ts";

/** A parameter that comes to the plain function as T. */
export interface PlainParameter<T> extends Parameter {
  read(value: Value, argument: number): T;
}

/** How the result of a plain function becomes a value. */
export interface PlainResult<T> {
  readonly type: Type;
  write(result: T): Value;
}

/** A plain function with what is needed to lift it. */
export interface PlainFunction<P extends readonly PlainParameter<unknown>[], T> {
  readonly name: string;
  readonly parameters: P;
  readonly result: PlainResult<T>;
  readonly summary: string;
  /** Calls and the JSON of their results. */
  readonly examples: readonly (readonly [code: string, result: string])[];
  readonly body: (...args: PlainArguments<P>) => T;
}

type PlainArguments<P extends readonly PlainParameter<unknown>[]> = {
  -readonly [K in keyof P]: P[K] extends PlainParameter<infer T> ? T : never;
};

/** A function on values whose result has one type whatever the arguments, with its documentation. */
export interface Definition {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly variadic?: Parameter | undefined;
  readonly impure?: boolean | undefined;
  /** `dynamic` when the type depends on more than the arguments' types. */
  readonly returns: Type;
  readonly summary: string;
  readonly examples: readonly (readonly [code: string, result: string])[];
  readonly call: HclFunction["call"];
}

/** A parameter of text. */
export const text = (name: string): PlainParameter<string> => ({ name, type: stringType, read: (value) => readText(value) });

/** A whole number; what is a fraction or beyond 64 bits is refused. Beyond 2^53 it is the nearest JavaScript number. */
export const whole = (name: string): PlainParameter<number> => ({
  name,
  type: numberType,
  read: (value, argument) => Number(readInteger(value, name, argument)),
});

/** A whole number of 64 bits, exactly. */
export const integer = (name: string): PlainParameter<bigint> => ({
  name,
  type: numberType,
  read: (value, argument) => readInteger(value, name, argument),
});

export const textResult: PlainResult<string> = { type: stringType, write: stringValue };
export const boolResult: PlainResult<boolean> = { type: boolType, write: boolValue };
export const wholeResult: PlainResult<number> = { type: numberType, write: (result) => numberValue(numberFrom(result)) };
export const textListResult: PlainResult<readonly string[]> = {
  type: listOf(stringType),
  write: (result) => listValue(stringType, result.map(stringValue)),
};

/** The function of the expression language that does what a plain one does. */
export function lift<const P extends readonly PlainParameter<unknown>[], T>(plain: PlainFunction<P, T>): HclFunction {
  const { name, parameters, result, summary, examples, body } = plain;
  return define({
    name,
    parameters,
    returns: result.type,
    summary,
    examples,
    call(args) {
      const read = parameters.map((parameter, index) => parameter.read(requireArgument(args, index), index));
      // The parameters were read in their order, so the types are those that the body takes.
      return result.write(body(...(read as unknown as PlainArguments<P>)));
    },
  });
}

/** A function of the expression language from its definition. */
export function define(definition: Definition): HclFunction {
  const { name, parameters, variadic, impure, returns, summary, examples, call } = definition;
  const signature = [...parameters.map((parameter) => parameter.name), ...(variadic === undefined ? [] : [`...${variadic.name}`])];
  return {
    name,
    parameters,
    variadic,
    impure,
    returns: () => returns,
    call,
    doc: {
      summary,
      signature: `${name}(${signature.join(", ")})`,
      examples: examples.map(([code, result]) => ({ code, result })),
    },
  };
}

/** An argument that the evaluator has counted already. */
export function requireArgument(args: readonly Value[], index: number): Value {
  const value = args[index];
  if (value === undefined) throw new InternalError(`a function was called without its argument ${index + 1}`);
  return value;
}

/** The text of an argument that the evaluator has converted to a string. */
export function readText(value: Value): string {
  if (value.kind === "string") return value.value;
  throw new InternalError(`a function got ${value.kind} where text was promised`);
}

/** The whole number of an argument that the evaluator has converted to a number. Throws `FunctionError` for any other number. */
export function readInteger(value: Value, name: string, argument: number): bigint {
  if (value.kind !== "number") throw new InternalError(`a function got ${value.kind} where a number was promised`);
  const integral = toBigInt(value.value);
  if (integral === undefined) throw new FunctionError(`${name} must be a whole number, not ${numberText(value.value)}`, argument);
  if (integral !== BigInt.asIntN(64, integral)) throw new FunctionError(`${name} must fit into 64 bits`, argument);
  return integral;
}
