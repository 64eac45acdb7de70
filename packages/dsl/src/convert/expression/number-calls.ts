// Functions on numbers.
import { numberType } from "../../hcl/eval/type.ts";
import type { Arguments, CallConverter } from "./arguments.ts";
import { type Code, code, precedence } from "./code.ts";
import { spread } from "./contents.ts";

/** Conversions by name. */
export const numberCalls: ReadonlyMap<string, CallConverter> = new Map<string, CallConverter>([
  ["abs", (call) => math(call, "abs")],
  ["ceil", (call) => math(call, "ceil")],
  ["floor", (call) => math(call, "floor")],
  ["max", (call) => extreme(call, "max")],
  ["min", (call) => extreme(call, "min")],
]);

// --- internal ---

function math(call: Arguments, name: string): Code | undefined {
  const value = call.at(0, numberType);
  if (value === undefined || value.type.kind !== "number" || value.nullable === true || call.count !== 1 || call.isSpread) return undefined;
  return code(`Math.${name}(${value.text})`, numberType, { precedence: precedence.access });
}

function extreme(call: Arguments, name: string): Code | undefined {
  const last = call.count - 1;
  const values = call.node.args.map((_node, index) => (call.isSpread && index === last ? call.at(index) : call.at(index, numberType)));
  const texts = values.map((value, index) => {
    if (value === undefined || value.nullable === true) return undefined;
    if (!call.isSpread || index < last) return value.type.kind === "number" ? value.text : undefined;
    const types = value.type.kind === "tuple" ? value.type.elements : value.type.kind === "list" ? [value.type.element] : [];
    return types.length > 0 && types.every(({ kind }) => kind === "number") ? spread(value) : undefined;
  });
  if (texts.length === 0 || texts.some((text) => text === undefined)) return undefined;
  return code(`Math.${name}(${texts.join(", ")})`, numberType, { precedence: precedence.access });
}
