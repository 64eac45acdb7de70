import { BuildError } from "../../diagnostics/error.ts";

/** Throws TPK6006 for an exit code that is not allowed (row SHC-04). */
export function requireAllowedExit(script: string, exitCode: number, validExitCodes: readonly number[]): void {
  const allowed = validExitCodes.length === 0 ? [0] : validExitCodes;
  if (allowed.includes(exitCode)) return;
  throw new BuildError(`${script} exited with code ${exitCode}; allowed ${allowed.length === 1 ? "is" : "are"} ${allowed.join(", ")}`, {
    code: "TPK6006",
  });
}
