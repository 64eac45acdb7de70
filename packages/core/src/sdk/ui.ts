/**
 * How a component talks to the user. Every call becomes an event of the run; nothing here writes to a terminal.
 *
 * Contract: all methods may be called at any time and from concurrent tasks of the component; calls of one component keep
 * their order. Only `ask` waits. Text is redacted by the engine, so a component need not hide secrets that core knows; it tells those
 * that it came to know by itself with `secret`.
 */
export interface Ui {
  /** A line (or lines) about what is going on. */
  say(text: string): void;
  /** The same for something that went wrong. Does not fail the build; throw for that. */
  error(text: string): void;
  /** What a command of the user's printed (row OUT-06): a line, or several with line feeds between them, without the last line end. */
  output(stream: "stdout" | "stderr", text: string): void;
  /** A machine-readable record (row MR-14). */
  machine(type: string, ...data: readonly string[]): void;
  /** For the log alone (`PACKER_LOG`). */
  log(level: "debug" | "info" | "warn" | "error", text: string): void;
  /** Asks and waits for a line. Throws `TPK6010` where nobody can answer, and on abort of `signal`. */
  ask(question: string, options: { readonly signal: AbortSignal; readonly choices?: readonly string[] }): Promise<string>;
  /** Hides a text in everything the run shows from now on: call it before anything may print it (row SEC-03). An empty text is ignored. */
  secret(text: string): void;
  /** Announces work whose size is known or not; the caller must call `finish`. */
  progress(label: string, totalBytes?: number): Progress;
}

/** One piece of long work. */
export interface Progress {
  /** Adds to what is done. Cheap: the engine thins events out. */
  advance(bytes: number): void;
  finish(): void;
}
