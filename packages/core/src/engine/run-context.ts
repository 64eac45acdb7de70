import type { OpenCatalog } from "../components/catalog.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { EventBus } from "../events/bus.ts";
import type { Program } from "../program/program.ts";
import type { OnError, PackerVariables, RunInfo } from "../sdk/component.ts";
import type { ConfigSpec } from "../sdk/config/spec.ts";
import { coreVersion } from "../version.ts";
import type { KnownValues } from "./known-values.ts";
import type { Questions } from "./questions.ts";

/** What everything in one run shares. */
export interface RunContext {
  readonly program: Program;
  /** Opened for this run; whoever made the context closes it. */
  readonly catalog: OpenCatalog;
  readonly bus: EventBus;
  readonly run: RunInfo;
  readonly values: KnownValues;
  readonly questions: Questions;
  /** Aborts when the run is cancelled. */
  readonly signal: AbortSignal;
  readonly force: boolean;
  readonly debug: boolean;
  readonly onError: OnError;
  /** See `RunOptions`. */
  readonly explain: (error: unknown) => Diagnostic | undefined;
  /** Specifications by kind and type, asked for once. */
  readonly specs: Map<string, ConfigSpec | undefined>;
}

/** The values core hands to the components of one build (rows PKV). */
export function packerVariables(context: RunContext, buildName: string, builderType: string): PackerVariables {
  const { program } = context;
  return {
    packer_build_name: buildName,
    packer_builder_type: builderType,
    packer_core_version: coreVersion,
    packer_debug: context.debug,
    packer_force: context.force,
    packer_on_error: context.onError,
    packer_template_path: program.templatePath,
    packer_user_variables: program.userVariables,
    packer_sensitive_variables: program.variables.filter((variable) => variable.sensitive).map((variable) => variable.name),
  };
}
