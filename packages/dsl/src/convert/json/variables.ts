// Variables of a JSON template: `variable("name", { default: … })`, each after those that its default uses.
import { TemplateError, templateParts } from "@tspack/core";
import { stringType } from "../../hcl/eval/type.ts";
import { orderGraph } from "../../hcl/packer/graph.ts";
import { operandsIn } from "../../json/render.ts";
import type { JsonTemplate, JsonVariable } from "../../json/template.ts";
import { onlyInVariables } from "../../json/variable-calls.ts";
import type { Findings } from "../conversion.ts";
import { code } from "../expression/code.ts";
import type { Imports } from "../expression/imports.ts";
import { variableStatement } from "../module/declarations.ts";
import type { Statement } from "../module/pieces.ts";
import { variableCallCodes } from "./calls.ts";
import type { TextWorld } from "./text.ts";
import { isSetOff, textCode } from "./values.ts";

/** A variable, with what its default makes of it. */
export interface PlannedVariable {
  readonly variable: JsonVariable;
  /** Declared sensitive, or made of something sensitive. */
  readonly isSensitive: boolean;
  /** Its default needs itself: it has none. */
  readonly isCircular: boolean;
}

/** The variables in an order in which each comes after those it uses, otherwise as in the template. */
export function planVariables({ variables }: Pick<JsonTemplate, "variables">): readonly PlannedVariable[] {
  const byName = new Map(variables.map((variable) => [variable.name, variable]));
  const calls = new Map(variables.map(({ name, default: text }) => [name, text === undefined ? [] : callsIn(text.value)]));
  const needs = new Map([...calls].map(([name, found]) => [name, found.flatMap(({ call, first }) => (call === "user" ? [first] : []))]));
  const { order, circles } = orderGraph(needs);
  const circular = new Set(circles.flat());
  // A variable of a circle has no default, so that others may use it.
  const all =
    order.length === variables.length
      ? order
      : orderGraph(new Map([...needs].map(([name, uses]) => [name, circular.has(name) ? [] : uses]))).order;
  const sensitive = new Set<string>();
  return all.flatMap((name): PlannedVariable[] => {
    const variable = byName.get(name);
    if (variable === undefined) return [];
    const isCircular = circular.has(name);
    const found = isCircular ? [] : (calls.get(name) ?? []);
    const isTainted = found.some(({ call, first }) =>
      call === "user" ? sensitive.has(first) : call !== "env" && onlyInVariables.has(call),
    );
    if (variable.isSensitive || isTainted) sensitive.add(name);
    return [{ variable, isSensitive: sensitive.has(name), isCircular }];
  });
}

/** What variables are written with. */
export interface VariableContext {
  readonly imports: Imports;
  readonly findings: Findings;
  readonly names: TextWorld["names"];
  /** By name; also of those that are not declared. */
  readonly identifier: (name: string) => string;
  readonly sensitive: ReadonlySet<string>;
  readonly templateDirectory: () => string;
  readonly isExported: boolean;
}

/** `const x = variable("x", { … })`. */
export function variableText({ variable, isSensitive, isCircular }: PlannedVariable, context: VariableContext): Statement {
  const { imports, findings, identifier, sensitive } = context;
  const { name, default: node, property } = variable;
  if (isCircular)
    findings.simplified(`The default of ${JSON.stringify(name)} is made of its own value: it has to be given, as in the template.`);
  const calls = variableCallCodes({
    imports,
    templateDirectory: context.templateDirectory,
    user: (other) => code(`${identifier(other)}${sensitive.has(other) ? ".reveal()" : ""}`, stringType),
  });
  const world: TextWorld = { calls, rendersAll: true, imports, names: context.names };
  return variableStatement(imports, {
    identifier: identifier(name),
    exported: context.isExported,
    name,
    default: node === undefined || isCircular ? undefined : textCode(node, { world, findings }).text,
    sensitive: isSensitive,
    blankBefore: isSetOff(property),
  });
}

// --- internal ---

/** The calls of a text, with their first argument where that is written out. */
function callsIn(text: string): readonly { readonly call: string; readonly first: string }[] {
  if (!text.includes("{{")) return [];
  try {
    return operandsIn(templateParts(text)).map(({ call, args: [first] }) => ({ call, first: first?.kind === "string" ? first.value : "" }));
  } catch (error) {
    // Not a template: told where it is converted.
    if (error instanceof TemplateError) return [];
    throw error;
  }
}
