import { type Diagnostic, didYouMean, errorCodes, errorText, isCancellation, renderDiagnostics, TspackError } from "@tspack/core";
import { UsageError } from "./argv.ts";
import type { Host } from "./command.ts";
import { isColored } from "./display/choose.ts";

/**
 * Prints what ended a command early, under what its code means unless there is a better summary. Start-up failures go to standard error
 * (row OUT-01).
 */
export async function reportError(error: unknown, host: Host, summary?: string): Promise<void> {
  const diagnostics = toDiagnostics(error, summary);
  if (diagnostics.length > 0) {
    host.stderr.write(renderDiagnostics(diagnostics, { color: host.stderr.isTty && isColored(host, {}), width: host.stderr.width }));
  }
  if (diagnostics.some((diagnostic) => diagnostic.code === "TPK9001")) {
    host.stderr.line(error instanceof Error ? (error.stack ?? error.message) : String(error));
    host.stderr.line("This is a fault in tspack, not in your program. Please report it with the lines above.");
  }
}

function toDiagnostics(error: unknown, summary: string | undefined): readonly Diagnostic[] {
  if (error instanceof UsageError) {
    const suggestion = error.unknown === undefined ? undefined : didYouMean(error.unknown.word, error.unknown.candidates);
    return [
      {
        severity: "error",
        code: "TPK8001",
        summary: "Wrong command line",
        detail: sentence(error.message),
        hint: suggestion ?? error.hint,
      },
    ];
  }
  if (isCancellation(error)) {
    return [{ severity: "error", code: "TPK6009", summary: "Cancelled", detail: sentence(errorText(error)) }];
  }
  if (TspackError.is(error)) {
    if (error.diagnostics.length > 0) return error.diagnostics;
    const meaning = errorCodes[error.code].replace(/\.$/, "");
    return [{ severity: "error", code: error.code, summary: summary ?? meaning, detail: sentence(errorText(error)), hint: error.hint }];
  }
  return [{ severity: "error", code: "TPK9001", summary: "Internal error", detail: sentence(errorText(error)) }];
}

function sentence(text: string): string {
  // A word, not the name of a file or an option, nor a URL.
  const capitalized = text.replace(/^[a-z](?=[a-z]*(?:[ ,]|: ))/, (letter) => letter.toUpperCase());
  return `${capitalized}${/[.?:]$/.test(text) ? "" : "."}`;
}
