import { type Diagnostic, type EventBody, MachineReadablePrinter, ndjsonLine, renderDiagnostics } from "@tspack/core";
import type { Host } from "../command.ts";
import { isColored, type OutputChoice } from "./choose.ts";

/** Prints problems and remarks of a command that runs nothing, in the form the command line asks for. */
export interface DiagnosticPrinter {
  diagnostics(diagnostics: readonly Diagnostic[]): void;
  note(text: string): void;
}

export function diagnosticPrinter(host: Host, choice: Pick<OutputChoice, "color" | "isJson">): DiagnosticPrinter {
  const records = new MachineReadablePrinter();
  const event = (body: EventBody): void => {
    const header = { time: Date.now(), sequence: 0, phase: "prepare" } as const;
    const full = { ...header, ...body };
    for (const line of host.isMachineReadable ? records.lines(full) : [ndjsonLine(full)]) host.stdout.line(line);
  };
  if (host.isMachineReadable || choice.isJson === true) {
    return {
      diagnostics: (diagnostics) => {
        for (const diagnostic of diagnostics) event({ kind: "diagnostic", diagnostic });
      },
      note: (text) => event({ kind: "say", text }),
    };
  }
  const width = host.stdout.isTty ? Math.min(100, host.stdout.width) : 80;
  return {
    diagnostics: (diagnostics) => host.stdout.write(renderDiagnostics(diagnostics, { color: isColored(host, choice), width })),
    note: (text) => host.stdout.line(text),
  };
}
