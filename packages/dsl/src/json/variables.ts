// The values of a JSON template's variables (rows JSD-03 to JSD-05, TPL-02, TPL-17 to TPL-20): what was given, or the default, with
// its calls rendered. Variables may use each other in any order.
import { type Diagnostic, didYouMean, LateValue, renderKnown, type TemplateCall, TemplateError } from "@tspack/core";
import { Pending } from "../functions/function.ts";
import type { GivenValue } from "./given-values.ts";
import { Problems } from "./problems.ts";
import type { JsonString } from "./syntax/tree.ts";
import type { JsonTemplate, JsonVariable } from "./template.ts";

/** A variable's value in this load. */
export interface VariableText {
  readonly name: string;
  /** Undefined for a value that was given for a name the template does not declare. */
  readonly variable: JsonVariable | undefined;
  readonly value: string;
  /** The default with its calls rendered; as written when that was not needed and would ask a service. */
  readonly default: string | undefined;
  /** Declared sensitive, or made of something sensitive. */
  readonly isTainted: boolean;
}

/** All values, by name. */
export interface RenderedVariables {
  readonly values: ReadonlyMap<string, VariableText>;
  /** Names that variables are made of, but that the template does not declare: they have to be given. */
  readonly required: ReadonlySet<string>;
  readonly diagnostics: readonly Diagnostic[];
}

/** Calls of the variables section, without `user`. A call may throw `Pending`; names in `sensitive` taint the variable. */
export interface VariableCalls {
  readonly calls: ReadonlyMap<string, TemplateCall>;
  readonly sensitive: ReadonlySet<string>;
}

/** Renders all variables. Waits for the services that are asked; rejects on abort. */
export async function renderVariables(
  template: Pick<JsonTemplate, "variables" | "source">,
  given: ReadonlyMap<string, GivenValue>,
  { calls, sensitive }: VariableCalls,
  signal?: AbortSignal,
): Promise<RenderedVariables> {
  const renderer = new VariableRenderer(template.variables, given, calls, sensitive);
  for (;;) {
    const pending = renderer.render();
    if (pending.length === 0) return renderer.result();
    await Promise.all(pending);
    signal?.throwIfAborted();
  }
}

// --- internal ---

/** Longer values come of variables that double each other. */
const LONGEST_VALUE = 4 * 1024 * 1024;

/** One text to render: a value, or a default that was overridden. */
interface Entry {
  readonly name: string;
  readonly text: string;
  readonly variable: JsonVariable | undefined;
  /** Where the text stands; undefined for a value of the command line or of a variable file. */
  readonly node: JsonString | undefined;
  readonly from: string | undefined;
}

class VariableRenderer {
  readonly #entries = new Map<string, Entry>();
  readonly #variables: readonly JsonVariable[];
  readonly #calls: ReadonlyMap<string, TemplateCall>;
  readonly #sensitive: ReadonlySet<string>;
  readonly #problems = new Problems();
  readonly #extra: Diagnostic[] = [];
  readonly #values = new Map<string, VariableText>();
  /** Names whose value could not be made; what uses them is not told about again. */
  readonly #failed = new Set<string>();
  /** Names that values use, but that nobody declares. */
  readonly #required = new Set<string>();
  /** Names that wait for a service, or for a name that does, in this round. */
  readonly #waiting = new Set<string>();
  #pending: Promise<unknown>[] = [];

