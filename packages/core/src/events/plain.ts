import type { RunEvent } from "./event.ts";
import { PackerRecords, saidBy } from "./packer-records.ts";
import { SlowProgress } from "./slow-progress.ts";

export interface PlainOptions {
  /** Green, cyan, magenta, yellow and blue in turn per build, errors red (row OUT-04). */
  readonly color?: boolean | undefined;
  /** Prefix build lines with an RFC 3339 local time (row OUT-11). */
  readonly timestamps?: boolean | undefined;
}

const RED = 31;
const buildColors: readonly number[] = [32, 36, 35, 33, 34];

/** Packer's plain output (rows OUT-01..13), and besides a line now and then about progress that takes long. All lines go to standard output. Feed it every event, in order. */
export class PlainPrinter {
  readonly #options: PlainOptions;
  readonly #records = new PackerRecords();
  readonly #progress = new SlowProgress();
  readonly #colors = new Map<string, number>();

  constructor(options: PlainOptions = {}) {
    this.#options = options;
  }

  /** The lines to print for an event, without line ends. */
  lines(event: RunEvent): readonly string[] {
    const { color = false, timestamps = false } = this.#options;
    const lines: string[] = [];
    if (event.kind === "run-started" && color) {
      for (const { name } of event.builds) lines.push(paint(`${name}: output will be in this color.`, this.#colorOf(name)));
      if (event.builds.length > 0) lines.push("");
    }
    const progress = this.#progress.textOf(event);
    for (const record of progress === undefined ? this.#records.of(event) : [saidBy(event, progress)]) {
      if (record.kind !== "ui") continue;
      const stamp = timestamps && record.ofBuild ? `${localTime(event.time)}: ` : "";
      const code = record.build === undefined ? undefined : record.level === "error" ? RED : this.#colorOf(record.build);
      for (const line of record.text.split("\n")) {
        const text = line === "" ? line : stamp + line;
        lines.push(color && code !== undefined ? paint(text, code) : text);
      }
    }
    return lines;
  }

  #colorOf(build: string): number {
    const known = this.#colors.get(build);
    if (known !== undefined) return known;
    const color = buildColors[this.#colors.size % buildColors.length] ?? RED;
    this.#colors.set(build, color);
    return color;
  }
}

function paint(text: string, code: number): string {
  return `\u001b[1;${code}m${text}\u001b[0m`;
}

/** RFC 3339 with the offset of the local time zone. */
function localTime(timeMs: number): string {
  const offsetMinutes = -new Date(timeMs).getTimezoneOffset();
  const local = new Date(timeMs + offsetMinutes * 60_000).toISOString().slice(0, 19);
  if (offsetMinutes === 0) return `${local}Z`;
  const two = (amount: number): string => String(Math.floor(amount)).padStart(2, "0");
  const size = Math.abs(offsetMinutes);
  return `${local}${offsetMinutes < 0 ? "-" : "+"}${two(size / 60)}:${two(size % 60)}`;
}
