// What stays on the terminal when the live tree has gone: outcomes, errors with the output before them, artifacts, times.
import { sep } from "node:path";
import { briefReason } from "@tspack/core";
import { cutText, type Palette, plainText, shortDuration } from "./terminal-text.ts";
import type { BuildState, TreeState } from "./tree-state.ts";

export interface SummaryOptions {
  readonly palette: Palette;
  readonly width: number;
  readonly logs: string | undefined;
  /** Paths below it are shown as the user would write them here. */
  readonly workingDirectory: string;
}

/** Programs with more builds than this are counted, except for those that did not succeed. */
const listedBuilds = 30;
const listedSteps = 10;

/** The summary, ending with a line end. */
export function runSummary(state: TreeState, options: SummaryOptions): string {
  const { palette } = options;
  const builds = [...state.builds.values()];
  const succeeded = builds.filter((build) => build.status === "succeeded");
  const others = builds.filter((build) => build.status !== "succeeded");
  const lines: string[] = [];
  if (succeeded.length <= listedBuilds) for (const build of succeeded) lines.push(...succeededLines(build, options));
  else lines.push(`${palette.green("✔")} ${succeeded.length} builds succeeded`);
  for (const build of others) lines.push(...otherLines(build, options));
  lines.push("", ...timingLines(state, options));
  const words = `${succeeded.length} of ${builds.length} ${builds.length === 1 ? "build" : "builds"} succeeded in ${shortDuration(state.durationMs)}`;
  lines.push(state.outcome === "succeeded" ? palette.green(words) : palette.red(words));
  if (options.logs !== undefined) lines.push(palette.dim(`full output: ${options.logs}`));
  return `${lines.join("\n")}\n`;
}

function succeededLines(build: BuildState, { palette, workingDirectory }: SummaryOptions): string[] {
  const head = `${palette.green("✔")} ${palette.bold(build.name)}  ${palette.dim(shortDuration(build.durationMs ?? 0))}`;
  return [
    head,
    ...build.artifacts.map(({ description }) => `    ${shownHere(plainText(description.split("\n")[0] ?? ""), workingDirectory)}`),
  ];
}

/** The text with the paths below the working directory as the user would write them there. */
function shownHere(text: string, workingDirectory: string): string {
  return text.replaceAll(`${workingDirectory}${sep}`, "");
}

function otherLines(build: BuildState, { palette, width, workingDirectory }: SummaryOptions): string[] {
  const sign = build.status === "failed" ? palette.red("✘") : palette.yellow("–");
  const time = build.durationMs === undefined ? "" : ` after ${shortDuration(build.durationMs)}`;
  const lines = [`${sign} ${palette.bold(build.name)}  ${palette.dim(`${build.status}${time}`)}`];
  const step = build.failedStep;
  if (step !== undefined && step.tail.length > 0) {
    lines.push(palette.dim(`    last output of ${step.label}:`));
    for (const line of step.tail) lines.push(palette.dim(cutText(`    │ ${plainText(line)}`, width)));
  }
  for (const error of build.errors) {
    for (const line of briefReason(error, build.told).trimEnd().split("\n")) lines.push(palette.red(`    ${plainText(line)}`));
  }
  // Whole, so that they can be copied.
  for (const path of build.kept) lines.push(palette.dim(`    see ${shownHere(plainText(path), workingDirectory)}`));
  return lines;
}

/** Where the time went, slowest first. */
function timingLines(state: TreeState, { palette, width }: SummaryOptions): string[] {
  const timings = state.timings.slice(0, listedSteps);
  if (timings.length < 2) return [];
  const times = timings.map((timing) => shortDuration(timing.durationMs));
  const column = Math.max(...times.map((time) => time.length));
  const rest = state.timings.length - timings.length;
  return [
    palette.dim("time per step"),
    ...timings.map(({ build, step }, index) => cutText(`  ${(times[index] ?? "").padStart(column)}  ${build}: ${step}`, width)),
    ...(rest > 0 ? [palette.dim(`  … and ${rest} shorter ones`)] : []),
    "",
  ];
}
