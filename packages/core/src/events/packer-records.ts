// What Packer's own UI would be told for each event, in its order and words. Printed in three forms: plain.ts, machine-readable.ts,
// log.ts.
import { briefReason } from "../diagnostics/brief-reason.ts";
import { withoutTail } from "../diagnostics/log-tail.ts";
import { renderDiagnostics } from "../diagnostics/render.ts";
import { formatDuration } from "../sdk/config/duration.ts";
import type { ArtifactSummary, Outcome, RunEvent, Timing } from "./event.ts";

export type PackerRecord =
  | {
      readonly kind: "ui";
      readonly level: "say" | "error";
      /** May hold several lines; prefixes are in it. */
      readonly text: string;
      /** The build whose colour the text has, if any. */
      readonly build?: string | undefined;
      /** Part of what a build says: gets a time stamp where those are wanted (row OUT-11). */
      readonly ofBuild: boolean;
      /** Every line is a message of its own. */
      readonly isLines?: boolean | undefined;
    }
  | { readonly kind: "machine"; readonly target: string; readonly type: string; readonly data: readonly string[] };

/** Slowest steps that the summary lists. */
const LISTED_TIMINGS = 10;
/** A run whose slowest step is faster than this needs no list of times. */
const NOTEWORTHY_STEP_MS = 1000;

interface BuildState {
  readonly name: string;
  started: boolean;
  outcome?: Outcome;
  artifacts: readonly ArtifactSummary[];
  errors: readonly string[];
  /** What diagnostics of its errors have said. */
  readonly told: string[];
}

/** Follows a run and tells what Packer would print. Feed it every event, in order. */
export class PackerRecords {
  readonly #builds = new Map<string, BuildState>();

  of(event: RunEvent): readonly PackerRecord[] {
    switch (event.kind) {
      case "run-started":
        for (const { name } of event.builds) this.#state(name);
        return [];
      case "build-started":
        this.#state(event.build ?? "").started = true;
        return [];
      case "say":
      case "question":
        return [fromComponent(event, "say", event.text)];
      case "error":
        return [fromComponent(event, "error", event.text)];
      case "output":
        return [{ ...fromComponent(event, event.stream === "stderr" ? "error" : "say", visibleLines(event.text)), isLines: true }];
      case "machine":
        return [{ kind: "machine", target: event.build ?? "", type: event.type, data: event.data }];
      case "diagnostic": {
        // As Packer tells them: warnings are said.
        const level = event.diagnostic.severity === "error" ? "error" : "say";
        if (level === "error" && event.build !== undefined) this.#state(event.build).told.push(event.diagnostic.detail ?? "");
        return [{ kind: "ui", level, text: renderDiagnostics([event.diagnostic]), ofBuild: false }];
      }
      case "build-finished":
        return this.#buildFinished(event);
      case "cancelling":
        return [{ kind: "ui", level: "error", text: `Cancelling build after receiving ${event.reason}`, ofBuild: false }];
      case "run-finished":
        return this.#summary(event.outcome, event.durationMs, event.timings);
      case "step-started":
      case "step-finished":
      case "progress":
      case "file":
      case "log":
      case "answer":
        return [];
    }
  }

  // --- internal ---

  #state(name: string): BuildState {
    let state = this.#builds.get(name);
    if (state === undefined) {
      state = { name, started: false, artifacts: [], errors: [], told: [] };
      this.#builds.set(name, state);
    }
    return state;
  }

  #buildFinished(event: RunEvent & { readonly kind: "build-finished" }): PackerRecord[] {
    const build = event.build ?? "";
    const state = this.#state(build);
    state.outcome = event.outcome;
    state.artifacts = event.artifacts;
    state.errors = event.errors;
    const duration = formatDuration(event.durationMs);
    const line = (level: "say" | "error", text: string): PackerRecord[] => [{ kind: "ui", level, text, build, ofBuild: true }];
    switch (event.outcome) {
      case "succeeded":
        return line("say", `Build '${build}' finished after ${duration}.`);
      case "skipped":
        return line("error", `Build '${build}' was skipped: ${event.errors.join("; ")}`);
      case "cancelled":
        return state.started ? line("error", `Build '${build}' was cancelled after ${duration}${reasons(state)}`) : [];
      case "failed":
        // One that was never started has its diagnostics on the screen already.
        return state.started ? line("error", `Build '${build}' errored after ${duration}${reasons(state)}`) : [];
    }
  }

  /** Rows OUT-08 and OUT-09, MR-07 to MR-10. */
  #summary(outcome: Outcome, durationMs: number, timings: readonly Timing[]): PackerRecord[] {
    const builds = [...this.#builds.values()];
    const cancelled: PackerRecord[] = outcome === "cancelled" ? [say("Cleanly cancelled builds after being interrupted.")] : [];
    // Nothing was ever started: the diagnostics say all there is to say.
    if (!builds.some(({ started }) => started)) return cancelled;
    const records: PackerRecord[] = [say(`\n==> Wait completed after ${formatDuration(durationMs)}`)];
    if (cancelled.length > 0) return [...records, ...cancelled];
    const failed = builds.filter((build) => (build.outcome === "failed" && build.started) || build.outcome === "skipped");
    if (failed.length > 0) {
      records.push(machine("", "error-count", String(failed.length)));
      records.push(failure("\n==> Some builds didn't complete successfully and had errors:"));
      for (const build of failed) {
        records.push(machine(build.name, "error", build.errors.join("\n")), failure(`--> ${build.name}${reasons(build)}`));
      }
    }
    const successful = builds.filter((build) => build.outcome === "succeeded" && build.artifacts.length > 0);
    if (successful.length === 0) records.push(say("\n==> Builds finished but no artifacts were created."));
    else {
      records.push(say("\n==> Builds finished. The artifacts of successful builds are:"));
      for (const build of successful) records.push(...artifactRecords(build));
    }
    return [...records, ...timingRecords(timings)];
  }
}

