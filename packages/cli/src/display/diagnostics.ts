import { type Diagnostic, type EventBody, MachineReadablePrinter, ndjsonLine, renderDiagnostics } from "@tspack/core";
import type { Host } from "../command.ts";
import { isColored, type OutputChoice } from "./choose.ts";
import type { LogConsumer } from "./log.ts";

/** Prints problems and remarks of a command that runs nothing, in the form the command line asks for. */
export interface DiagnosticPrinter {
  diagnostics(diagnostics: readonly Diagnostic[]): void;
  note(text: string): void;
}

/** Everything goes to the log too. */
export function diagnosticPrinter(
  host: Host,
  choice: Pick<OutputChoice, "color" | "isJson">,
  log: LogConsumer | undefined,
): DiagnosticPrinter {
  const records = new MachineReadablePrinter();
  const isForPeople = !host.isMachineReadable && choice.isJson !== true;
  const event = (body: EventBody): void => {
    const full = { time: Date.now(), sequence: 0, phase: "prepare", ...body } as const;
    log?.onEvent(full);
    if (isForPeople) return;
    for (const line of host.isMachineReadable ? records.lines(full) : [ndjsonLine(full)]) host.stdout.line(line);
  };
  const width = host.stdout.isTty ? Math.min(100, host.stdout.width) : 80;
  return {
    diagnostics: (diagnostics) => {
      for (const diagnostic of diagnostics) event({ kind: "diagnostic", diagnostic });
      if (isForPeople) host.stdout.write(renderDiagnostics(diagnostics, { color: isColored(host, choice), width }));
    },
    note: (text) => {
      event({ kind: "say", text });
      if (isForPeople) host.stdout.line(text);
    },
  };
}
