// Runs a parsed template (Go text/template, "Actions", "Arguments", "Pipelines", "Variables").
import { didYouMean } from "../diagnostics/suggest.ts";
import type { Call } from "./builtins.ts";
import { TemplateError } from "./context.ts";
import { printed } from "./format.ts";
import { templateError } from "./position.ts";
import type { Body, Command, Operand, Pipeline, Template, TemplateNode } from "./tree.ts";
import { fromOutside, isList, isMap, isTrue, sortedEntries, typeName } from "./values.ts";

/** Thrown by a call, or by a field, whose value is not known before the build runs. */
export class LateValue extends Error {}

/** The data of a template that is rendered before its data is known: what is asked of it is a `LateValue`. */
export const LATE_DATA: unique symbol = Symbol("late");

export interface Evaluation {
  readonly text: string;
  readonly template: Template;
  readonly calls: ReadonlyMap<string, Call>;
  /** The value of dot: plain data, or `LATE_DATA`. */
  readonly data: unknown;
}

/** The text a template makes; undefined when some of it has to wait for late values. Everything else is checked even then. */
export function evaluate(evaluation: Evaluation): string | undefined {
  return new Evaluator(evaluation).run();
}

// --- internal ---

/** Templates that call each other deeper than this are taken to be endless. */
const MOST_DEPTH = 500;

type Flow = "break" | "continue" | undefined;

class Evaluator {
  readonly #evaluation: Evaluation;
  readonly #output: string[] = [];
  #variables = new Map<string, unknown[]>();
  /** Names in order of declaration, so that a scope can be left. */
  #declared: string[] = [];
  #depth = 0;
  #isLate = false;

  constructor(evaluation: Evaluation) {
    this.#evaluation = evaluation;
    this.#declare("$", evaluation.data);
  }

  run(): string | undefined {
    for (const node of this.#evaluation.template.body) {
      try {
        this.#node(node, this.#evaluation.data);
      } catch (error) {
        if (!(error instanceof LateValue)) throw error;
        this.#isLate = true;
        // What the node would have declared or changed is not known either.
        if (node.kind === "action" && !node.pipeline.assigns) for (const name of node.pipeline.variables) this.#declare(name, LATE_DATA);
        for (const values of this.#variables.values()) values.fill(LATE_DATA);
      }
    }
    return this.#isLate ? undefined : this.#output.join("");
  }

  #body(body: Body, dot: unknown): Flow {
    const mark = this.#declared.length;
    try {
      for (const node of body) {
        const flow = this.#node(node, dot);
        if (flow !== undefined) return flow;
      }
      return undefined;
    } finally {
      this.#release(mark);
    }
  }

