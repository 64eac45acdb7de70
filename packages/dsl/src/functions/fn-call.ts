// Calls of `fn`: JavaScript data in, the function of the language, JavaScript data out. Everything that the functions need hangs on this
// file; the bundle loads it with the first call.
import { deferredOf, errorText, TspackError } from "@tspack/core";
import { ConversionError } from "../hcl/eval/conversion-error.ts";
import { NumberError, toJsNumber } from "../hcl/eval/number.ts";
import { fromPlain } from "../hcl/eval/plain.ts";
import type { Type } from "../hcl/eval/type.ts";
import { parseTypeConstraint } from "../hcl/eval/type-constraint.ts";
import type { Value } from "../hcl/eval/value.ts";
import { parseExpression } from "../hcl/syntax/parse.ts";
import { SourceText } from "../hcl/syntax/source-text.ts";
import { currentLoad, type LoadContext } from "../program/context.ts";
import { isPlainObject } from "../program/plain-object.ts";
import type { Secret } from "../program/ref-types.ts";
import { namedSecret } from "../program/secret.ts";
import { functionEnvironment } from "./environment.ts";
import { type FunctionEnvironment, FunctionError, type HclFunction, type Parameter, Pending } from "./function.ts";
import { hclFunctions, variableDefaultFunctions } from "./table.ts";

/**
 * Calls a function of the language with JavaScript data. Paths, clock and environment are those of the load, outside of one those of
 * the process. Services answer with a promise of a Secret. Throws TPK2103 for what the function refuses, TPK1007 for a Ref.
 */
export function callFunction(name: string, given: readonly unknown[]): unknown {
  if (name === "try") return firstOf(given);
  if (name === "can") return outcomeOf(given[0]) !== undefined;
  const callee = hclFunctions().get(name) ?? variableDefaultFunctions().get(name);
  if (callee === undefined) throw refusal(name, "there is no such function");
  const args = [...given];
  while (args.length > 0 && args.at(-1) === undefined) args.pop();
  for (const [index, arg] of args.entries()) requirePlain(arg, name, nameOf(callee, index));
  if (name === "convert") return convertTo(args[0], args[1]);
  const values = argumentsOf(callee, args);
  const world = currentEnvironment();
  if (services.has(name)) return askedOf(callee, values, world, `fn.${name}(${args.map((arg) => JSON.stringify(arg)).join(", ")})`);
  return guarded(callee, () => toNative(callee.call(values, world)));
}

// --- internal ---

const services: ReadonlySet<string> = new Set(["vault", "consul_key", "aws_secretsmanager", "aws_secretsmanager_raw"]);

/** Deeper data is a mistake, most often an object that holds itself. */
const mostLevels = 200;

const environments = new WeakMap<LoadContext, FunctionEnvironment>();

function currentEnvironment(): FunctionEnvironment {
  const load = currentLoad();
  const known = load === undefined ? undefined : environments.get(load);
  if (known !== undefined) return known;
  const made = functionEnvironment({
    environment: load === undefined ? process.env : (load.environment ?? {}),
    templateDirectory: load?.root ?? process.cwd(),
    workingDirectory: load?.workingDirectory ?? process.cwd(),
    readFile: (path) => load?.readFiles?.add(path),
  });
  if (load !== undefined) environments.set(load, made);
  return made;
}

function argumentsOf(callee: HclFunction, args: readonly unknown[]): readonly Value[] {
  const { name, parameters, variadic } = callee;
  if (args.length < parameters.length) throw refusal(name, "it is missing", parameters[args.length]?.name);
  if (args.length > parameters.length && variadic === undefined) {
    throw refusal(name, `it takes ${parameters.length} ${parameters.length === 1 ? "argument" : "arguments"}, not ${args.length}`);
  }
  return args.map((arg, index) => argumentOf(arg, parameters[index] ?? variadic, callee, index));
}

function argumentOf(arg: unknown, parameter: Parameter | undefined, callee: HclFunction, index: number): Value {
  if ((arg === null || arg === undefined) && parameter?.allowNull !== true) {
    throw refusal(callee.name, `it must not be ${String(arg)}`, nameOf(callee, index));
  }
  return convertedTo(arg, parameter?.type, callee.name, nameOf(callee, index));
}

function convertedTo(arg: unknown, type: Type | undefined, name: string, parameter: string): Value {
  try {
    return fromPlain(arg, type);
  } catch (error) {
    if (error instanceof ConversionError || error instanceof NumberError) throw refusal(name, error.message, parameter);
    throw error;
  }
}

