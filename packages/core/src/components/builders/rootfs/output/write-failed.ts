import { BuildError, isCancellation, TspackError } from "../../../../diagnostics/error.ts";

/** The error for a write that did not work (TPK6011); errors of ours and cancellations stay what they are. */
export function writeFailed(path: string, cause: unknown): unknown {
  if (TspackError.is(cause) || isCancellation(cause)) return cause;
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new BuildError(`could not write ${path}: the disk is full`, {
      code: "TPK6011",
      cause,
      hint: "Make room, or choose a path on another disk; temporary files are in the folder that TMPDIR names.",
    });
  }
  return new BuildError(`could not write ${path}`, { code: "TPK6011", cause });
}
