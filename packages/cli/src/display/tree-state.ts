// What the live tree knows: events in, a small picture of the run out. Holds a bounded number of lines per step.
import type { ArtifactSummary, Outcome, RunEvent, Timing } from "@tspack/core";

export type Status = "waiting" | "running" | Outcome;

export interface ProgressState {
  readonly label: string;
  readonly doneBytes: number;
  readonly totalBytes: number | undefined;
}

export interface StepState {
  readonly label: string;
  status: Status;
  startedAt: number | undefined;
  durationMs: number | undefined;
  attempt: number;
  error: string | undefined;
  /** The last lines of output, oldest first. */
  readonly tail: string[];
  readonly progress: Map<number, ProgressState>;
}

export interface BuildState {
  readonly name: string;
  readonly waitsFor: readonly string[];
  readonly steps: StepState[];
  status: Status;
  startedAt: number | undefined;
  durationMs: number | undefined;
  artifacts: readonly ArtifactSummary[];
  errors: readonly string[];
  /** What diagnostics of its errors have said. */
  readonly told: string[];
  /** The step that made the build fail. */
  failedStep: StepState | undefined;
  /** What was said last, outside of any step. */
  said: string | undefined;
  /** The last lines of all its steps, oldest first. */
  readonly tail: string[];
  /** Paths of what was kept to find out why it failed, such as a picture of a machine's screen: the last ones, oldest first. */
  readonly kept: string[];
}

const tailLimit = 15;
const keptLimit = 5;

/** The state of a run as far as its events have told. */
export class TreeState {
  readonly builds = new Map<string, BuildState>();
  /** Lines of the whole run, such as a data source at work. */
  said: string | undefined;
  runDirectory: string | undefined;
  cancelling: string | undefined;
  outcome: Outcome | undefined;
  durationMs = 0;
  timings: readonly Timing[] = [];

  apply(event: RunEvent): void {
    switch (event.kind) {
      case "run-started":
        this.runDirectory = event.runDirectory;
        for (const { name, steps, waitsFor } of event.builds) this.builds.set(name, newBuild(name, steps, waitsFor));
        return;
      case "cancelling":
        this.cancelling = event.reason;
        return;
      case "run-finished":
        this.outcome = event.outcome;
        this.durationMs = event.durationMs;
        this.timings = event.timings;
        return;
      default:
        if (event.build === undefined) {
          if (event.kind === "say" || event.kind === "error") this.said = lastLine(event.text);
        } else {
          this.#applyToBuild(this.#build(event.build), event);
        }
    }
  }

  #build(name: string): BuildState {
    const known = this.builds.get(name);
    if (known !== undefined) return known;
    const added = newBuild(name, [], []);
    this.builds.set(name, added);
    return added;
  }

  #applyToBuild(build: BuildState, event: RunEvent): void {
    switch (event.kind) {
      case "build-started":
        build.status = "running";
        build.startedAt = event.time;
        return;
      case "step-started": {
        const step = findStep(build, event.step);
        step.status = "running";
        step.startedAt = event.time;
        step.attempt = event.attempt ?? 1;
        step.error = undefined;
        return;
      }
      case "step-finished": {
        const step = findStep(build, event.step);
        step.status = event.outcome;
        step.durationMs = event.durationMs;
        step.error = event.error;
        step.progress.clear();
        // A builder, and what cleans up after it, fail because of the step inside it that failed before.
        if (event.outcome === "failed" && (event.phase === "provision" || build.failedStep === undefined)) build.failedStep = step;
        return;
      }
      case "say":
      case "error":
      case "output": {
        const step = runningStep(build);
        if (step === undefined) build.said = lastLine(event.text) ?? build.said;
        else keepLines(step.tail, event.text);
        keepLines(build.tail, event.text);
        return;
      }
      case "progress": {
        const progress = runningStep(build)?.progress;
        if (event.finished) progress?.delete(event.id);
        else progress?.set(event.id, { label: event.label, doneBytes: event.doneBytes, totalBytes: event.totalBytes });
        return;
      }
      case "file":
        build.kept.push(event.path);
        if (build.kept.length > keptLimit) build.kept.shift();
        return;
      case "diagnostic":
        if (event.diagnostic.severity === "error") build.told.push(event.diagnostic.detail ?? "");
        return;
      case "build-finished":
        build.status = event.outcome;
        build.durationMs = event.durationMs;
        build.artifacts = event.artifacts;
        build.errors = event.errors;
        return;
      default:
        return;
    }
  }
}

/** The step that output belongs to: the innermost one that runs, which is the last that was started. */
export function runningStep(build: BuildState): StepState | undefined {
  let found: StepState | undefined;
  for (const step of build.steps) {
    if (step.status === "running" && (found === undefined || (step.startedAt ?? 0) >= (found.startedAt ?? 0))) found = step;
  }
  return found;
}

function newBuild(name: string, steps: readonly string[], waitsFor: readonly string[]): BuildState {
  return {
    name,
    waitsFor,
    steps: steps.map(newStep),
    status: "waiting",
    startedAt: undefined,
    durationMs: undefined,
    artifacts: [],
    errors: [],
    told: [],
    failedStep: undefined,
    said: undefined,
    tail: [],
    kept: [],
  };
}

function newStep(label: string): StepState {
  return {
    label,
    status: "waiting",
    startedAt: undefined,
    durationMs: undefined,
    attempt: 1,
    error: undefined,
    tail: [],
    progress: new Map(),
  };
}

function findStep(build: BuildState, label: string): StepState {
  const known = build.steps.find((step) => step.label === label);
  if (known !== undefined) return known;
  const added = newStep(label);
  build.steps.push(added);
  return added;
}

function keepLines(tail: string[], text: string): void {
  for (const line of text.split("\n").slice(-tailLimit)) {
    if (line.trim() !== "") tail.push(line.trimEnd());
  }
  if (tail.length > tailLimit) tail.splice(0, tail.length - tailLimit);
}

function lastLine(text: string): string | undefined {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .at(-1);
}
