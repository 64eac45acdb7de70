import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { ComponentKind } from "../sdk/component.ts";

/** The part of a run an event belongs to. */
export type Phase = "load" | "prepare" | "datasource" | "builder" | "provision" | "error-cleanup" | "post-process" | "artifact" | "summary";

export type Outcome = "succeeded" | "failed" | "cancelled" | "skipped";

/** Which component an event comes from. */
export interface EventComponent {
  readonly kind: ComponentKind;
  readonly type: string;
  /** The user's `name`, or the component's place among its siblings, from 1. */
  readonly name?: string | undefined;
  readonly index?: number | undefined;
}

/** What every event carries. */
export interface EventHeader {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Counts from 1 within the run, without gaps. */
  readonly sequence: number;
  /** Full build name; absent for events of the whole run. */
  readonly build?: string | undefined;
  readonly component?: EventComponent | undefined;
  readonly phase?: Phase | undefined;
}

export interface ArtifactSummary {
  readonly builderId: string;
  readonly id: string;
  readonly description: string;
  readonly files: readonly string[];
}

/** One measured stretch of work, for the summary. */
export interface Timing {
  readonly build: string;
  readonly step: string;
  readonly durationMs: number;
}

/** What happened. The union is closed; consumers `switch` on `kind`. */
export type EventBody =
  | {
      readonly kind: "run-started";
      readonly runId: string;
      readonly version: string;
      /** All selected builds in order, so that a display can lay out its tree. */
      readonly builds: readonly { readonly name: string; readonly steps: readonly string[]; readonly waitsFor: readonly string[] }[];
      readonly runDirectory?: string | undefined;
    }
  | { readonly kind: "build-started" }
  /** A data source, builder, provisioner, or post-processor begins; `step` is its label in the tree, unique within the build. */
  | { readonly kind: "step-started"; readonly step: string; readonly attempt?: number | undefined }
  | {
      readonly kind: "step-finished";
      readonly step: string;
      readonly outcome: Outcome;
      readonly durationMs: number;
      readonly error?: string | undefined;
    }
  | { readonly kind: "say"; readonly text: string }
  | { readonly kind: "error"; readonly text: string }
  /** Lines that came together are one event, with line feeds between them. */
  | { readonly kind: "output"; readonly stream: "stdout" | "stderr"; readonly text: string }
  | {
      readonly kind: "progress";
      readonly id: number;
      readonly label: string;
      readonly doneBytes: number;
      readonly totalBytes?: number | undefined;
      readonly finished: boolean;
    }
  | { readonly kind: "machine"; readonly type: string; readonly data: readonly string[] }
  /** A component keeps a file that tells about the build: a machine's console, a picture of its screen. `path` is absolute. */
  | { readonly kind: "file"; readonly type: string; readonly path: string }
  | { readonly kind: "log"; readonly level: "debug" | "info" | "warn" | "error"; readonly source: string; readonly text: string }
  | { readonly kind: "diagnostic"; readonly diagnostic: Diagnostic }
  | { readonly kind: "question"; readonly id: number; readonly text: string; readonly choices?: readonly string[] | undefined }
  | { readonly kind: "answer"; readonly id: number; readonly text: string }
  | {
      readonly kind: "build-finished";
      readonly outcome: Outcome;
      readonly durationMs: number;
      readonly artifacts: readonly ArtifactSummary[];
      /** All that went wrong, in order. */
      readonly errors: readonly string[];
    }
  | { readonly kind: "cancelling"; readonly reason: string }
  | {
      readonly kind: "run-finished";
      readonly outcome: Outcome;
      readonly durationMs: number;
      /** Slowest first. */
      readonly timings: readonly Timing[];
    };

export type RunEvent = EventHeader & EventBody;
export type EventKind = EventBody["kind"];

/** Receives events in order, already redacted. Must not throw and must not block. */
export type EventListener = (event: RunEvent) => void;
