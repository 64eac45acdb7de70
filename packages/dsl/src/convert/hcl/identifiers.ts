import { identifier, NameScope } from "../expression/names.ts";

/** The names of what a template declares, of whatever form. */
export interface DeclaredNames {
  readonly variables: readonly { readonly name: string }[];
  readonly locals: readonly { readonly name: string }[];
  readonly datasources: readonly { readonly type: string; readonly name: string }[];
  readonly sources: readonly { readonly type: string; readonly name: string }[];
}

/** The identifiers of what a configuration declares. */
export interface Identifiers {
  readonly scope: NameScope;
  readonly variables: ReadonlyMap<string, string>;
  readonly locals: ReadonlyMap<string, string>;
  /** By `type.name`. */
  readonly datasources: ReadonlyMap<string, string>;
  /** By `type.name`. */
  readonly sources: ReadonlyMap<string, string>;
}

/**
 * Chooses identifiers: the name in camelCase; where that is taken, what kind of thing it is goes behind (`diskLocal`), or for a
 * source its type in front (`qemuDebian`). They depend on names alone, so that a change elsewhere in the template renames nothing.
 */
export function chooseIdentifiers(configuration: DeclaredNames): Identifiers {
  const scope = new NameScope(importedNames);
  const take = (wish: string, otherwise: string): string => scope.fresh(scope.has(identifier(wish)) ? otherwise : wish);
  const variables = new Map(configuration.variables.map(({ name }) => [name, take(name, `${name}-variable`)]));
  const locals = new Map(configuration.locals.map(({ name }) => [name, take(name, `${name}-local`)]));
  const datasources = new Map(
    configuration.datasources.map(({ type, name }) => [`${type}.${name}`, take(spokenName(type, name, "data"), `${name}-${type}`)]),
  );
  // Names that several types share are told apart by the type in every case.
  const counts = new Map<string, number>();
  for (const { name } of configuration.sources) counts.set(identifier(name), (counts.get(identifier(name)) ?? 0) + 1);
  const sources = new Map(
    configuration.sources.map(({ type, name }) => {
      const isShared = (counts.get(identifier(name)) ?? 0) > 1 || /^\d/.test(name);
      const spoken = spokenName(type, name, "source");
      const wish = isShared && (spoken === name || scope.has(identifier(spoken))) ? `${type}-${name}` : spoken;
      return [`${type}.${name}`, take(wish, `${type}-${name}`)];
    }),
  );
  return { scope, variables, locals, datasources, sources };
}

/** `this` and `default` say nothing, and are no identifiers: then the type is the name. */
function spokenName(type: string, name: string, kind: string): string {
  if (name !== "this" && name !== "default") return name;
  return identifier(type) === `${type}Value` ? `${type}-${kind}` : type;
}

/** Names that modules import: none is taken by a template, whether the module needs it or not, so that names are stable. */
const importedNames = [
  ...["build", "data", "fn", "packer", "packerVersion", "path", "postProcess", "provision", "registry", "resolved", "secret", "source"],
  ...[
    "t",
    "variable",
    "isRef",
    "matrix",
    "all",
    "at",
    "entries",
    "attempt",
    "succeeds",
    "isDeepStrictEqual",
    "resolve",
    "process",
    "z",
    "Input",
    "Ref",
    "Secret",
  ],
];
