// Post-processor chains (rows LIF-08..10, ART-03..14).
import { errorText, isCancellation } from "../diagnostics/error.ts";
import type { Scope } from "../program/deferred.ts";
import type { PostProcessorDeclaration } from "../program/program.ts";
import type { Artifact } from "../sdk/artifact.ts";
import type { GeneratedData } from "../sdk/hook.ts";
import type { PostProcessor, PostProcessResult } from "../sdk/post-processor.ts";
import type { Ui } from "../sdk/ui.ts";
import { readPostProcessorArguments, requireArguments } from "./common-arguments.ts";
import type { ComponentUse } from "./component-use.ts";

/** A post-processor as a build uses it. */
export interface PostProcessorUse {
  readonly use: ComponentUse<PostProcessor>;
  readonly declaration: PostProcessorDeclaration;
}

export interface PostProcessRequest {
  readonly artifact: Artifact;
  readonly chains: readonly (readonly PostProcessorUse[])[];
  readonly data: GeneratedData;
  readonly scope: Scope;
  readonly signal: AbortSignal;
  uiOf(use: PostProcessorUse): Ui;
  /** Measures and reports one post-processor around its work. */
  step<T>(use: PostProcessorUse, work: () => Promise<T>): Promise<T>;
  log(text: string): void;
}

export interface PostProcessed {
  /** The builder's artifact first if it was kept, then what the chains made (row ART-09). */
  readonly artifacts: readonly Artifact[];
  readonly errors: readonly unknown[];
}

/**
 * Runs the chains one after another, each from the builder's artifact. A chain that fails does not stop the next one (row ART-12).
 * Artifacts that nobody wants kept are destroyed. Packer destroys the builder's also when the first post-processor of a chain failed,
 * so that a failing `compress` costs the image; here that takes a `keep_input_artifact: false`.
 */
export async function runPostProcessors(request: PostProcessRequest): Promise<PostProcessed> {
  const { artifact, chains, signal } = request;
  const results: Artifact[] = [];
  const errors: unknown[] = [];
  let keepOriginal = chains.length === 0;
  for (const chain of chains) {
    if (signal.aborted) break;
    const outcome = await runChain(chain, request, errors);
    results.push(...outcome.artifacts);
    keepOriginal ||= outcome.keepFirst;
  }
  // Cancelled half-way, nothing more is removed: what is there is all the user has.
  if (keepOriginal || signal.aborted) return { artifacts: [artifact, ...results], errors };
  // A post-processor that hands its input on made it part of the results.
  if (!results.includes(artifact)) await destroy(artifact, errors);
  return { artifacts: results, errors };
}

// --- internal ---

interface ChainOutcome {
  readonly artifacts: readonly Artifact[];
  /** The first post-processor asked to keep the builder's artifact (row ART-05). */
  readonly keepFirst: boolean;
}

async function runChain(chain: readonly PostProcessorUse[], request: PostProcessRequest, errors: unknown[]): Promise<ChainOutcome> {
  const artifacts: Artifact[] = [];
  let keepFirst = false;
  let input = request.artifact;
  for (const [index, use] of chain.entries()) {
    if (request.signal.aborted) return { artifacts, keepFirst };
    let result: PostProcessResult;
    let keep: boolean;
    let chosen: boolean | undefined;
    try {
      chosen = requireArguments(readPostProcessorArguments(use.declaration, request.scope)).keepInputArtifact;
      result = await runOne(use, input, request);
      keep = keepDecision(result, chosen, request);
    } catch (error) {
      errors.push(error);
      // A later element's input was an intermediate artifact: it stays where it is, and is reported by nobody (row ART-12).
      return { artifacts, keepFirst: index === 0 ? chosen !== false : keepFirst };
    }
    if (index === 0) keepFirst = keep;
    else if (keep) artifacts.push(input);
    else if (result.artifact !== input) await destroy(input, errors);
    if (result.artifact === undefined) {
      request.log(`${use.use.step} made no artifact, which ends its chain`);
      return { artifacts, keepFirst };
    }
    input = result.artifact;
  }
  artifacts.push(input);
  return { artifacts, keepFirst };
}

async function runOne(use: PostProcessorUse, artifact: Artifact, request: PostProcessRequest): Promise<PostProcessResult> {
  const { data, scope, signal } = request;
  const ui = request.uiOf(use);
  return request.step(use, async () => {
    const component = await use.use.prepareToRun(scope);
    return component.postProcess({ ui, artifact, data, signal });
  });
}

/** The component's wish, replaced by the user's, unless the component insists on keeping (row ART-04). */
function keepDecision(result: PostProcessResult, chosen: boolean | undefined, request: PostProcessRequest): boolean {
  if (chosen === undefined) return result.keep;
  if (result.keep && result.forceKeep && !chosen) {
    request.log("keep_input_artifact: false has no effect here: the result is made of the input");
    return true;
  }
  return chosen;
}

async function destroy(artifact: Artifact, errors: unknown[]): Promise<void> {
  try {
    await artifact.destroy();
  } catch (error) {
    if (isCancellation(error)) return;
    errors.push(new Error(`the artifact ${artifact.description} could not be removed: ${errorText(error)}`, { cause: error }));
  }
}
