// Values of a program (sources, builds, steps) carry what they declare under registered symbols, so that values made by two
// copies of the library meet in one program.
import type {
  BuildDeclaration,
  Config,
  DatasourceDeclaration,
  Origin,
  PostProcessorDeclaration,
  ProvisionerDeclaration,
} from "@tspack/core";

const declarationKey = Symbol.for("tspack.declaration");
const providerKey = Symbol.for("tspack.provider");

/** What each kind of value declares. */
export interface Declarations {
  readonly source: { readonly type: string; readonly name: string; readonly config: Config; readonly origin: Origin };
  readonly provisioner: ProvisionerDeclaration;
  readonly "post-processor": PostProcessorDeclaration;
  readonly registry: Config;
  readonly artifact: { readonly build: BuildDeclaration; readonly type: string; readonly name: string };
  readonly build: BuildDeclaration;
}

/** The kinds of value that a program is made of. */
export type DeclaredKind = keyof Declarations;

/** Adds what a value declares to it and freezes it. */
export function declare<K extends DeclaredKind, V extends object>(kind: K, declaration: Declarations[K], value: V): V {
  Object.defineProperty(value, declarationKey, { value: { kind, declaration, order: made++ } });
  return Object.freeze(value);
}

/** Counts the values made, so that their order in the source is known: bundlers sort exports by name. */
let made = 0;

/** Compares declared values by the time they were made. */
export function byOrder(a: unknown, b: unknown): number {
  return orderOf(a) - orderOf(b);
}

function orderOf(value: unknown): number {
  return kindOf(value) === undefined ? 0 : (value as { [declarationKey]: { order: number } })[declarationKey].order;
}

/** What a value of this kind declares; undefined for anything else. */
export function declaredAs<K extends DeclaredKind>(kind: K, value: unknown): Declarations[K] | undefined {
  return kindOf(value) === kind ? (value as { [declarationKey]: { declaration: Declarations[K] } })[declarationKey].declaration : undefined;
}

/** What a value declares, or undefined if it declares nothing. Never asks a Ref. */
export function kindOf(value: unknown): DeclaredKind | undefined {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, declarationKey)) return undefined;
  return (value as { [declarationKey]: { kind: DeclaredKind } })[declarationKey].kind;
}

/** Notes on a dependency what provides its value, so that a build or data source is found through the Refs to it. */
export function withProvider<D extends object>(dependency: D, provider: BuildDeclaration | DatasourceDeclaration): D {
  return Object.defineProperty(dependency, providerKey, { value: provider });
}

/** The build or data source that provides a dependency's value, where it was noted. */
export function providerOf(dependency: object): BuildDeclaration | DatasourceDeclaration | undefined {
  return (dependency as { [providerKey]?: BuildDeclaration | DatasourceDeclaration })[providerKey];
}
