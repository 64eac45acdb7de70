import type { ConfigSpec, SpecType } from "../sdk/config/spec.ts";
import { type Dependency, dependencyName, type Scope } from "./deferred.ts";

/** Build values that are numbers; all others are text. */
const numericBuildValues: ReadonlySet<unknown> = new Set(["Port", "PackerHTTPPort"]);

/**
 * A scope in which everything has a fixed value that names it: text `<build.Host>`, the number 1, true, a list or map of one. Types
 * of data sources' answers come from their specification; what has none is text.
 */
export function probeScope(outputOf: (datasource: string) => ConfigSpec | undefined): Scope {
  return { value: (dependency) => probe(dependency, typeOf(dependency, outputOf)) };
}

// --- internal ---

function typeOf(dependency: Dependency, outputOf: (datasource: string) => ConfigSpec | undefined): SpecType {
  switch (dependency.kind) {
    case "build":
      return { kind: numericBuildValues.has(dependency.path[0]) ? "number" : "string" };
    case "data": {
      const spec = outputOf(dependency.type);
      return spec === undefined ? { kind: "string" } : inside({ kind: "block", spec }, dependency.path);
    }
    case "artifact":
      return dependency.path.length === 1 && dependency.path[0] === "files"
        ? { kind: "list", element: { kind: "string" } }
        : { kind: "string" };
  }
}

/** The type at a path into a type. */
function inside(type: SpecType, path: Dependency["path"]): SpecType {
  const [segment, ...rest] = path;
  if (segment === undefined) return type;
  switch (type.kind) {
    case "list":
    case "set":
    case "map":
      return inside(type.element, rest);
    case "object":
      return inside(type.attributes[segment] ?? { kind: "any" }, rest);
    case "block":
      return inside(type.spec.options[segment]?.type ?? { kind: "any" }, rest);
    case "block-list":
      return inside({ kind: "block", spec: type.spec }, rest);
    default:
      return { kind: "any" };
  }
}

function probe(dependency: Dependency, type: SpecType): unknown {
  const child = (segment: string | number): Dependency => ({ ...dependency, path: [...dependency.path, segment] });
  switch (type.kind) {
    case "number":
      return 1;
    case "bool":
      return true;
    case "list":
    case "set":
      return [probe(child(0), type.element)];
    case "block-list":
      return [probe(child(0), { kind: "block", spec: type.spec })];
    case "map":
      return { key: probe(child("key"), type.element) };
    case "object":
      return Object.fromEntries(Object.entries(type.attributes).map(([name, attribute]) => [name, probe(child(name), attribute)]));
    case "block":
      return Object.fromEntries(Object.entries(type.spec.options).map(([name, option]) => [name, probe(child(name), option.type)]));
    default:
      return `<${dependencyName(dependency)}>`;
  }
}
