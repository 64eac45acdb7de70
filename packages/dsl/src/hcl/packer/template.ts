// The values of a template: variables, locals in the order of their needs, references to data sources; and the scopes made of them.
import { sep } from "node:path";
import { type Diagnostic, type Scope, UnknownValue } from "@tspack/core";
import { packerVersion } from "../../program/packer-version.ts";
import { type Evaluated, evaluate } from "../eval/evaluate.ts";
import { fromPlain } from "../eval/plain.ts";
import { referencesOf, type Traversal } from "../eval/references.ts";
import { numberType, stringType } from "../eval/type.ts";
import { deepMarksOf, objectValue, referenceValue, stringValue, unknownValue, type Value, withMarks } from "../eval/value.ts";
import type { Expression } from "../syntax/tree.ts";
import type { Configuration, LocalDeclaration } from "./declarations.ts";
import { LazyMap, liveObject, openObject } from "./open-record.ts";
import { blockTitle } from "./problem.ts";
import { missingNode, missingVariable, TemplateGraph } from "./template-graph.ts";
import { type Known, type Language, type Place, place, placeWith, type Roots } from "./template-scope.ts";
import type { VariableState } from "./variables.ts";

/** A local with its value: unknown where it waits for data, or where something is wrong with it. */
export interface LocalState {
  readonly declaration: LocalDeclaration;
  readonly value: Value;
}

/** A source in a build, as its options and steps see it (row REF-08). `name` is the local one. */
export interface SourceName {
  readonly type: string;
  readonly name: string;
}

/** Which names there are besides those that are everywhere (rows REF-01 to REF-10). */
export type PlaceName =
  | { readonly kind: "root" }
  /** Data sources: in sequential mode without locals (row EVA-07). */
  | { readonly kind: "data" }
  | { readonly kind: "source"; readonly source: SourceName }
  /** Provisioners and post-processors. */
  | { readonly kind: "step"; readonly source: SourceName; readonly build: string };

export interface TemplateOptions {
  readonly variables: ReadonlyMap<string, VariableState>;
  readonly language: Language;
  /** Absolute. */
  readonly workingDirectory: string;
  readonly sequential: boolean;
}

/** A template whose variables are known. `evaluateLocals` comes first; it throws `Pending` like every evaluation. */
export class Template {
  readonly configuration: Configuration;
  readonly locals = new Map<string, LocalState>();
  readonly #options: TemplateOptions;
  readonly #localValues = new Map<string, Value>();
  readonly #data: Value;
  readonly #variables: Value;
  readonly #graph: TemplateGraph;
  readonly #root: Place;
  /** Locals made again, by what is known. */
  readonly #known = new WeakMap<Known, LazyMap>();

  constructor(configuration: Configuration, options: TemplateOptions) {
    this.configuration = configuration;
    this.#options = options;
    this.#variables = liveObject(new Map([...options.variables].map(([name, { value }]) => [name, value])));
    this.#data = dataReferences(configuration);
    this.#graph = new TemplateGraph(configuration, options.sequential);
    this.#root = this.at({ kind: "root" });
  }

  /** What is wrong with the graph of locals and data sources: circles, and names that do not exist (row EVA-06). */
  get graphDiagnostics(): readonly Diagnostic[] {
    return this.#graph.diagnostics;
  }

