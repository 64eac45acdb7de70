import type { Artifact } from "./artifact.ts";
import type { Component } from "./component.ts";
import type { GeneratedData } from "./hook.ts";
import type { Ui } from "./ui.ts";

export interface PostProcessContext {
  readonly ui: Ui;
  /** The previous artifact of the chain. Owned by core: a post-processor never destroys it. */
  readonly artifact: Artifact;
  /** The builder's generated data, when the artifact carries it (row REF-10). */
  readonly data: GeneratedData;
  readonly signal: AbortSignal;
}

export interface PostProcessResult {
  /** Undefined ends the chain quietly (row ART-11). May be the input itself. */
  readonly artifact: Artifact | undefined;
  /** Whether the input is kept when the user said nothing (row ART-03). */
  readonly keep: boolean;
  /** With `keep`: the input is kept even if the user says otherwise (row ART-04). */
  readonly forceKeep: boolean;
}

/** Makes an artifact of an artifact. Contract: called at most once; stops promptly on abort and then leaves nothing half-written. */
export interface PostProcessor extends Component {
  postProcess(context: PostProcessContext): Promise<PostProcessResult>;
}
