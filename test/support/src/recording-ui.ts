import type { Progress, Ui } from "../../../packages/core/src/sdk/index.ts";

/** A Ui that keeps what it was told, for tests of components on their own. */
export class RecordingUi implements Ui {
  readonly lines: string[] = [];
  readonly #answers: string[];

  /** `answers` are given to questions in order; a question without one rejects. */
  constructor(answers: readonly string[] = []) {
    this.#answers = [...answers];
  }

  /** Everything said, one line each, as `say: …`, `error: …`, `stdout: …`, `machine: …`. */
  get text(): string {
    return this.lines.join("\n");
  }
  say(text: string): void {
    this.lines.push(`say: ${text}`);
  }
  error(text: string): void {
    this.lines.push(`error: ${text}`);
  }
  output(stream: "stdout" | "stderr", line: string): void {
    this.lines.push(`${stream}: ${line}`);
  }
  machine(type: string, ...data: readonly string[]): void {
    this.lines.push(`machine: ${[type, ...data].join(",")}`);
  }
  log(): void {}
  async ask(question: string): Promise<string> {
    this.lines.push(`ask: ${question}`);
    const answer = this.#answers.shift();
    if (answer === undefined) throw new Error("nobody is there to answer");
    return answer;
  }
  secret(text: string): void {
    this.lines.push(`secret: ${text}`);
  }
  progress(_label: string, _totalBytes?: number): Progress {
    return { advance() {}, finish() {} };
  }
}
