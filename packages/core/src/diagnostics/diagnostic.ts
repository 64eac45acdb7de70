import type { ErrorCode } from "./codes.ts";
import type { PathSegment, SourceRange } from "./range.ts";

/**
 * One thing that is wrong (or doubtful) in what the user wrote. Data only: collected, shown together, printed by `render.ts`.
 * Follows the shape of HCL's diagnostics, which Packer's users know.
 */
export interface Diagnostic {
  readonly severity: "error" | "warning";
  readonly code: ErrorCode;
  /** A few words, no values, no period: `Unsupported argument`. */
  readonly summary: string;
  /** Full sentences: what is wrong with this value. Never holds a secret. */
  readonly detail?: string | undefined;
  /** The next thing to do: `Did you mean "iso_checksum"?` */
  readonly hint?: string | undefined;
  /** The exact place to mark. */
  readonly subject?: SourceRange | undefined;
  /** The wider stretch to show around `subject`. */
  readonly context?: SourceRange | undefined;
  /** Says what the place is: `in source("qemu", "debian")`. */
  readonly where?: string | undefined;
  /** The option's place inside its component's configuration, when there is no text to point at (or until it is located). */
  readonly path?: readonly PathSegment[] | undefined;
  /**
   * The source lines around `subject`, when the file was at hand. Travels with the diagnostic, so that whoever prints it needs no
   * file, and secrets are removed from it as from everything else.
   */
  readonly excerpt?: SourceExcerpt | undefined;
  readonly related?: readonly { readonly at: SourceRange; readonly message: string }[] | undefined;
}

/** Some consecutive lines of a source file. */
export interface SourceExcerpt {
  /** Number of the first line, from 1. */
  readonly firstLine: number;
  readonly lines: readonly string[];
}

/** True if any of the diagnostics is an error. */
export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === "error");
}
