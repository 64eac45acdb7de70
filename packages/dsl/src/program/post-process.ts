import type { Name, PostProcessorConfig, PostProcessors } from "./components.ts";
import { declare } from "./declaration.ts";
import type { Input } from "./ref-types.ts";
import { captureOrigin } from "./report.ts";
import { requireConfig, requireName } from "./require.ts";
import { type SourceName, takeArguments } from "./step-arguments.ts";

/** A step that makes an artifact of an artifact. Goes into the `postProcessors` of builds. */
export interface PostProcessor {
  readonly kind: "post-processor";
  /** Name of the component: `manifest`. */
  readonly type: string;
}

/** What every post-processor takes besides its own options (rows META-06, 08, 09). */
export interface PostProcessorArguments {
  /** A name for display and for `-except`; the type unless given. */
  readonly name?: string | undefined;
  /** Keeps the artifact it starts from. What happens otherwise is the post-processor's choice. */
  readonly keep_input_artifact?: Input<boolean> | undefined;
  /** Runs for these sources alone. Not together with `except`. */
  readonly only?: readonly SourceName[] | undefined;
  /** Runs for all sources but these. */
  readonly except?: readonly SourceName[] | undefined;
}

const commonArguments = ["name", "keep_input_artifact", "only", "except"];

/**
 * A post-processor with its options and the common arguments side by side, as in Packer's templates.
 *
 * @example
 * postProcess("manifest", { output: "manifest.json" });
 */
export function postProcess<T extends Name<PostProcessors>>(
  type: T,
  config: PostProcessorConfig<T> & PostProcessorArguments,
): PostProcessor {
  requireName("postProcess", "type", type);
  const call = `postProcess(${JSON.stringify(type)})`;
  const given = requireConfig(call, config);
  const origin = captureOrigin();
  const { taken, config: own, only, except, name } = takeArguments(call, given, commonArguments, origin);
  return declare(
    "post-processor",
    { type, config: own, name, keep_input_artifact: taken.keep_input_artifact, only, except, origin },
    { kind: "post-processor", type },
  );
}
