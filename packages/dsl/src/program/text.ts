import { types } from "node:util";
import { type Deferred, deferredOf, type Scope, TspackError } from "@tspack/core";
import { computedRef, settle } from "./ref.ts";
import type { Input, Ref } from "./ref-types.ts";

/**
 * Text with values in it that may be known only later: t`echo ${build.Host}`. The result is sensitive if any of them is.
 * Throws TPK1006 for a value that has no text form, such as a list.
 *
 * @example
 * provision("shell", { environment_vars: [t`TOKEN=${token}`] });
 */
export function t(strings: TemplateStringsArray, ...values: readonly Input<string | number | boolean>[]): Ref<string> {
  const parts: readonly (string | Deferred)[] = values.map((value, index) => {
    return deferredOf(value) ?? textOf(value, `value ${index + 1} of ${labelOf(strings, [])}`);
  });
  const waitsFor = parts.flatMap((part) => (typeof part === "string" ? [] : part.waitsFor));
  return computedRef({
    label: labelOf(strings, parts),
    waitsFor,
    sensitive: parts.some((part) => typeof part !== "string" && part.sensitive),
    // A secret in it is registered where it is evaluated; the text around it is none.
    evaluate: (scope) => strings.reduce((text, next, index) => text + partText(parts[index - 1], scope) + next),
  });
}

function partText(part: string | Deferred | undefined, scope: Scope): string {
  if (part === undefined || typeof part === "string") return part ?? "";
  return textOf(settle(part.evaluate(scope), scope), part.label);
}

function textOf(value: unknown, name: string): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (types.isDate(value) && !Number.isNaN(value.getTime())) return value.toISOString();
  throw new TspackError(`${name} is ${kindOfValue(value)}, which has no text form: compute the text with value.map((v) => ...)`, {
    code: "TPK1006",
  });
}

function kindOfValue(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (Array.isArray(value)) return "a list";
  return typeof value === "function" ? "a function" : types.isDate(value) ? "an invalid date" : "an object";
}

/** How messages name the text: as it is written, with the names of the Refs in it. */
function labelOf(strings: TemplateStringsArray, parts: readonly (string | Deferred)[]): string {
  const written = strings.reduce((text, next, index) => text + partLabel(parts[index - 1]) + next);
  return `t\`${written.length > 100 ? `${written.slice(0, 97)}...` : written}\``;
}

function partLabel(part: string | Deferred | undefined): string {
  if (typeof part === "string") return part;
  return `\${${part === undefined ? "..." : part.label}}`;
}