  #node(node: TemplateNode, dot: unknown): Flow {
    switch (node.kind) {
      case "text":
        this.#output.push(node.text);
        return undefined;
      case "action": {
        const value = this.#pipeline(node.pipeline, dot);
        if (node.pipeline.variables.length === 0) this.#output.push(this.#printable(value, node.pipeline.at));
        return undefined;
      }
      case "break":
      case "continue":
        return node.kind;
      case "template":
        this.#call(node.name, node.pipeline === undefined ? null : this.#pipeline(node.pipeline, dot), node.at);
        return undefined;
      default: {
        const mark = this.#declared.length;
        try {
          return node.kind === "range" ? this.#range(node, dot) : this.#branch(node, dot);
        } finally {
          this.#release(mark);
        }
      }
    }
  }

  #branch(node: TemplateNode & { kind: "if" | "with" }, dot: unknown): Flow {
    const value = this.#pipeline(node.pipeline, dot);
    if (isTrue(value)) return this.#body(node.body, node.kind === "with" ? value : dot);
    return this.#body(node.otherwise, dot);
  }

  #range(node: TemplateNode & { kind: "range" }, dot: unknown): Flow {
    const { variables, assigns, commands, at } = node.pipeline;
    const value = this.#pipeline({ variables: [], assigns: false, commands, at }, dot);
    let any = false;
    for (const [key, item] of this.#elements(value, node.at)) {
      any = true;
      const mark = this.#declared.length;
      const [first, second] = variables;
      if (first !== undefined && second !== undefined) {
        this.#bind(first, key, assigns);
        this.#bind(second, item, assigns);
      } else if (first !== undefined) this.#bind(first, item, assigns);
      const flow = this.#body(node.body, item);
      this.#release(mark);
      if (flow === "break") break;
    }
    return any ? undefined : this.#body(node.otherwise, dot);
  }

  *#elements(value: unknown, at: number): Generator<[unknown, unknown]> {
    if (value === null) return;
    if (typeof value === "bigint") {
      for (let count = 0n; count < value; count++) yield [count, count];
    } else if (isList(value)) {
      for (let index = 0; index < value.length; index++) yield [BigInt(index), fromOutside(value[index])];
    } else if (isMap(value)) yield* sortedEntries(value);
    else throw this.#error(at, `range cannot go over a value of type ${typeName(value)}`);
  }

  #call(name: string, dot: unknown, at: number): void {
    const body = this.#evaluation.template.defined.get(name);
    if (body === undefined) {
      const hint = didYouMean(name, this.#evaluation.template.defined.keys());
      throw this.#error(at, `there is no template named ${JSON.stringify(name)}`, hint);
    }
    if (++this.#depth > MOST_DEPTH) throw this.#error(at, `the template ${JSON.stringify(name)} calls itself without end`);
    const outer = this.#variables;
    const outerDeclared = this.#declared;
    this.#variables = new Map();
    this.#declared = [];
    this.#declare("$", dot);
    try {
      this.#body(body, dot);
    } finally {
      this.#variables = outer;
      this.#declared = outerDeclared;
      this.#depth--;
    }
  }

  #pipeline(pipeline: Pipeline, dot: unknown): unknown {
    let value: unknown;
    for (const [index, command] of pipeline.commands.entries()) {
      value = this.#command(command, dot, index === 0 ? [] : [value]);
    }
    for (const name of pipeline.variables) this.#bind(name, value, pipeline.assigns);
    return value;
  }

  /** `piped` holds the value of the command before, if there is one. */
  #command(command: Command, dot: unknown, piped: readonly unknown[]): unknown {
    const [first, ...rest] = command.operands;
    if (first.kind === "call") return this.#function(first.name, rest, dot, piped, first.at);
    if (first.kind === "nil" && rest.length === 0) throw this.#error(first.at, "nil alone is not a value");
    if (rest.length > 0 || piped.length > 0) throw this.#error(first.at, "arguments are given to something that is not a call");
    return this.#operand(first, dot);
  }

  #operand(operand: Operand, dot: unknown): unknown {
    switch (operand.kind) {
      case "dot":
        if (dot === LATE_DATA) throw new LateValue();
        return dot;
      case "nil":
        return null;
      case "boolean":
      case "string":
      case "number":
        return operand.value;
      case "field":
        return this.#fields(dot, operand.names, operand.at);
      case "variable": {
        const value = this.#variables.get(operand.name)?.at(-1);
        if (operand.names.length === 0 && value === LATE_DATA) throw new LateValue();
        return this.#fields(value, operand.names, operand.at);
      }
      case "chain":
        return this.#fields(this.#operand(operand.of, dot), operand.names, operand.at);
      case "call":
        return this.#function(operand.name, [], dot, [], operand.at);
      case "pipeline":
        return this.#pipeline(operand.pipeline, dot);
    }
  }

  #fields(start: unknown, names: readonly string[], at: number): unknown {
    if (start === LATE_DATA) throw new LateValue();
    let value = start;
    for (const name of names) {
      // What is missing has missing fields; a null that is there has none.
      if (value === undefined) return null;
      if (value === null) throw this.#error(at, `a value that is null has no field ${JSON.stringify(name)}`);
      if (!isMap(value)) throw this.#error(at, `a value of type ${typeName(value)} has no field ${JSON.stringify(name)}`);
      value = Object.hasOwn(value, name) ? fromOutside(value[name]) : undefined;
    }
    return value ?? null;
  }

  #function(name: string, operands: readonly Operand[], dot: unknown, piped: readonly unknown[], at: number): unknown {
    if (name === "and" || name === "or") return this.#logic(name, operands, dot, piped, at);
    const values = [...operands.map((operand) => this.#operand(operand, dot)), ...piped];
    if (name === "call") return this.#callValue(values, at);
    const call = this.#evaluation.calls.get(name);
    if (call === undefined) throw this.#error(at, `there is no call named ${JSON.stringify(name)}`);
    const [fewest, most] = call.arity;
    if (values.length < fewest || values.length > most) {
      const wanted = fewest === most ? String(fewest) : most === Number.POSITIVE_INFINITY ? `at least ${fewest}` : `${fewest} to ${most}`;
      throw this.#error(
        at,
        `${name} takes ${wanted} argument${wanted === "1" || wanted === "at least 1" ? "" : "s"}, not ${values.length},`,
      );
    }
    return this.#guarded(name, at, () => call.run(...values));
  }

  /** `and` and `or` stop at the first argument that decides. */
  #logic(name: "and" | "or", operands: readonly Operand[], dot: unknown, piped: readonly unknown[], at: number): unknown {
    if (operands.length + piped.length === 0) throw this.#error(at, `${name} takes at least 1 argument, not 0,`);
    let value: unknown;
    for (const operand of operands) {
      value = this.#operand(operand, dot);
      if (isTrue(value) === (name === "or")) return value;
    }
    return piped.length > 0 ? piped[0] : value;
  }

  #callValue([target, ...values]: readonly unknown[], at: number): unknown {
    if (typeof target !== "function") throw this.#error(at, `call: a value of type ${typeName(target ?? null)} is not a function,`);
    return this.#guarded("call", at, () => fromOutside(target(...values)));
  }

  #guarded(name: string, at: number, run: () => unknown): unknown {
    try {
      return run();
    } catch (error) {
      if (error instanceof LateValue) throw error;
      const hint = error instanceof TemplateError ? error.hint : undefined;
      throw this.#error(at, `${name}: ${error instanceof Error ? error.message : String(error)},`, hint);
    }
  }

  #printable(value: unknown, at: number): string {
    if (typeof value === "function") throw this.#error(at, "a function cannot be printed");
    return printed(value);
  }

  #bind(name: string, value: unknown, assigns: boolean): void {
    if (assigns) this.#variables.get(name)?.splice(-1, 1, value);
    else this.#declare(name, value);
  }

  #declare(name: string, value: unknown): void {
    const values = this.#variables.get(name);
    if (values === undefined) this.#variables.set(name, [value]);
    else values.push(value);
    this.#declared.push(name);
  }

  #release(mark: number): void {
    for (const name of this.#declared.splice(mark)) this.#variables.get(name)?.pop();
  }

  #error(at: number, message: string, hint?: string): TemplateError {
    return templateError(this.#evaluation.text, at, message, hint);
  }
}
