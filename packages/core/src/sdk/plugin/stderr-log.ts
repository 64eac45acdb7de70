// What a plugin logs: one line of standard error for each event (plugin-protocol section 2.6).
import { BuildError } from "../../diagnostics/error.ts";
import type { Redactor } from "../../events/redact.ts";
import type { Ui } from "../ui.ts";

type Done = (error?: Error | null) => void;
type Level = Parameters<Ui["log"]>[0];

/** Writes an event to standard error, on one line whatever its text holds. */
export function logToStderr(level: Level, text: string): void {
  process.stderr.write(`[${level.toUpperCase()}] ${text.trimEnd().replaceAll(/\r?\n/g, "\\n")}\n`);
}

/**
 * From here on, nothing but the log leaves the process: what code of the plugin prints to standard output goes to standard error, and
 * secrets that the component named are hidden in texts. A host that is gone does not make it fail.
 */
export function leaveOutputToLog(secrets: Redactor): void {
  process.stderr.on("error", () => undefined);
  process.stdout.on("error", () => undefined);
  const write = process.stderr.write.bind(process.stderr);
  const hidden: typeof process.stderr.write = (chunk: string | Uint8Array, encoding?: BufferEncoding | Done, done?: Done) => {
    const shown = typeof chunk === "string" ? secrets.text(chunk) : chunk;
    return typeof encoding === "string" ? write(shown.toString(), encoding, done) : write(shown, encoding ?? done);
  };
  process.stderr.write = hidden;
  process.stdout.write = hidden;
}

/** The Ui of a data source, which has none over the wire (plugin-protocol section 7.5): all of it is logged. */
export function logUi(log: Ui["log"] = logToStderr): Ui {
  return {
    say: (text) => log("info", text),
    error: (text) => log("error", text),
    output: (_stream, line) => log("info", line),
    machine: (type, ...data) => log("info", [type, ...data].join(",")),
    log,
    ask: async () => {
      throw new BuildError("a data source in a plugin cannot ask questions", { code: "TPK6010" });
    },
    secret: () => undefined,
    progress: () => ({ advance: () => undefined, finish: () => undefined }),
  };
}
