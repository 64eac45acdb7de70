/**
 * What a builder or post-processor made.
 *
 * Contract: the fields are fixed once the artifact is handed over. `state` and `destroy` may be called after the component's
 * `run` has ended, `destroy` at most once, never at the same time as another call. Nobody has to close an artifact.
 */
export interface Artifact {
  /** Identifies the kind of builder, such as `packer.file` (row ART-01). Never changes between versions. */
  readonly builderId: string;
  readonly id: string;
  /** Paths as the component knows them; empty for artifacts that are not files. */
  readonly files: readonly string[];
  /** One line for people: what it is and where. */
  readonly description: string;
  /** A named value: `generated_data` (build values for post-processors), `par.artifact.metadata`, or the builder's own. */
  state(name: string): Promise<unknown>;
  /** Removes what the artifact stands for. Throws when something of it is left. */
  destroy(): Promise<void>;
}