/** What the component of an event says, with its prefix. */
export function saidBy(event: RunEvent, text: string): PackerRecord {
  return fromComponent(event, "say", text);
}

// --- internal ---

/** Of lines of a command's output, what a terminal would show in the end (row OUT-06). */
function visibleLines(text: string): string {
  return text.split("\n").map(visibleText).join("\n");
}

function visibleText(line: string): string {
  const trimmed = line.trimEnd();
  return trimmed.slice(trimmed.lastIndexOf("\r") + 1);
}

function fromComponent(event: RunEvent, level: "say" | "error", text: string): PackerRecord & { readonly kind: "ui" } {
  const prefix = prefixOf(event);
  const prefixed = prefix === "" ? text : text.split("\n").map((line) => `${prefix}${line}`.trimEnd());
  return {
    kind: "ui",
    level,
    text: typeof prefixed === "string" ? prefixed : prefixed.join("\n"),
    build: event.build,
    ofBuild: prefix !== "",
  };
}

/** Rows OUT-02 and OUT-03. */
function prefixOf({ build, component }: RunEvent): string {
  if (component?.kind === "datasource") return `==> data.${component.type}.${component.name ?? ""}: `;
  if (build === undefined) return "";
  return component?.kind === "post-processor" ? `==> ${build} (${component.type}): ` : `==> ${build}: `;
}

/** Why a build has failed, as Packer's lines repeat it: in one line where its diagnostics have told all. */
function reasons({ errors, told }: BuildState): string {
  return errors.length === 0 ? "" : `: ${errors.map((error) => withoutTail(briefReason(error, told))).join("\n")}`;
}

function artifactRecords({ name, artifacts }: BuildState): PackerRecord[] {
  const records: PackerRecord[] = [machine(name, "artifact-count", String(artifacts.length))];
  for (const [index, artifact] of artifacts.entries()) {
    const record = (...data: string[]): PackerRecord => machine(name, "artifact", String(index), ...data);
    records.push(record("builder-id", artifact.builderId), record("id", artifact.id), record("string", artifact.description));
    records.push(record("files-count", String(artifact.files.length)));
    records.push(...artifact.files.map((file, fileIndex) => record("file", String(fileIndex), file)));
    records.push(record("end"), say(`--> ${name}: ${artifact.description}`));
  }
  return records;
}

/** Time per step, slowest first: beyond Packer, and only where there is something to learn from it. */
function timingRecords(timings: readonly Timing[]): PackerRecord[] {
  if ((timings[0]?.durationMs ?? 0) < NOTEWORTHY_STEP_MS) return [];
  const listed = timings.slice(0, LISTED_TIMINGS);
  const more = timings.length - listed.length;
  const lines = listed.map(({ build, step, durationMs }) => `--> ${build}: ${step}: ${formatDuration(durationMs)}`);
  return [say(["\n==> Time per step, slowest first:", ...lines, ...(more > 0 ? [`--> and ${more} more`] : [])].join("\n"))];
}

function say(text: string): PackerRecord {
  return { kind: "ui", level: "say", text, ofBuild: false };
}

function failure(text: string): PackerRecord {
  return { kind: "ui", level: "error", text, ofBuild: false };
}

function machine(target: string, type: string, ...data: readonly string[]): PackerRecord {
  return { kind: "machine", target, type, data };
}
