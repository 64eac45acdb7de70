import type { RunEvent } from "./event.ts";
import { PackerRecords } from "./packer-records.ts";

export interface LogOptions {
  /**
   * Repeat what the user sees, as Packer does in a log file (`PACKER_LOG_PATH`); on standard error those lines are left out
   * (row TEL-06).
   */
  readonly includeUi?: boolean | undefined;
}

/** The lines of `PACKER_LOG` (rows TEL-06, TEL-07, MR-15). Feed it every event, in order. */
export class LogPrinter {
  readonly #includeUi: boolean;
  readonly #records = new PackerRecords();

  constructor(options: LogOptions = {}) {
    this.#includeUi = options.includeUi ?? false;
  }

  /** The lines to write for an event, without line ends. */
  lines(event: RunEvent): readonly string[] {
    const stamp = logTime(event.time);
    const lines: string[] = [];
    const add = (text: string): void => {
      lines.push(`${stamp} ${text}`);
    };
    if (event.kind === "log") {
      const source = event.source === "core" ? "" : `${event.source}: `;
      add(`[${event.level.toUpperCase()}] ${source}${event.text}`);
    } else if (event.kind === "step-started" || event.kind === "step-finished") add(`[INFO] ${stepText(event)}`);
    else if (event.kind === "build-started") add(`[INFO] Starting build run: ${event.build ?? ""}`);
    for (const record of this.#records.of(event)) {
      if (record.kind === "machine") {
        const target = record.target === "" ? record.type : `${record.target},${record.type}`;
        add(`machine readable: ${target} ${JSON.stringify(record.data)}`);
      } else if (this.#includeUi) for (const line of record.text.split("\n")) add(`ui${record.level === "error" ? " error" : ""}: ${line}`);
    }
    return lines;
  }
}

function stepText(event: RunEvent & { readonly kind: "step-started" | "step-finished" }): string {
  const step = event.build === undefined ? event.step : `${event.build}: ${event.step}`;
  if (event.kind === "step-started") return `${step} started${event.attempt === undefined ? "" : ` (attempt ${event.attempt})`}`;
  const error = event.error === undefined ? "" : `: ${event.error}`;
  return `${step} ${event.outcome} after ${Math.round(event.durationMs)} ms${error}`;
}

/** Go's standard log time: local, `2026/11/21 11:42:47`. */
function logTime(timeMs: number): string {
  const time = new Date(timeMs);
  const two = (amount: number): string => String(amount).padStart(2, "0");
  const date = `${time.getFullYear()}/${two(time.getMonth() + 1)}/${two(time.getDate())}`;
  return `${date} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}