  constructor(
    variables: readonly JsonVariable[],
    given: ReadonlyMap<string, GivenValue>,
    calls: ReadonlyMap<string, TemplateCall>,
    sensitive: ReadonlySet<string>,
  ) {
    this.#variables = variables;
    this.#calls = calls;
    this.#sensitive = sensitive;
    for (const variable of variables) {
      const { name, property } = variable;
      const value = given.get(name);
      const text = value?.text ?? variable.default?.value;
      if (text === undefined) {
        this.#failed.add(name);
        this.#problems.add(property, {
          code: "TPK1101",
          summary: "No value for variable",
          detail: `The variable ${JSON.stringify(name)} has no value.`,
          hint: `Set it with -var '${name}=…' or a variable file (-var-file), or give it a default in place of null.`,
        });
      } else this.#entries.set(name, { name, text, variable, node: value === undefined ? variable.default : undefined, from: value?.from });
    }
    for (const [name, { text, from }] of given) {
      if (!this.#entries.has(name)) this.#entries.set(name, { name, text, variable: undefined, node: undefined, from });
    }
  }

  /** Renders what can be rendered; returns what has to be waited for before it is called again. */
  render(): readonly Promise<unknown>[] {
    this.#pending = [];
    this.#waiting.clear();
    for (const name of this.#entries.keys()) this.#resolve(name);
    return this.#pending;
  }

  result(): RenderedVariables {
    for (const variable of this.#variables) this.#renderDefault(variable);
    return { values: this.#values, required: this.#required, diagnostics: [...this.#problems.diagnostics, ...this.#extra] };
  }

  /** Renders a variable and first all that it uses, with a stack of its own: chains may be long. */
  #resolve(start: string): void {
    const stack = [start];
    const open = new Set<string>();
    while (stack.length > 0) {
      const name = stack.at(-1) ?? "";
      const entry = this.#entries.get(name);
      if (entry === undefined || this.#isSettled(name)) {
        stack.pop();
        open.delete(name);
        continue;
      }
      open.add(name);
      const missing = this.#attempt(entry);
      const inCircle = missing.find((other) => open.has(other));
      if (inCircle !== undefined) this.#circle(entry, [...open], inCircle);
      else if (missing.length > 0) stack.push(...missing);
      else {
        // Rendered, failed, or waiting for a service.
        stack.pop();
        open.delete(name);
      }
    }
  }

  #isSettled(name: string): boolean {
    return this.#values.has(name) || this.#failed.has(name) || this.#waiting.has(name);
  }

  /** Renders one text; answers the variables that have to be rendered first. */
  #attempt(entry: Entry): readonly string[] {
    const rendered = this.#render(entry);
    if (rendered !== undefined && "missing" in rendered) {
      if (!rendered.missing.some((name) => this.#waiting.has(name))) return rendered.missing;
      this.#waiting.add(entry.name);
      return [];
    }
    if (rendered === undefined) {
      this.#waiting.add(entry.name);
      return [];
    }
    const isTainted = rendered.isTainted || entry.variable?.isSensitive === true;
    this.#values.set(entry.name, { name: entry.name, variable: entry.variable, value: rendered.text, default: undefined, isTainted });
    return [];
  }

  /** Undefined when it failed, or waits for a service. */
  #render(entry: Entry): { readonly text: string; readonly isTainted: boolean } | { readonly missing: readonly string[] } | undefined {
    const missing = new Set<string>();
    let isTainted = false;
    let isWaiting = false;
    let size = entry.text.length;
    const calls = new Map<string, TemplateCall>();
    for (const [name, call] of this.#calls) {
      calls.set(name, {
        arity: call.arity,
        run: (...values) => {
          try {
            const result = call.run(...values);
            isTainted ||= this.#sensitive.has(name);
            return result;
          } catch (error) {
            if (!(error instanceof Pending)) throw error;
            this.#pending.push(error.answer);
            isWaiting = true;
            throw new LateValue();
          }
        },
      });
    }
    calls.set("user", {
      arity: [1, 1],
      run: (argument) => {
        const name = String(argument);
        const value = this.#values.get(name);
        if (value !== undefined) {
          // What was given may be made of anything.
          if (value.variable === undefined && entry.node !== undefined) this.#required.add(name);
          isTainted ||= value.isTainted;
          size += value.value.length;
          if (size > LONGEST_VALUE) throw new TooLong();
          return value.value;
        }
        if (this.#failed.has(name)) throw new UsesFailed();
        if (!this.#entries.has(name)) throw this.#undeclared(name);
        missing.add(name);
        throw new LateValue();
      },
    });
    try {
      const text = renderKnown(entry.text, calls);
      if (missing.size > 0) return { missing: [...missing] };
      return isWaiting ? undefined : { text, isTainted };
    } catch (error) {
      // What is behind a mistake may be that something is not there yet.
      if (missing.size > 0) return { missing: [...missing] };
      if (isWaiting) return undefined;
      this.#fail(entry, error);
      return undefined;
    }
  }

  #fail(entry: Entry, error: unknown): void {
    this.#failed.add(entry.name);
    const message = error instanceof Error ? error.message : String(error);
    if (message.includes(USES_FAILED)) return;
    if (message.includes(TOO_LONG)) {
      const detail = `The value of the variable ${JSON.stringify(entry.name)} would be longer than ${LONGEST_VALUE} characters.`;
      this.#report(entry, { code: "TPK2003", summary: "Value too long", detail });
      return;
    }
    if (!(error instanceof TemplateError)) throw error;
    const detail = `The variable ${JSON.stringify(entry.name)} cannot be rendered: ${message}.`;
    this.#report(entry, { code: "TPK2302", summary: "Invalid template string", detail, hint: error.hint });
  }

  #circle(entry: Entry, open: readonly string[], first: string): void {
    const names = open.slice(open.indexOf(first));
    for (const name of names) this.#failed.add(name);
    const path = [...names, first].map((name) => JSON.stringify(name)).join(" uses ");
    const isAlone = names.length === 1;
    this.#report(entry, {
      code: "TPK2203",
      summary: "Variables in a circle",
      detail: isAlone ? `The variable ${JSON.stringify(first)} uses itself.` : `Variables need each other in a circle: ${path}.`,
      hint: isAlone ? `Set it with -var '${first}=…' or a variable file (-var-file), or give it a real default.` : undefined,
    });
  }

  #undeclared(name: string): TemplateError {
    const hint = didYouMean(name, this.#entries.keys()) ?? "Variables that others are made of must be declared or given.";
    return new TemplateError(`there is no variable ${JSON.stringify(name)}`, hint);
  }

  #report(
    { node, from, variable }: Entry,
    problem: Pick<Diagnostic, "code" | "summary"> & { readonly detail: string; readonly hint?: string | undefined },
  ): void {
    if (node !== undefined) {
      this.#problems.add(node, problem);
      return;
    }
    const where = from === undefined ? undefined : `in the value given by ${from}`;
    this.#extra.push({
      severity: "error",
      ...problem,
      where,
      subject: undefined,
      path: variable === undefined ? [] : ["variables", variable.name],
    });
  }

  /** The default of a variable that has another value: what its calls give, as far as that needs no service. */
  #renderDefault(variable: JsonVariable): void {
    const { name, default: node } = variable;
    const value = this.#values.get(name);
    if (value === undefined || node === undefined) return;
    const entry = this.#entries.get(name);
    let text = entry?.node === node ? value.value : node.value;
    if (entry?.node !== node) {
      const calls = new Map([...this.#calls].filter(([call]) => !this.#sensitive.has(call)));
      let needsItself = false;
      calls.set("user", {
        arity: [1, 1],
        run: (other) => {
          needsItself ||= other === name;
          const used = this.#values.get(String(other));
          if (used?.variable === undefined) this.#required.add(String(other));
          return used?.value ?? "";
        },
      });
      try {
        text = renderKnown(node.value, calls);
        // It has to be given: that is no default.
        if (needsItself) return;
      } catch (error) {
        // Nobody needs it: as written it says enough.
        if (!(error instanceof TemplateError)) throw error;
      }
    }
    this.#values.set(name, { ...value, default: text });
  }
}

// The evaluator tells what a call throws in words of its own; these are found again by their texts.
const USES_FAILED = "the variable has no value";
const TOO_LONG = "the value is too long";

class UsesFailed extends Error {
  constructor() {
    super(USES_FAILED);
  }
}

class TooLong extends Error {
  constructor() {
    super(TOO_LONG);
  }
}
