// What waits for what: data sources and builds are the nodes, references between them the edges.
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { didYouMean } from "../diagnostics/suggest.ts";
import { type Dependency, dependencyName } from "../program/deferred.ts";
import {
  buildName,
  type Config,
  type DatasourceDeclaration,
  type Origin,
  type Program,
  type SourceDeclaration,
} from "../program/program.ts";
import { dependenciesOf } from "../program/resolve.ts";

/** A data source or a build of the program. */
export interface GraphNode {
  /** `data.type.name`, or a full build name. */
  readonly name: string;
  readonly kind: "datasource" | "build";
  /** Names of the nodes it waits for. */
  readonly waitsFor: readonly string[];
}

export interface ProgramGraph {
  readonly nodes: ReadonlyMap<string, GraphNode>;
  /** Cycles, duplicates, references to nothing: with errors here nothing can run. */
  readonly diagnostics: readonly Diagnostic[];
  /** Names of artifact states that references ask for, by build. */
  readonly states: ReadonlyMap<string, readonly string[]>;
}

/** Builds the graph of a whole program, selected or not. */
export function programGraph(program: Program): ProgramGraph {
  const found = collect(program);
  const nodes = new Map<string, GraphNode>();
  const diagnostics: Diagnostic[] = [];
  const states = new Map<string, Set<string>>();
  for (const { name, kind, origin } of found) {
    if (nodes.has(name)) diagnostics.push(duplicate(name, kind, origin));
    nodes.set(name, { name, kind, waitsFor: [] });
  }
  for (const { name, kind, origin, dependencies } of found) {
    const waitsFor = new Set<string>();
    for (const dependency of dependencies) {
      if (dependency.kind === "build") {
        if (kind === "datasource") diagnostics.push(tooEarly(name, dependency, origin));
        continue;
      }
      const target = nodeName(dependency);
      if (nodes.has(target)) waitsFor.add(target);
      else diagnostics.push(unknownReference(dependency, target, [...nodes.keys()], origin));
      const [field, state] = dependency.path;
      if (dependency.kind === "artifact" && field === "state" && typeof state === "string") {
        states.set(target, (states.get(target) ?? new Set()).add(state));
      }
    }
    nodes.set(name, { name, kind, waitsFor: [...waitsFor] });
  }
  const cycle = findCycle(nodes);
  if (cycle !== undefined) diagnostics.push(cycleDiagnostic(cycle, found.find(({ name }) => name === cycle[0])?.origin));
  return { nodes, diagnostics, states: new Map([...states].map(([name, names]) => [name, [...names]])) };
}

/** Everything that the given nodes wait for, themselves included. */
export function withParents(nodes: ReadonlyMap<string, GraphNode>, names: Iterable<string>): Set<string> {
  const all = new Set<string>();
  const open = [...names];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (all.has(name)) continue;
    all.add(name);
    open.push(...(nodes.get(name)?.waitsFor ?? []));
  }
  return all;
}

/** The node of a data source. */
export function datasourceName(declaration: Pick<DatasourceDeclaration, "type" | "name">): string {
  return `data.${declaration.type}.${declaration.name}`;
}

// --- internal ---

interface Found {
  readonly name: string;
  readonly kind: "datasource" | "build";
  readonly origin: Origin | undefined;
  readonly dependencies: readonly Dependency[];
}

function collect(program: Program): Found[] {
  const datasources = program.datasources.map((declaration): Found => {
    const { config, origin } = declaration;
    return { name: datasourceName(declaration), kind: "datasource", origin, dependencies: dependenciesOf(config) };
  });
  const builds = program.builds.flatMap((build) =>
    build.sources.map((source): Found => {
      const dependencies = dependenciesOf(...configsOf(source));
      return { name: buildName(build, source), kind: "build", origin: source.origin ?? build.origin, dependencies };
    }),
  );
  return [...datasources, ...builds];
}

/** Every place of a source where a reference may stand, common arguments included. */
function configsOf(source: SourceDeclaration): Config[] {
  const components = [
    ...source.provisioners,
    ...(source.errorCleanup === undefined ? [] : [source.errorCleanup]),
    ...source.postProcessors.flat(),
  ];
  const argumentsOf = ({ origin, ...rest }: (typeof components)[number]): Config => rest;
  return [source.config, ...components.map(argumentsOf)];
}

function nodeName(dependency: Exclude<Dependency, { kind: "build" }>): string {
  return dependency.kind === "data" ? datasourceName(dependency) : dependency.build;
}

/** One cycle, as the names on it, each waiting for the next and the last for the first. */
function findCycle(nodes: ReadonlyMap<string, GraphNode>): string[] | undefined {
  const done = new Set<string>();
  for (const start of nodes.keys()) {
    if (done.has(start)) continue;
    // Depth first with a stack of our own: a chain may be thousands of builds long.
    const path: string[] = [];
    const onPath = new Set<string>();
    const stack: { readonly name: string; next: number }[] = [{ name: start, next: 0 }];
    path.push(start);
    onPath.add(start);
    for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
      const child = nodes.get(frame.name)?.waitsFor[frame.next++];
      if (child === undefined) {
        stack.pop();
        path.pop();
        onPath.delete(frame.name);
        done.add(frame.name);
      } else if (onPath.has(child)) return path.slice(path.indexOf(child));
      else if (!done.has(child)) {
        stack.push({ name: child, next: 0 });
        path.push(child);
        onPath.add(child);
      }
    }
  }
  return undefined;
}

function cycleDiagnostic(cycle: readonly string[], origin: Origin | undefined): Diagnostic {
  const [first = ""] = cycle;
  const text = [...cycle, first].map((name) => JSON.stringify(name)).join(" → ");
  return {
    severity: "error",
    code: "TPK3201",
    summary: "Cycle of references",
    detail: cycle.length === 1 ? `${JSON.stringify(first)} waits for itself.` : `These wait for each other: ${text}.`,
    hint: "Remove one of the references, so that one of them can be built first.",
    subject: origin?.locate([]),
  };
}

function duplicate(name: string, kind: Found["kind"], origin: Origin | undefined): Diagnostic {
  return {
    severity: "error",
    code: "TPK3202",
    summary: "Duplicate name",
    detail: `There is more than one ${kind === "build" ? "build" : "data source"} named ${JSON.stringify(name)}.`,
    hint: kind === "build" ? "Give one of the builds a name of its own, or the source another name." : "Give one of them another name.",
    subject: origin?.locate([]),
  };
}

function unknownReference(dependency: Dependency, target: string, names: readonly string[], origin: Origin | undefined): Diagnostic {
  const what = dependency.kind === "data" ? "data source" : "build";
  return {
    severity: "error",
    code: "TPK3203",
    summary: "Reference to nothing",
    detail: `${dependencyName(dependency)} refers to the ${what} ${JSON.stringify(target)}, which the program does not have.`,
    hint: didYouMean(target, names) ?? "Export the build it refers to as well.",
    subject: origin?.locate([]),
  };
}

function tooEarly(name: string, dependency: Dependency, origin: Origin | undefined): Diagnostic {
  return {
    severity: "error",
    code: "TPK3203",
    summary: "Value not known here",
    detail: `${name} uses ${dependencyName(dependency)}, which is known only inside a build.`,
    subject: origin?.locate([]),
  };
}
