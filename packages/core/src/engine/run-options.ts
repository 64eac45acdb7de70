import type { ComponentCatalog } from "../components/catalog.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { ArtifactSummary, EventListener, Outcome, RunEvent, Timing } from "../events/event.ts";
import type { OnError } from "../sdk/component.ts";

/** A question of a run (`-on-error=ask`, `-debug`, breakpoint) that somebody outside has to answer. */
export interface Question {
  readonly build: string | undefined;
  readonly text: string;
  readonly choices: readonly string[] | undefined;
}

/** Answers questions. Rejects when nobody can (row OUT-10) or on abort. */
export type Answerer = (question: Question, signal: AbortSignal) => Promise<string>;

/** How a program is prepared and run. Every default is Packer's. */
export interface RunOptions {
  /** Globs on full build names (row SEL-01). */
  readonly only?: readonly string[] | undefined;
  readonly except?: readonly string[] | undefined;
  /** Overwrite earlier artifacts (row FLG-08). */
  readonly force?: boolean | undefined;
  /** Pause between steps, one build at a time (row RUN-13). */
  readonly debug?: boolean | undefined;
  readonly onError?: OnError | undefined;
  /** Most builds at once; below 1 means no limit (row FLG-11). */
  readonly parallelBuilds?: number | undefined;
  /** Cancels the run: it cleans up and ends as "cancelled". */
  readonly signal?: AbortSignal | undefined;
  /** Without one, questions fail. */
  readonly answer?: Answerer | undefined;
  /** Where components are found; the built-in ones unless given. */
  readonly catalog?: ComponentCatalog | undefined;
  /** Folder for `.tspack/runs/ID/` (log files, events.ndjson); false keeps none. Default: `.tspack/runs` in the program's folder. */
  readonly runsDirectory?: string | false | undefined;
  /** Environment for components; an empty one unless given. The CLI passes the process's. */
  readonly environment?: { readonly [name: string]: string | undefined } | undefined;
  /** Relative paths in configuration start here; the process's working directory unless given. */
  readonly workingDirectory?: string | undefined;
  /** `validate` and `inspect` leave data sources deferred unless this is set (row FLG-19). */
  readonly evaluateDatasources?: boolean | undefined;
  /**
   * What the front end knows about an error that came out of the user's own code during the run (a function given to `.map()`), with
   * the place in the user's file; undefined for any other error.
   */
  readonly explain?: ((error: unknown) => Diagnostic | undefined) | undefined;
  /** Called with every event, in order, redacted, before anything else sees the next one. */
  readonly onEvent?: EventListener | undefined;
}

export interface BuildResult {
  readonly name: string;
  readonly outcome: Outcome;
  readonly artifacts: readonly ArtifactSummary[];
  readonly errors: readonly string[];
  readonly durationMs: number;
}

export interface RunResult {
  readonly id: string;
  readonly outcome: Outcome;
  /** 0 when every selected build succeeded, else 1 (rows EXIT). */
  readonly exitCode: 0 | 1;
  readonly builds: readonly BuildResult[];
  /** What prepare found; with errors here nothing was started for the builds concerned (row EXIT-07). */
  readonly diagnostics: readonly Diagnostic[];
  readonly timings: readonly Timing[];
  readonly runDirectory: string | undefined;
}

/** A run in progress: iterate over its events (all from the first one on, also when asked late), await its result. */
export interface Run extends AsyncIterable<RunEvent> {
  readonly id: string;
  /** Rejects only for faults of ours; failed builds are a result. */
  readonly result: Promise<RunResult>;
  /** Stops the run as the first Ctrl-C does. */
  cancel(reason?: string): void;
}
