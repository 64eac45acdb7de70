// The standard error of a plugin, line by line (plugin-protocol section 2.6, row PLG-14).
import { LineWriter } from "../sdk/line-writer.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

/** Takes a line for the log of the run. `source` says where it comes from: `packer-plugin-x plugin`. */
export type PluginLogger = (level: LogLevel, source: string, text: string) => void;

/** How many of the last lines an error report shows, and how long each may be. */
const TAIL_LINES = 15;
const TAIL_LINE_LENGTH = 500;

/** Sends each line to the log with its level, and keeps the last ones. */
export class PluginLog extends LineWriter {
  readonly #tail: string[];

  constructor(source: string, log: PluginLogger) {
    const tail: string[] = [];
    super((line) => {
      const { level, text } = readLogLine(line);
      if (text === "") return;
      tail.push(text.slice(0, TAIL_LINE_LENGTH));
      if (tail.length > TAIL_LINES) tail.shift();
      log(level, source, text);
    });
    this.#tail = tail;
  }

  /** The last lines, oldest first. */
  get tail(): readonly string[] {
    return this.#tail;
  }
}

/** Takes the time that Go's logger writes, and a level in brackets, off a line. */
export function readLogLine(line: string): { readonly level: LogLevel; readonly text: string } {
  const [, level, text = ""] = /^(?:\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d(?:\.\d+)? )?(?:\[([A-Z]+)\] ?)?(.*)$/s.exec(line) ?? [];
  const known = level === undefined ? "info" : levels[level];
  return known === undefined ? { level: "info", text: `[${level}] ${text}` } : { level: known, text };
}

// --- internal ---

const levels: { readonly [written: string]: LogLevel } = {
  TRACE: "debug",
  DEBUG: "debug",
  INFO: "info",
  WARN: "warn",
  WARNING: "warn",
  ERR: "error",
  ERROR: "error",
};
