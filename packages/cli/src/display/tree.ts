// The live tree. listr2 paints it (cursor, redraw, stray output of the process); what is painted is our own picture, since
// listr2's lists every task and floods the terminal with many builds.
import { relative } from "node:path";
import { type Diagnostic, type RunEvent, renderDiagnostics } from "@tspack/core";
import { DefaultRenderer, ListrEventManager, ListrLogger, ProcessOutput, Spinner } from "listr2";
import type { Host } from "../command.ts";
import type { Display } from "./display.ts";
import { runSummary } from "./summary.ts";
import { type Palette, palette, plainText } from "./terminal-text.ts";
import { treeFrame } from "./tree-frame.ts";
import { TreeState } from "./tree-state.ts";

/** Lines of output that are shown with a question: with that of -on-error=ask they are what failed, and what the machine showed. */
const questionContext = 15;

/** listr2's painter with another picture. */
class Painter extends DefaultRenderer {
  #frame: () => string = () => "";

  static make(frame: () => string, spinner: Spinner): Painter {
    const logger = new ListrLogger({ processOutput: new ProcessOutput() });
    const painter = new Painter([], { spinner, logger, clearOutput: true }, new ListrEventManager());
    painter.#frame = frame;
    return painter;
  }
  override create(): string {
    return this.#frame();
  }
}

/** Shows a run as a tree of builds and steps that is redrawn in place. For terminals only. */
export class TreeDisplay implements Display {
  readonly #host: Host;
  readonly #state = new TreeState();
  readonly #palette: Palette;
  readonly #isColored: boolean;
  readonly #painter: Painter;
  #isPainting = false;
  /** Changes of who has the terminal, one after the other: listr2's painter starts asynchronously. */
  #turns: Promise<void> = Promise.resolve();

  private constructor(host: Host, isColored: boolean) {
    this.#host = host;
    this.#isColored = isColored;
    this.#palette = palette(isColored);
    const spinner = new Spinner();
    this.#painter = Painter.make(() => this.#frame(spinner.fetch()), spinner);
  }

  /** Draws nothing before the run has started. */
  static open(host: Host, options: { readonly isColored: boolean }): TreeDisplay {
    return new TreeDisplay(host, options.isColored);
  }

  readonly onEvent = (event: RunEvent): void => {
    this.#state.apply(event);
    if (event.kind === "run-started") this.#resume();
    else if (event.kind === "diagnostic") this.#printAbove(this.#diagnosticText(event.diagnostic));
    else if (event.kind === "question") this.#printAbove(this.#questionText(event));
    else if (event.kind === "say" && event.phase === "load") this.#printAbove(`${event.text}\n`);
  };

  pause<T>(body: () => Promise<T>): Promise<T> {
    const isPainting = this.#isPainting;
    this.#suspend();
    const result = this.#turns.then(body);
    this.#turns = result.then(
      () => undefined,
      () => undefined,
    );
    if (isPainting) this.#resume();
    return result;
  }

  async close(): Promise<void> {
    this.#suspend();
    await this.#turns;
    if (this.#state.outcome === undefined) return;
    const { stdout, workingDirectory } = this.#host;
    stdout.write(runSummary(this.#state, { palette: this.#palette, width: stdout.width, logs: this.#logs(), workingDirectory }));
  }

  #resume(): void {
    this.#isPainting = true;
    this.#turns = this.#turns.then(() => this.#painter.render());
  }

  #suspend(): void {
    if (!this.#isPainting) return;
    this.#isPainting = false;
    this.#turns = this.#turns.then(() => this.#painter.end());
  }

  #printAbove(text: string): void {
    const isPainting = this.#isPainting;
    this.#suspend();
    this.#turns = this.#turns.then(() => this.#host.stdout.write(text));
    if (isPainting) this.#resume();
  }

  #frame(spinner: string): string {
    const { width, height } = this.#host.stdout;
    const logs = this.#logs();
    return treeFrame(this.#state, { width, height, now: Date.now(), spinner, palette: this.#palette, logs }).join("\n");
  }

  #diagnosticText(diagnostic: Diagnostic): string {
    return `${renderDiagnostics([diagnostic], { color: this.#isColored, width: Math.min(100, this.#host.stdout.width) })}\n`;
  }

  /** The question below what its build has printed last, since the tree is not there meanwhile. */
  #questionText({ build, text, choices }: RunEvent & { readonly kind: "question" }): string {
    const state = build === undefined ? undefined : this.#state.builds.get(build);
    const context = state?.tail.slice(-questionContext) ?? [];
    const from = build === undefined ? "" : `==> ${build}: `;
    return [
      ...context.map((line) => this.#palette.dim(`${from}${plainText(line)}`)),
      `${this.#palette.yellow(from + text)}${choices === undefined ? "" : ` (${choices.join(", ")})`}`,
      "",
    ].join("\n");
  }

  /** The run's folder as a user here would write it. */
  #logs(): string | undefined {
    const { runDirectory } = this.#state;
    if (runDirectory === undefined) return undefined;
    const path = relative(this.#host.workingDirectory, runDirectory);
    return path.startsWith("..") ? runDirectory : path;
  }
}
