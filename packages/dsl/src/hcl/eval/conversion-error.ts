import type { PathSegment } from "@tspack/core";

/** A value cannot become what is needed. The message says at which place inside the value, and never shows the value itself. */
export class ConversionError extends Error {
  /** What is wrong, without the place. A sentence without its period. */
  readonly problem: string;
  /** Where inside the value. */
  readonly path: readonly PathSegment[];

  constructor(problem: string, path: readonly PathSegment[] = []) {
    super(path.length === 0 ? problem : `${placeText(path)}: ${problem}`);
    this.name = "ConversionError";
    this.problem = problem;
    this.path = path;
  }
}

/** Runs a conversion of a part, and adds the part's place to its error. */
export function within<T>(segment: PathSegment, convertPart: () => T): T {
  try {
    return convertPart();
  } catch (error) {
    throw error instanceof ConversionError ? new ConversionError(error.problem, [segment, ...error.path]) : error;
  }
}

// --- internal ---

function placeText(path: readonly PathSegment[]): string {
  return path.map((segment) => (typeof segment === "number" ? `element ${segment}` : `attribute "${segment}"`)).join(", ");
}
