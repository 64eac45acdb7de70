// One picture of the live tree, as lines that fit the terminal. Pure: the same state and size give the same lines.
import { shortSize } from "@tspack/core";
import { cutText, type Palette, plainText, shortDuration, textWidth } from "./terminal-text.ts";
import { type BuildState, type ProgressState, runningStep, type Status, type StepState, type TreeState } from "./tree-state.ts";

export interface FrameOptions {
  readonly width: number;
  readonly height: number;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The running mark of this moment. */
  readonly spinner: string;
  readonly palette: Palette;
  /** Path of the run's folder as it is to be shown. */
  readonly logs: string | undefined;
}

/** How much a build may take: every step and output, its running step and one line, or one line. */
type Detail = "steps" | "step" | "line";

const tailLines = 3;

/** The picture. When not all of it fits, details go first, then finished and waiting builds are only counted. */
export function treeFrame(state: TreeState, options: FrameOptions): string[] {
  const footer = footerLines(state, options);
  const room = Math.max(1, options.height - 1 - footer.length);
  for (const detail of ["steps", "step", "line"] as const) {
    const lines = [...state.builds.values()].flatMap((build) => buildLines(build, detail, options));
    if (lines.length <= room) return [...lines, ...footer];
  }
  const shown = [...state.builds.values()].filter((build) => build.status === "running" || build.status === "failed");
  const lines = shown.sort(runningFirst).flatMap((build) => buildLines(build, "line", options));
  if (lines.length <= room) return [...lines, ...footer];
  const hidden = lines.length - (room - 1);
  return [...lines.slice(0, room - 1), options.palette.dim(`  … and ${hidden} more`), ...footer];
}

function runningFirst(a: BuildState, b: BuildState): number {
  return Number(b.status === "running") - Number(a.status === "running");
}

function buildLines(build: BuildState, detail: Detail, options: FrameOptions): string[] {
  const { palette } = options;
  if (build.status === "waiting") {
    const why = build.waitsFor.length === 0 ? "" : `waits for ${build.waitsFor.join(", ")}`;
    return [row(options, 0, mark("waiting", options), build.name, why)];
  }
  const time = shortDuration(build.durationMs ?? options.now - (build.startedAt ?? options.now));
  if (build.status !== "running") {
    const words = build.status === "succeeded" ? time : `${build.status} after ${time}`;
    const error = build.errors[0];
    const head = row(options, 0, mark(build.status, options), build.name, words);
    if (error === undefined || detail === "line") return [head];
    return [head, palette.red(cutText(`    ${plainText(error.split("\n")[0] ?? "")}`, options.width - 1))];
  }
  const current = runningStep(build);
  if (detail === "line") {
    return [row(options, 0, mark("running", options), build.name, current === undefined ? time : `${current.label}  ${time}`)];
  }
  const head = row(options, 0, mark("running", options), build.name, time, palette.bold);
  const steps = detail === "steps" ? build.steps : build.steps.filter((step) => step === current);
  const lines = [head, ...steps.flatMap((step) => stepLines(step, detail === "steps" ? tailLines : 1, options))];
  if (current === undefined && build.said !== undefined) lines.push(tailLine(build.said, options));
  return lines;
}

function stepLines(step: StepState, tail: number, options: FrameOptions): string[] {
  const isRunning = step.status === "running";
  const durationMs = isRunning ? options.now - (step.startedAt ?? options.now) : step.durationMs;
  const attempt = isRunning && step.attempt > 1 ? `attempt ${step.attempt}  ` : "";
  const head = row(options, 2, mark(step.status, options), step.label, durationMs === undefined ? "" : attempt + shortDuration(durationMs));
  if (!isRunning) return [head];
  const bars = [...step.progress.values()].slice(-2).map((progress) => progressLine(progress, options));
  return [head, ...step.tail.slice(-tail).map((line) => tailLine(line, options)), ...bars];
}

function tailLine(text: string, { width, palette }: FrameOptions): string {
  return palette.dim(cutText(`    │ ${plainText(text)}`, width - 1));
}

function progressLine({ label, doneBytes, totalBytes }: ProgressState, { width, palette }: FrameOptions): string {
  if (totalBytes === undefined || totalBytes <= 0)
    return palette.cyan(cutText(`    ${shortSize(doneBytes)}  ${plainText(label)}`, width - 1));
  const part = Math.min(1, doneBytes / totalBytes);
  const cells = Math.max(4, Math.min(24, width - 50));
  const filled = Math.round(part * cells);
  const bar = "█".repeat(filled) + "░".repeat(cells - filled);
  const words = `${String(Math.floor(part * 100)).padStart(3)} % of ${shortSize(totalBytes)}  ${plainText(label)}`;
  return palette.cyan(cutText(`    ${bar} ${words}`, width - 1));
}

function footerLines(state: TreeState, options: FrameOptions): string[] {
  const { palette, width } = options;
  const count = (status: Status): number => [...state.builds.values()].filter((build) => build.status === status).length;
  const counts = (["running", "waiting", "succeeded", "failed", "skipped", "cancelled"] as const)
    .filter((status) => count(status) > 0)
    .map((status) => `${count(status)} ${status}`);
  const lines: string[] = [];
  if (state.said !== undefined && ![...state.builds.values()].some((build) => build.status === "running")) {
    lines.push(palette.dim(cutText(plainText(state.said), width - 1)));
  }
  if (state.builds.size > 1) lines.push(palette.dim(cutText(counts.join(" · "), width - 1)));
  if (state.cancelling !== undefined)
    lines.push(palette.yellow(cutText("cancelling: cleaning up; Ctrl-C again leaves at once", width - 1)));
  else if (options.logs !== undefined) lines.push(palette.dim(cutText(`full output: ${options.logs}`, width - 1)));
  return lines;
}

/** A line with its words at the left and a remark at the right of them, cut to fit. */
function row(options: FrameOptions, indent: number, sign: string, words: string, remark: string, paint = (text: string) => text): string {
  const room = options.width - 1 - indent - 2;
  const aside = cutText(remark, Math.max(0, Math.min(textWidth(remark), room - 8)));
  const text = cutText(words, room - (aside === "" ? 0 : textWidth(aside) + 2));
  return `${" ".repeat(indent)}${sign} ${paint(text)}${aside === "" ? "" : `  ${options.palette.dim(aside)}`}`;
}

function mark(status: Status, { palette, spinner }: FrameOptions): string {
  switch (status) {
    case "waiting":
      return palette.dim("○");
    case "running":
      return palette.cyan(spinner);
    case "succeeded":
      return palette.green("✔");
    case "failed":
      return palette.red("✘");
    default:
      return palette.yellow("–");
  }
}
