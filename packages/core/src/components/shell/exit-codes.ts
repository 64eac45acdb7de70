import { BuildError } from "../../diagnostics/error.ts";

/** What an exit code that is not the script's own tells. */
export type ExitHints = { readonly [exitCode: number]: string };

/** Throws TPK6006 for an exit code that is not allowed (row SHC-04). */
export function requireAllowedExit(script: string, exitCode: number, validExitCodes: readonly number[], hints = posixHints): void {
  const allowed = validExitCodes.length === 0 ? [0] : validExitCodes;
  if (allowed.includes(exitCode)) return;
  throw new BuildError(`${script} exited with code ${exitCode}; allowed ${allowed.length === 1 ? "is" : "are"} ${allowed.join(", ")}`, {
    code: "TPK6006",
    hint: hints[exitCode],
  });
}

/** What POSIX shells mean by the codes that are not the script's own (XCU §2.8.2). */
const posixHints: ExitHints = {
  126: "Code 126 means that the script was found and could not be executed. Is its interpreter (#!) there, and does the machine have chmod?",
  127: "Code 127 means that a command was not found; the output above names it.",
};
