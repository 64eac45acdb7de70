import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { PathSegment } from "../diagnostics/range.ts";
import type { Config } from "../program/program.ts";
import type { ConfigSpec } from "./config/spec.ts";

export type ComponentKind = "builder" | "provisioner" | "post-processor" | "datasource";

/** What to do when a step fails (rows RUN-08..11). */
export type OnError = "cleanup" | "abort" | "ask" | "run-cleanup-provisioner";

/** What core tells every component about the run (rows PKV). */
export interface PackerVariables {
  readonly packer_build_name: string;
  readonly packer_builder_type: string;
  readonly packer_core_version: string;
  readonly packer_debug: boolean;
  readonly packer_force: boolean;
  readonly packer_on_error: OnError;
  readonly packer_template_path?: string | undefined;
  readonly packer_user_variables?: { readonly [name: string]: string } | undefined;
  readonly packer_sensitive_variables?: readonly string[] | undefined;
}

/** The run as a component in our own process can know it. Over the wire it travels as environment and PackerVariables. */
export interface RunInfo {
  /** Identifies the run (`PACKER_RUN_UUID`). */
  readonly runUuid: string;
  /** Start of the run, ms since 1970: what `timestamp` and `isotime` use. Fixed by SOURCE_DATE_EPOCH where that is set. */
  readonly startedAtMs: number;
  /** Folder of the run for temporary files; removed at its end, whatever that is. Absolute. */
  readonly temporaryDirectory: string;
  /** Environment of the run, as the caller passed it. */
  readonly environment: { readonly [name: string]: string | undefined };
  /** Relative paths in configuration start here. Absolute. */
  readonly workingDirectory: string;
}

export interface PrepareRequest {
  /** Plain values: no Deferred is left. What is not known yet is a placeholder of the option's type. */
  readonly config: Config;
  readonly packer: PackerVariables;
  readonly run: RunInfo;
  /** Paths in `config` that hold placeholders; checks skip them. Not sent over a wire. */
  readonly unknown?: readonly (readonly PathSegment[])[] | undefined;
  readonly signal: AbortSignal;
}

/** A file or directory that a build has to itself in its run: another one that writes there would destroy what it makes. */
export interface BuildOutput {
  readonly kind: "file" | "directory";
  /** As the user should see it. Relative paths start at the working directory of the run. */
  readonly path: string;
  /** The option that names it, or that would name another one. */
  readonly option: string;
}

export interface PrepareResult {
  /** Everything wrong or doubtful, with `path` into the configuration. Empty when all is well. */
  readonly diagnostics: readonly Diagnostic[];
  /** Builders: names that will be in the generated data beside the common ones (row GEN-08). */
  readonly generatedVariables?: readonly string[] | undefined;
  /** Builders: what they must have to themselves. Of two builds of a run that name the same, core refuses the second. */
  readonly outputs?: readonly BuildOutput[] | undefined;
}

/** What all four kinds of component have in common. */
export interface Component {
  /**
   * Checks and keeps the configuration. Starts nothing, writes nothing, and may read (does a script exist?). Called again,
   * with real values in place of placeholders, right before running; a second call replaces everything of the first
   * (row EVA-12). Problems are returned, not thrown. Never called while the component runs.
   */
  prepare(request: PrepareRequest): Promise<PrepareResult>;
}

/** How core finds and makes components of one type, wherever they live. */
export interface ComponentFactory<C extends Component = Component> {
  readonly kind: ComponentKind;
  readonly type: string;
  /** One sentence for help and documentation. */
  readonly description: string;
  /** The options it takes; undefined when it cannot be known. */
  configSpec(signal?: AbortSignal): Promise<ConfigSpec | undefined>;
  /** Data sources: what they answer. */
  outputSpec?(): Promise<ConfigSpec | undefined>;
  /** A fresh component. Each use in a program gets its own. */
  create(): Promise<C>;
}
