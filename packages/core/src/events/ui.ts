import type { Progress, Ui } from "../sdk/ui.ts";
import type { EventBus, EventSource } from "./bus.ts";

/** Progress events of one piece of work are at least this far apart, but for the first and the last. */
const PROGRESS_INTERVAL_MS = 100;

/** Asks a question of a component; see engine/questions.ts. */
export type Ask = (
  question: string,
  source: EventSource,
  options: { readonly signal: AbortSignal; readonly choices?: readonly string[] | undefined },
) => Promise<string>;

/** The record by which a component names a file that it keeps: what is in it, and its path. Packer's Ui has no word for that. */
const FILE_RECORD = "tspack:file";

let progressCount = 0;

/** The engine's `Ui`: everything a component says becomes an event of the run, marked with where it comes from. */
export class EventUi implements Ui {
  readonly #bus: EventBus;
  readonly #source: EventSource;
  readonly #ask: Ask;

  constructor(bus: EventBus, source: EventSource, ask: Ask) {
    this.#bus = bus;
    this.#source = source;
    this.#ask = ask;
  }

  say(text: string): void {
    this.#bus.emit({ kind: "say", text }, this.#source);
  }

  error(text: string): void {
    this.#bus.emit({ kind: "error", text }, this.#source);
  }

  output(stream: "stdout" | "stderr", text: string): void {
    this.#bus.emit({ kind: "output", stream, text }, this.#source);
  }

  machine(type: string, ...data: readonly string[]): void {
    const [fileType, path] = data;
    if (type === FILE_RECORD && fileType !== undefined && path !== undefined) {
      this.#bus.emit({ kind: "file", type: fileType, path }, this.#source);
      return;
    }
    this.#bus.emit({ kind: "machine", type, data }, this.#source);
  }

  log(level: "debug" | "info" | "warn" | "error", text: string): void {
    this.#bus.emit({ kind: "log", level, source: this.#source.component?.type ?? "core", text }, this.#source);
  }

  ask(question: string, options: { readonly signal: AbortSignal; readonly choices?: readonly string[] }): Promise<string> {
    return this.#ask(question, this.#source, options);
  }

  secret(text: string): void {
    this.#bus.redactor.add(text);
  }

  progress(label: string, totalBytes?: number): Progress {
    const id = ++progressCount;
    let doneBytes = 0;
    let shownAt = 0;
    let finished = false;
    const emit = (): void => {
      shownAt = Date.now();
      this.#bus.emit({ kind: "progress", id, label, doneBytes, totalBytes, finished }, this.#source);
    };
    emit();
    return {
      advance: (bytes) => {
        doneBytes += bytes;
        if (!finished && Date.now() - shownAt >= PROGRESS_INTERVAL_MS) emit();
      },
      finish: () => {
        if (finished) return;
        finished = true;
        emit();
      },
    };
  }
}
