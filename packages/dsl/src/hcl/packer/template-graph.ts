// The graph of locals and data sources (rows EVA-06, EVA-07, EVA-13): what needs what, circles, and references to nothing.
import { type Diagnostic, didYouMean } from "@tspack/core";
import { referencesOf } from "../eval/references.ts";
import type { Expression, Node } from "../syntax/tree.ts";
import type { Configuration, LocalDeclaration } from "./declarations.ts";
import { expressionsIn } from "./expressions-in.ts";
import { type Ordered, orderGraph } from "./graph.ts";
import { problemAt } from "./problem.ts";

/** Deepest chain of locals in sequential mode (row EVA-07). */
const SEQUENTIAL_DEPTH = 10;

/** The names and needs of locals and data sources (row EVA-13). */
export class TemplateGraph {
  readonly locals = new Map<string, LocalDeclaration>();
  readonly localOrder: readonly string[];
  readonly diagnostics: Diagnostic[] = [];
  readonly datasources = new Map<string, Node>();
  readonly #needs = new Map<string, readonly string[]>();
  readonly #broken = new Set<string>();
  /** Those that use `local` as a whole, or by a computed name. */
  readonly #sweeping = new Set<string>();
  readonly #position: ReadonlyMap<string, number>;

  constructor(configuration: Configuration, sequential: boolean) {
    for (const local of configuration.locals) if (!this.locals.has(local.name)) this.locals.set(local.name, local);
    for (const { type, name, block } of configuration.datasources) this.datasources.set(`${type}.${name}`, block.typeNode);
    for (const [name, { value }] of this.locals) this.#add(`local.${name}`, [value]);
    for (const { type, name, block } of configuration.datasources) this.#add(`data.${type}.${name}`, expressionsIn(block.body));
    const ordered = orderGraph(this.#needs);
    const orderable = new Set(ordered.order);
    for (const key of this.#needs.keys()) if (!orderable.has(key)) this.#broken.add(key);
    this.#reportCircles(ordered, configuration);
    const order = this.#sweepingLast(ordered.order)
      .filter((key) => key.startsWith("local."))
      .map((key) => key.slice("local.".length));
    this.localOrder = order;
    this.#position = new Map(order.map((name, index) => [name, index]));
    if (sequential) this.#checkDepth(order);
  }

  isBroken(local: string): boolean {
    return this.#broken.has(`local.${local}`);
  }

  /** The locals that a local needs and which `isWanted`, itself included, each after those it needs. */
  needsOf(local: string, isWanted: (local: string) => boolean): readonly string[] {
    const found = new Set<string>();
    const open = [local];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (found.has(next) || !isWanted(next)) continue;
      found.add(next);
      for (const key of this.#needs.get(`local.${next}`) ?? []) if (key.startsWith("local.")) open.push(key.slice("local.".length));
    }
    return [...found].sort((a, b) => (this.#position.get(a) ?? 0) - (this.#position.get(b) ?? 0));
  }

  /** True if a local uses `local` as a whole, or by a computed name. */
  usesAllLocals(local: string): boolean {
    return this.#sweeping.has(`local.${local}`);
  }

  /** What may need anything comes after all that it can need. */
  #sweepingLast(order: readonly string[]): readonly string[] {
    const last = new Set<string>();
    for (const key of order) {
      if (this.#sweeping.has(key) || (this.#needs.get(key) ?? []).some((need) => last.has(need))) last.add(key);
    }
    return [...order.filter((key) => !last.has(key)), ...last];
  }

  #add(key: string, expressions: readonly Expression[]): void {
    const needs: string[] = [];
    for (const expression of expressions) {
      for (const { root, path, node } of referencesOf(expression)) {
        const [first, second] = path;
        if (root === "local" && typeof first !== "string") this.#sweeping.add(key);
        if (typeof first !== "string") continue;
        const missing = isMissing(this, root, first, second);
        // The search for a name that was meant takes time, and nobody reads so many.
        if (missing && this.diagnostics.length < MOST_MISSING) {
          this.diagnostics.push(...missingNode(this, root, first, second, node).map((one) => ({ ...one, where: `in ${key}` })));
        }
        if (missing) this.#broken.add(key);
        else if (root === "local") needs.push(`local.${first}`);
        else if (root === "data" && typeof second === "string") needs.push(`data.${first}.${second}`);
      }
    }
    this.#needs.set(key, [...new Set(needs)]);
  }

  #reportCircles({ circles }: Ordered, configuration: Configuration): void {
    const nodes = new Map<string, Node>([
      ...configuration.locals.map(({ name, node }): [string, Node] => [
        `local.${name}`,
        node.kind === "block" ? node.typeNode : node.nameNode,
      ]),
      ...configuration.datasources.map(({ type, name, block }): [string, Node] => [`data.${type}.${name}`, block.typeNode]),
    ]);
    for (const circle of circles) {
      const [first = ""] = circle;
      const node = nodes.get(first);
      if (node === undefined) continue;
      const isSelf = circle.length === 1;
      this.diagnostics.push(
        problemAt(node, {
          code: "TPK2203",
          summary: isSelf ? "Self reference" : "Circular references",
          detail: isSelf ? `${first} needs itself.` : `They need each other in a circle: ${wayAround(circle)}.`,
          hint: "Write one of the values without the other.",
          related: circle.slice(1, MOST_SHOWN).flatMap((key) => {
            const at = nodes.get(key);
            return at === undefined ? [] : [{ at: at.source.range(at.start, at.end), message: `${key} is here.` }];
          }),
        }),
      );
    }
  }

  #checkDepth(order: readonly string[]): void {
    const depths = new Map<string, number>();
    for (const name of order) {
      const needs = (this.#needs.get(`local.${name}`) ?? []).filter((key) => key.startsWith("local."));
      const depth = 1 + needs.reduce((deepest, key) => Math.max(deepest, depths.get(key.slice("local.".length)) ?? 0), 0);
      depths.set(name, depth);
      const node = this.locals.get(name)?.node;
      if (depth !== SEQUENTIAL_DEPTH + 1 || node === undefined) continue;
      this.diagnostics.push(
        problemAt(node.kind === "block" ? node.typeNode : node.nameNode, {
          code: "TPK2203",
          summary: "Locals build on each other too deeply",
          detail: `With sequential evaluation at most ${SEQUENTIAL_DEPTH} locals may build on each other, and local.${name} is one more.`,
          hint: "Leave out -use-sequential-evaluation.",
        }),
      );
    }
  }
}

/** A reference to a local or a data source that is not declared, if it is one. */
export function missingNode(names: Names, root: string, first: string, second: unknown, node: Node): Diagnostic[] {
  if (!isMissing(names, root, first, second)) return [];
  const { locals, datasources } = names;
  if (root === "local") {
    return [
      missing(
        node,
        `There is no local.${first}.`,
        didYouMean(first, locals.keys()) ?? (locals.size === 0 ? "Declare it: locals { … }" : undefined),
      ),
    ];
  }
  const near = didYouMean(`${first}.${second}`, datasources.keys())?.replace('"', '"data.');
  return [missing(node, `There is no data source data.${first}.${second}.`, near ?? `Declare it: data "${first}" "${second}" { … }`)];
}

/** A reference to a variable that is not declared. */
export function missingVariable(node: Node, name: string, names: readonly string[]): Diagnostic {
  return missing(node, `There is no variable "${name}".`, didYouMean(name, names) ?? `Declare it: variable "${name}" {}`);
}

// --- internal ---

type Names = Pick<TemplateGraph, "locals" | "datasources">;

/** Most references to nothing that are told. */
const MOST_MISSING = 101;
/** Most nodes of a circle that are named. */
const MOST_SHOWN = 10;

function isMissing({ locals, datasources }: Names, root: string, first: string, second: unknown): boolean {
  if (root === "local") return !locals.has(first);
  return root === "data" && typeof second === "string" && !datasources.has(`${first}.${second}`);
}

/** `a → b → a`, the middle left out of a long one. */
function wayAround(circle: readonly string[]): string {
  const nodes =
    circle.length <= MOST_SHOWN ? circle : [...circle.slice(0, MOST_SHOWN - 1), `${circle.length - MOST_SHOWN} more`, ...circle.slice(-1)];
  return [...nodes, ...circle.slice(0, 1)].join(" → ");
}

function missing(node: Node, detail: string, hint: string | undefined): Diagnostic {
  return problemAt(node, { code: "TPK2102", summary: "Reference to nothing", detail, hint });
}
