// What a conversion gives: the files, and the report about them.
import type { Diagnostic } from "@tspack/core";

/** A file of the converted program. */
export interface ConvertedFile {
  /** Relative to the folder of the program: `image.ts`, `variables.ts`. */
  readonly name: string;
  readonly text: string;
}

export interface ConversionReport {
  /** The files that were read, as the user would write them. */
  readonly templates: readonly string[];
  readonly linesIn: number;
  readonly linesOut: number;
  /** What reads differently from the template, in sentences. */
  readonly simplified: readonly string[];
  /** What the user should look at (TPK2401). */
  readonly attention: readonly Diagnostic[];
}

export interface Conversion {
  /** Empty when the template could not be read. */
  readonly files: readonly ConvertedFile[];
  readonly report: ConversionReport;
  /** What is wrong with the template, and what is in the report under `attention`. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Collects the report while a template is converted. */
export class Findings {
  readonly #simplified = new Set<string>();
  readonly #attention = new Map<string, Diagnostic>();

  simplified(sentence: string): void {
    this.#simplified.add(sentence);
  }

  attention(detail: string, rest: Pick<Diagnostic, "subject" | "hint"> = {}): void {
    const key = `${rest.subject?.file}:${rest.subject?.start.byte}:${detail}`;
    if (this.#attention.has(key)) return;
    this.#attention.set(key, { severity: "warning", code: "TPK2401", summary: "Not converted as it stands", detail, ...rest });
  }

  report(): Pick<ConversionReport, "simplified" | "attention"> {
    return { simplified: [...this.#simplified], attention: [...this.#attention.values()] };
  }
}

/** Number of lines of a text; a last line without its end counts. */
export function countLines(text: string): number {
  if (text === "") return 0;
  let count = text.endsWith("\n") ? 0 : 1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  return count;
}
