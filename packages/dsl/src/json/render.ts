// The texts in a template's options: `user` and `template_dir` are put in, `build` becomes a value known later, all else stays as it
// is written for the component (rows TPL-01, TPL-03, TPL-10).
import {
  type Deferred,
  type Dependency,
  didYouMean,
  renderKnown,
  type Scope,
  type TemplateCall,
  TemplateError,
  type TemplatePart,
  templateParts,
} from "@tspack/core";
import { computedRef } from "../program/ref.ts";
import type { Problems } from "./problems.ts";
import { type JsonNode, type JsonString, mapTexts } from "./syntax/tree.ts";
import { onlyInVariables } from "./variable-calls.ts";
import type { VariableText } from "./variables.ts";

/** What options are rendered with. */
export interface OptionWorld {
  readonly variables: ReadonlyMap<string, VariableText>;
  /** Names that are declared but have no value, for a reason that was told. */
  readonly broken: ReadonlySet<string>;
  /** Folder of the template, absolute. */
  readonly templateDirectory: string;
}

/** Renders the options of one template. */
export class OptionRenderer {
  /** Names of variables that are used, but that the template does not declare. */
  readonly undeclared = new Set<string>();
  readonly #world: OptionWorld;
  readonly #problems: Problems;

  constructor(world: OptionWorld, problems: Problems) {
    this.#world = world;
    this.#problems = problems;
  }

  /** A value of an option: plain data with a Ref for each text that is sensitive or needs the running build. */
  value(node: JsonNode): unknown {
    return mapTexts(node, (text) => this.#text(text));
  }

  /** A text that has to be known: the name of a builder, `max_retries`. */
  known(node: JsonString): { readonly text: string; readonly isTainted: boolean } {
    const rendered = this.#render(node);
    const calls = buildValues(rendered.text);
    if (calls.length > 0) {
      this.#problem(node, new TemplateError("values of the build are not known here"));
    }
    return rendered;
  }

  #text(node: JsonString): unknown {
    const { text, isTainted } = this.#render(node);
    const names = buildValues(text);
    if (names.length === 0) return isTainted ? sensitiveText(text) : text;
    if (names.includes(undefined)) {
      this.#problem(node, new TemplateError("the name of a value of the build has to be known beforehand"));
      return text;
    }
    const waitsFor = [...new Set(names)].map((name): Dependency => ({ kind: "build", path: [name ?? ""] }));
    return computedRef({
      label: JSON.stringify(node.value),
      waitsFor,
      sensitive: isTainted,
      evaluate: (scope) => withBuildValues(text, waitsFor, scope),
    });
  }

  #render(node: JsonString): { readonly text: string; readonly isTainted: boolean } {
    let isTainted = false;
    const user: TemplateCall = {
      arity: [1, 1],
      run: (argument) => {
        const name = String(argument);
        const found = this.#world.variables.get(name);
        if (found?.variable === undefined && !this.#world.broken.has(name)) this.undeclared.add(name);
        if (found === undefined && !this.#world.broken.has(name)) this.#tellUndeclared(node, name);
        isTainted ||= found?.isTainted === true;
        return found?.value ?? "";
      },
    };
    const directory: TemplateCall = { arity: [0, 0], run: () => this.#world.templateDirectory };
    try {
      const text = renderKnown(
        node.value,
        new Map([
          ["user", user],
          ["template_dir", directory],
        ]),
      );
      this.#refuseCalls(node);
      return { text, isTainted };
    } catch (error) {
      this.#problem(node, error);
      return { text: node.value, isTainted };
    }
  }

  /** `env` and the stores of secrets work in the variables section alone. A text that is no template says nothing of the kind. */
  #refuseCalls(node: JsonString): void {
    if (!node.value.includes("{{") || ![...onlyInVariables].some((name) => node.value.includes(name))) return;
    const name = callNames(partsOf(node.value)).find((each) => onlyInVariables.has(each));
    if (name === undefined) return;
    this.#problems.add(node, {
      code: "TPK2302",
      summary: "Call not allowed here",
      detail: `The call ${name} works in the section "variables" alone.`,
      hint: `Make it there, as the value of a variable, and use that one here: {{user \`…\`}}.`,
    });
  }

  #tellUndeclared(node: JsonString, name: string): void {
    this.#problems.add(node, {
      code: "TPK2302",
      severity: "warning",
      summary: "Unknown variable",
      detail: `There is no variable ${JSON.stringify(name)}: it is empty text here.`,
      hint: didYouMean(name, this.#world.variables.keys()) ?? 'Declare it in "variables".',
    });
  }

  #problem(node: JsonString, error: unknown): void {
    if (!(error instanceof TemplateError)) throw error;
    this.#problems.add(node, {
      code: "TPK2302",
      summary: "Invalid template string",
      detail: `The text cannot be rendered: ${error.message}.`,
      hint: error.hint,
    });
  }
}