function nameOf({ parameters, variadic }: HclFunction, index: number): string {
  return (parameters[index] ?? variadic)?.name ?? String(index + 1);
}

/** Only data may be handed over; a Ref has to be computed with once it is known. */
function requirePlain(value: unknown, name: string, parameter: string, level = 0): void {
  const deferred = deferredOf(value);
  if (deferred !== undefined) {
    const what = deferred.sensitive ? `${deferred.label} is sensitive` : `${deferred.label} is not known yet`;
    const hint = "With more than one such value: all([a, b]).map(([x, y]) => ...)";
    throw new TspackError(`${what} and was handed to fn.${name}: compute with value.map((v) => fn.${name}(...))`, {
      code: "TPK1007",
      hint,
    });
  }
  if (level > mostLevels) throw refusal(name, "it nests too deeply, or holds itself", parameter);
  if (Array.isArray(value)) for (const item of value) requirePlain(item, name, parameter, level + 1);
  else if (isPlainObject(value)) for (const item of Object.values(value)) requirePlain(item, name, parameter, level + 1);
  else if (typeof value === "object" && value !== null) {
    throw refusal(name, `a ${value.constructor?.name ?? "special object"} is no data that the function could read`, parameter);
  } else if (typeof value === "function" || typeof value === "symbol") throw refusal(name, `a ${typeof value} is no data`, parameter);
}

/** Awaits the answers of services, and calls again until there are no more questions. */
async function askedOf(
  callee: HclFunction,
  values: readonly Value[],
  environment: FunctionEnvironment,
  label: string,
): Promise<Secret<unknown>> {
  for (;;) {
    try {
      return namedSecret(
        guarded(callee, () => toNative(callee.call(values, environment))),
        label,
      );
    } catch (error) {
      if (!(error instanceof Pending)) throw error;
      await error.answer;
    }
  }
}

/** Runs a call; what the function refuses becomes an error in the words of the program. */
function guarded<T>(callee: HclFunction, call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (error instanceof ConversionError || error instanceof NumberError) throw refusal(callee.name, error.message);
    if (!(error instanceof FunctionError)) throw error;
    throw refusal(callee.name, error.message, error.argument === undefined ? undefined : nameOf(callee, error.argument));
  }
}

function refusal(name: string, reason: string, parameter?: string): TspackError {
  const at = parameter === undefined ? `fn.${name}` : `fn.${name}, argument "${parameter}"`;
  return new TspackError(`${at}: ${reason}`, { code: "TPK2103" });
}

/** Numbers are the nearest that JavaScript has, since that is their type. */
function toNative(value: Value): unknown {
  switch (value.kind) {
    case "string":
    case "bool":
      return value.value;
    case "number":
      return toJsNumber(value.value);
    case "sequence":
      return value.elements.map(toNative);
    case "record":
      return Object.fromEntries([...value.entries].map(([name, item]) => [name, toNative(item)]));
    default:
      return null;
  }
}

function convertTo(value: unknown, constraint: unknown): unknown {
  if (typeof constraint !== "string") throw refusal("convert", 'a type is written as text: "list(string)"', "type");
  const { tree, diagnostics } = parseExpression(new SourceText("type", constraint));
  const parsed = diagnostics.length > 0 ? { diagnostics } : parseTypeConstraint(tree);
  const [problem] = parsed.diagnostics;
  if (problem !== undefined || !("type" in parsed)) throw refusal("convert", problem?.detail ?? "it is no type", "type");
  return toNative(convertedTo(value, parsed.type, "convert", "value"));
}

/** What a way of `fn.try` or `fn.can` gives; undefined when it throws. */
function outcomeOf(way: unknown, failures: string[] = []): { readonly value: unknown } | undefined {
  try {
    const value: unknown = typeof way === "function" ? way() : way;
    if (value !== undefined) return { value };
    failures.push("it gives undefined");
  } catch (error) {
    failures.push(errorText(error));
  }
  return undefined;
}

function firstOf(ways: readonly unknown[]): unknown {
  const failures: string[] = [];
  for (const way of ways) {
    // A plain value is the fallback, whatever it is.
    if (typeof way !== "function") return way;
    const outcome = outcomeOf(way, failures);
    if (outcome !== undefined) return outcome.value;
  }
  throw refusal("try", failures.length === 0 ? "at least one argument is required" : `nothing succeeded: ${failures.join("; ")}`);
}
