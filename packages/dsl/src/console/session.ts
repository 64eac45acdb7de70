import type { Diagnostic } from "@tspack/core";

/** What the console answers to a line. */
export interface ConsoleAnswer {
  /** The value as it is printed, without a line end; undefined when there are errors. Secrets are hidden. */
  readonly text: string | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Evaluates lines in the scope of one program (rows DET-08 to DET-11). Nothing has to be closed. */
export interface ConsoleSession {
  /** What was wrong with the program; with errors among them, lines are answered as far as can be. */
  readonly diagnostics: readonly Diagnostic[];
  /** In which language lines are: an expression of HCL, or text with Go template calls. */
  readonly language: "hcl" | "template";
  /** Evaluates a line. Rejects only for faults of ours. */
  evaluate(line: string): Promise<ConsoleAnswer>;
  /** The variables with their values, a line each (the command `variables`). */
  variables(): string;
  /** Names that may stand at the end of the line, and how much of the line they replace. */
  complete(line: string): readonly [candidates: readonly string[], replaced: string];
}