// --- internal ---

/** Names that the `build` calls of a text have; undefined for one that is computed. */
function buildValues(text: string): readonly (string | undefined)[] {
  if (!text.includes("{{") || !text.includes("build")) return [];
  return buildNamesIn(partsOf(text));
}

/** The parts of a text; none for one that is no template, which is the component's business. */
function partsOf(text: string): readonly TemplatePart[] {
  try {
    return templateParts(text);
  } catch (error) {
    if (error instanceof TemplateError) return [];
    throw error;
  }
}

function buildNamesIn(parts: readonly TemplatePart[]): (string | undefined)[] {
  return operandsIn(parts).flatMap(({ call, args: [first] }) => {
    if (call !== "build") return [];
    return [first?.kind === "string" ? first.value : undefined];
  });
}

function callNames(parts: readonly TemplatePart[]): string[] {
  return operandsIn(parts).map(({ call }) => call);
}

type Pipeline = Extract<TemplatePart, { kind: "expression" }>["pipeline"];
type Operand = Pipeline["commands"][number]["operands"][number];

/** A call in a template string, with what is written behind it. */
export interface FoundCall {
  readonly call: string;
  readonly args: readonly Operand[];
}

/** Every call in the parts of a text, with its arguments. */
export function operandsIn(parts: readonly TemplatePart[]): FoundCall[] {
  return parts.flatMap((part): FoundCall[] => {
    switch (part.kind) {
      case "call": {
        const args = part.args.map((value): Operand => {
          if (typeof value === "string") return { kind: "string", value, at: 0 };
          return typeof value === "boolean" ? { kind: "boolean", value, at: 0 } : { kind: "number", value, at: 0 };
        });
        return [{ call: part.name, args }];
      }
      case "expression":
        return callsIn(part.pipeline);
      case "control":
        return part.branches.flatMap(({ pipeline, parts: inner }) => [
          ...(pipeline === undefined ? [] : callsIn(pipeline)),
          ...operandsIn(inner),
        ]);
      default:
        return [];
    }
  });
}

function callsIn(pipeline: Pipeline): FoundCall[] {
  return pipeline.commands.flatMap(({ operands }) => {
    const [first, ...args] = operands;
    const own: FoundCall[] = operands.flatMap((operand, index) =>
      operand.kind === "call" ? [{ call: operand.name, args: index === 0 && operand === first ? args : [] }] : [],
    );
    return [...own, ...operands.flatMap(callsInside)];
  });
}

function callsInside(operand: Operand): FoundCall[] {
  if (operand.kind === "pipeline") return callsIn(operand.pipeline);
  return operand.kind === "chain" ? callsInside(operand.of) : [];
}

/** The text with the values of the running build in it; calls of the component stay. Throws `UnknownValue` for one that is not known. */
function withBuildValues(text: string, waitsFor: readonly Dependency[], scope: Scope): string {
  // Asked for before anything is rendered: what a call throws becomes a mistake in the text.
  const values = new Map(waitsFor.map((dependency) => [String(dependency.path[0]), scope.value(dependency)]));
  const build: TemplateCall = {
    arity: [1, 1],
    run: (name) => {
      const value = values.get(String(name));
      return typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : value;
    },
  };
  return renderKnown(text, new Map([["build", build]]));
}

function sensitiveText(text: string): unknown {
  const deferred: Deferred = { label: "sensitive text", waitsFor: [], sensitive: true, evaluate: () => text };
  return computedRef(deferred);
}