  /** Evaluates all locals, each after those it needs. */
  evaluateLocals(): Diagnostic[] {
    const diagnostics: Diagnostic[] = [];
    const ordered = new Set(this.#graph.localOrder);
    for (const [name, declaration] of this.#graph.locals) {
      // In a circle, or in need of what does not exist: told already, and quiet from here on.
      if (this.#graph.isBroken(name) || !ordered.has(name)) this.#keep(name, declaration, unknownValue({ kind: "dynamic" }));
    }
    for (const name of ordered) {
      const declaration = this.#graph.locals.get(name);
      if (declaration === undefined || this.#graph.isBroken(name)) continue;
      if (diagnostics.length > MOST_PROBLEMS) {
        this.#keep(name, declaration, unknownValue({ kind: "dynamic" }));
        continue;
      }
      const at = this.#graph.usesAllLocals(name) ? this.#withLocals(new Map(this.#localValues)) : this.#root;
      const { value, diagnostics: found } = this.evaluate(declaration.value, at, localTitle(declaration));
      for (const one of found) diagnostics.push(one);
      this.#keep(name, declaration, value);
    }
    return diagnostics;
  }

  /** The place of this name. */
  at(name: PlaceName): Place {
    return place(this.#options.language, (known) => this.#rootsAt(name, known));
  }

  /** Evaluates an expression. `where` says what it belongs to. */
  evaluate(expression: Expression, at: Place, where: string | undefined): Evaluated {
    const { value, diagnostics } = evaluate(expression, at.scope());
    return diagnostics.length === 0 ? { value, diagnostics } : { value, diagnostics: this.explain(expression, diagnostics, where) };
  }

  /** What is wrong with an expression, with messages about names that do not exist that tell what there is. */
  explain(expression: Expression, diagnostics: readonly Diagnostic[], where: string | undefined): readonly Diagnostic[] {
    const missing = this.#missingIn(referencesOf(expression)).filter((one) =>
      diagnostics.some(({ subject }) => overlaps(one.subject, subject)),
    );
    const others = diagnostics.filter(({ subject }) => !missing.some((one) => overlaps(one.subject, subject)));
    return [...missing, ...others].map((one) => ({ ...one, where: one.where ?? where }));
  }

  // --- internal ---

  #keep(name: string, declaration: LocalDeclaration, value: Value): void {
    const kept = withMarks(value, { sensitive: declaration.sensitive });
    this.locals.set(name, { declaration, value: kept });
    this.#localValues.set(name, kept);
  }

  #rootsAt(name: PlaceName, known: Known | undefined): Roots {
    const roots = new Map<string, Value>([
      ["var", this.#variables],
      ["local", liveObject(known === undefined ? this.#localValues : this.#localsFor(known))],
      ["data", this.#data],
      ["path", this.#paths()],
      ["packer", packerObject],
    ]);
    if (name.kind === "data" && this.#options.sequential) roots.delete("local");
    if (name.kind === "source" || name.kind === "step") {
      roots.set("source", textObject({ type: name.source.type, name: name.source.name }));
    }
    if (name.kind === "step") roots.set("build", buildObject(name.build));
    return roots;
  }

  #paths(): Value {
    const { workingDirectory } = this.#options;
    return textObject({ root: this.configuration.givenRoot, cwd: workingDirectory.split(sep).join("/") });
  }

  /** Locals made again of what is known by now. Those that wait for nothing stay; the others are evaluated when they are asked for. */
  #knownLocals(known: Known): LazyMap {
    const again = new Map<string, Value>();
    const begun = new Set<string>();
    return new LazyMap(new Set(this.#localValues.keys()), (name) => {
      for (const each of this.#graph.needsOf(name, (local) => this.#isWaiting(local))) {
        const declaration = this.#graph.locals.get(each);
        // Begun and not done: asked for by a local that looks at all of them.
        if (begun.has(each) || declaration === undefined) continue;
        begun.add(each);
        const at = this.#graph.usesAllLocals(each) ? this.#withLocals(this.#othersThan(begun, known)) : this.#root;
        const { value } = evaluate(declaration.value, at.scope(known));
        again.set(each, withMarks(value, { sensitive: declaration.sensitive }));
      }
      return again.get(name) ?? this.#localValues.get(name) ?? unknownValue({ kind: "dynamic" });
    });
  }

  /** The same for all that is evaluated at a time. */
  #localsFor(known: Known): LazyMap {
    const locals = this.#known.get(known) ?? this.#knownLocals(known);
    this.#known.set(known, locals);
    return locals;
  }

  /**
   * The root with these locals: for a local that uses `local` as a whole, or by a computed name. It gets those there are by then, since
   * a value cannot hold itself.
   */
  #withLocals(locals: ReadonlyMap<string, Value>): Place {
    return placeWith(this.#root, () => new Map([["local", liveObject(locals)]]));
  }

  #othersThan(begun: ReadonlySet<string>, known: Known): ReadonlyMap<string, Value> {
    const locals = this.#localsFor(known);
    const names = [...this.#localValues.keys()].filter((name) => !begun.has(name));
    return new Map(names.map((name) => [name, locals.get(name) ?? unknownValue({ kind: "dynamic" })]));
  }

  #isWaiting(local: string): boolean {
    const value = this.#localValues.get(local);
    return value !== undefined && deepMarksOf(value).waitsFor.length > 0;
  }

  /** References to variables, locals and data sources that are not declared. */
  #missingIn(references: readonly Traversal[]): Diagnostic[] {
    return references.flatMap((reference) => {
      const { root, path, node } = reference;
      const [first, second] = path;
      if (typeof first !== "string") return [];
      if (root === "var" && !this.#options.variables.has(first)) return [missingVariable(node, first, [...this.#options.variables.keys()])];
      return missingNode(this.#graph, root, first, second, node);
    });
  }
}

/** What a run knows, for expressions of a template. */
export function knownFrom(scope: Scope): Known {
  return {
    resolve(reference) {
      try {
        return fromPlain(scope.value(reference));
      } catch (error) {
        if (error instanceof UnknownValue) return undefined;
        throw error;
      }
    },
  };
}

/** What a local is called in messages. */
export function localTitle({ name, node }: LocalDeclaration): string {
  return node.kind === "block" ? `in ${blockTitle(node)}` : `in local.${name}`;
}

function overlaps(a: Diagnostic["subject"], b: Diagnostic["subject"]): boolean {
  if (a === undefined || b === undefined || a.file !== b.file) return false;
  return (a.start.byte ?? 0) < (b.end.byte ?? 0) && (b.start.byte ?? 0) < (a.end.byte ?? 0);
}

function dataReferences({ datasources }: Configuration): Value {
  const types = new Map<string, Map<string, Value>>();
  for (const { type, name } of datasources) {
    const names = types.get(type) ?? new Map<string, Value>();
    names.set(name, referenceValue({ kind: "data", type, name, path: [] }));
    types.set(type, names);
  }
  return objectValue(new Map([...types].map(([type, names]) => [type, objectValue(names)])));
}

/** Values of the running build that are numbers; all others are text. */
const numericBuildValues: ReadonlySet<string> = new Set(["Port", "PackerHTTPPort"]);

/** `build`: its name is known, and whatever else is asked for becomes known when the build runs (rows REF-09 to REF-11). */
function buildObject(name: string): Value {
  return openObject(new Map([["name", stringValue(name)]]), (key) =>
    referenceValue({ kind: "build", path: [key] }, numericBuildValues.has(key) ? numberType : stringType),
  );
}

/** There is no registry of images yet, and so these are told as Packer tells them without one (rows REF-06, REF-07, EVA-14). */
const packerObject: Value = textObject({ version: packerVersion, versionFingerprint: "<unknown>", iterationID: "<unknown>" });

function textObject(texts: { readonly [name: string]: string }): Value {
  return objectValue(new Map(Object.entries(texts).map(([name, text]) => [name, stringValue(text)])));
}

/** Behind so many problems locals are not looked at any more. */
const MOST_PROBLEMS = 100;
