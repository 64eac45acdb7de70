import type { Progress, Ui } from "../ui.ts";

/** A piece of work as it was announced, and how far it got. */
export interface RecordedProgress {
  readonly label: string;
  readonly totalBytes: number | undefined;
  readonly bytes: number;
  readonly isFinished: boolean;
}

/** A Ui for tests that keeps what it was told. */
export class RecordingUi implements Ui {
  /** Everything but the log in order, one text each: `say: …`, `error: …`, `stdout: …`, `stderr: …`, `machine: …`, `ask: …`, `secret: …`. */
  readonly lines: string[] = [];
  readonly said: string[] = [];
  readonly errors: string[] = [];
  /** What commands printed, line by line, of both streams. */
  readonly printed: string[] = [];
  /** For the log alone, as `info: …`. */
  readonly logged: string[] = [];
  readonly progressed: RecordedProgress[] = [];
  readonly #answers: string[];

  /** `answers` are given to questions in order; a question without one rejects. */
  constructor(answers: readonly string[] = []) {
    this.#answers = [...answers];
  }

  /** `lines` as one text. */
  get text(): string {
    return this.lines.join("\n");
  }
  say(text: string): void {
    this.said.push(text);
    this.lines.push(`say: ${text}`);
  }
  error(text: string): void {
    this.errors.push(text);
    this.lines.push(`error: ${text}`);
  }
  output(stream: "stdout" | "stderr", text: string): void {
    for (const line of text.split("\n")) {
      this.printed.push(line);
      this.lines.push(`${stream}: ${line}`);
    }
  }
  machine(type: string, ...data: readonly string[]): void {
    this.lines.push(`machine: ${[type, ...data].join(",")}`);
  }
  log(level: "debug" | "info" | "warn" | "error", text: string): void {
    this.logged.push(`${level}: ${text}`);
  }
  async ask(question: string): Promise<string> {
    this.lines.push(`ask: ${question}`);
    const answer = this.#answers.shift();
    if (answer === undefined) throw new Error("nobody is there to answer");
    return answer;
  }
  secret(text: string): void {
    this.lines.push(`secret: ${text}`);
  }
  progress(label: string, totalBytes?: number): Progress {
    const recorded = { label, totalBytes, bytes: 0, isFinished: false };
    this.progressed.push(recorded);
    return {
      advance: (bytes) => {
        recorded.bytes += bytes;
      },
      finish: () => {
        recorded.isFinished = true;
      },
    };
  }
}
