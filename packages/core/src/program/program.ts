import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { PathSegment, SourceRange } from "../diagnostics/range.ts";

/** A configuration as the user wrote it: plain data in which any value may be a `Deferred` (see deferred.ts). */
export type Config = { readonly [option: string]: unknown };

/** Where a declaration stands in the user's file. Looked up only when something is printed. */
export interface Origin {
  /** What the declaration is called where it stands: `source "qemu" "debian"`. As the call in TypeScript unless given. */
  readonly title?: string | undefined;
  /** Finds the declaration itself (empty path) or an option inside it. */
  locate(path: readonly PathSegment[]): SourceRange | undefined;
}

/** The whole of what the user declared, whatever the front door. Immutable. */
export interface Program {
  /** Folder of the program or template (`path.root`), absolute. */
  readonly root: string;
  /** Path of the file or folder it was loaded from. */
  readonly file: string;
  /** Typed: components decode by their specification. Plain: by weak conversion alone, as legacy JSON does (row META-13). */
  readonly configStyle: "typed" | "plain";
  /** What components are told under `packer_template_path` (row PKV-05); set by the JSON door only. */
  readonly templatePath?: string | undefined;
  /** What components are told under `packer_user_variables` (row PKV-06); set by the JSON door only. */
  readonly userVariables?: { readonly [name: string]: string } | undefined;
  readonly requirements?: Requirements | undefined;
  readonly variables: readonly VariableDeclaration[];
  readonly datasources: readonly DatasourceDeclaration[];
  readonly builds: readonly BuildDeclaration[];
  /** Every text that must not be shown: values of sensitive variables and of `secret()`. */
  readonly secrets: readonly string[];
}

/** What HCL's `packer` block says. */
export interface Requirements {
  readonly required_version?: string | undefined;
  readonly required_plugins?: { readonly [name: string]: { readonly version: string; readonly source: string } } | undefined;
  /** Files with the OpenPGP keys that plugins have to be signed with, from the folder of the program. Ours: HCL has no such thing. */
  readonly trusted_keys?: readonly string[] | undefined;
}

/** An input and the value it has in this run. */
export interface VariableDeclaration {
  readonly name: string;
  readonly value: unknown;
  readonly default?: unknown;
  readonly description?: string | undefined;
  readonly sensitive: boolean;
  readonly origin?: Origin | undefined;
}

/** A data source that the program uses. */
export interface DatasourceDeclaration {
  readonly type: string;
  readonly name: string;
  readonly config: Config;
  /** What it answered when the front end asked it already while it loaded the program: a run then does not ask again. */
  readonly answer?: { readonly output: unknown } | undefined;
  readonly origin?: Origin | undefined;
}

/** One `build()`: sources that share a name and settings. */
export interface BuildDeclaration {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  /** What `hcp_packer_registry` says. */
  readonly registry?: Config | undefined;
  readonly sources: readonly SourceDeclaration[];
  readonly origin?: Origin | undefined;
}

/** One source in one build: becomes one `CoreBuild`. Its lists are expanded for this source, but not yet filtered. */
export interface SourceDeclaration {
  readonly type: string;
  /** Local name, unique per type within the build. */
  readonly name: string;
  /** Name of the source it was made from, where that differs: what components get as `packer_build_name` (row MISS-05). */
  readonly sourceName?: string | undefined;
  /** How the build is called where that is not `type.name`: legacy JSON says the type once when it is the name too (row SEL-06). */
  readonly displayName?: string | undefined;
  readonly config: Config;
  readonly provisioners: readonly ProvisionerDeclaration[];
  readonly errorCleanup?: ProvisionerDeclaration | undefined;
  /** Chains, each starting from the builder's artifact. */
  readonly postProcessors: readonly (readonly PostProcessorDeclaration[])[];
  /** What is wrong with this source in this build. With an error it is not built, and builds beside it are (row EXIT-07). */
  readonly problems?: readonly Diagnostic[] | undefined;
  readonly origin?: Origin | undefined;
}

/** A provisioner with the component's own options apart from the common arguments (rows META-01..07). */
export interface ProvisionerDeclaration {
  readonly type: string;
  readonly config: Config;
  readonly name?: string | undefined;
  /** Go duration text. */
  readonly pause_before?: unknown;
  readonly timeout?: unknown;
  readonly max_retries?: unknown;
  readonly continue_on_error?: unknown;
  /** Names of sources, `type.name`. */
  readonly only?: readonly string[] | undefined;
  readonly except?: readonly string[] | undefined;
  /** Extra options by local source name (or `type.name`), applied last. */
  readonly override?: { readonly [source: string]: Config } | undefined;
  readonly origin?: Origin | undefined;
}

/** A post-processor with its common arguments (rows META-06, 08, 09). */
export interface PostProcessorDeclaration {
  readonly type: string;
  readonly config: Config;
  readonly name?: string | undefined;
  readonly keep_input_artifact?: unknown;
  readonly only?: readonly string[] | undefined;
  readonly except?: readonly string[] | undefined;
  readonly origin?: Origin | undefined;
}

/** `[build.name.]type.name` (row SEL-05), or what the source says instead (row SEL-06). */
export function buildName(build: Pick<BuildDeclaration, "name">, source: Pick<SourceDeclaration, "type" | "name" | "displayName">): string {
  if (source.displayName !== undefined) return source.displayName;
  const local = `${source.type}.${source.name}`;
  return build.name === undefined || build.name === "" ? local : `${build.name}.${local}`;
}
