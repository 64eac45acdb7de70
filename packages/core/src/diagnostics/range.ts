/** A place in a source file. Line and column count from 1; a column is one UTF-16 unit unless a front end counts graphemes. */
export interface SourcePosition {
  readonly line: number;
  readonly column: number;
  /** Offset in bytes from the start of the file, where the front end knows it. */
  readonly byte?: number | undefined;
}

/** A stretch of a source file; `end` is exclusive. */
export interface SourceRange {
  /** Path as the user would write it: relative to the working directory where that is shorter. */
  readonly file: string;
  readonly start: SourcePosition;
  readonly end: SourcePosition;
}

/** One step into a configuration: an option's name or a list index. */
export type PathSegment = string | number;

/** Prints a configuration path as a user writes it: `builds[0].iso_url`. */
export function formatPath(path: readonly PathSegment[]): string {
  let text = "";
  for (const segment of path) {
    if (typeof segment === "number") text += `[${segment}]`;
    else if (/^[A-Za-z_$][\w$-]*$/.test(segment)) text += text === "" ? segment : `.${segment}`;
    else text += `[${JSON.stringify(segment)}]`;
  }
  return text;
}
