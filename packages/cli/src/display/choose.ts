import { type EventListener, MachineReadablePrinter, ndjsonLine, PlainPrinter, type RunEvent } from "@tspack/core";
import type { Host } from "../command.ts";
import { type Display, lineDisplay } from "./display.ts";

/** What the command line says about output. */
export interface OutputChoice {
  readonly isJson?: boolean | undefined;
  readonly color?: boolean | undefined;
  readonly hasTimestamps?: boolean | undefined;
  /** Plain lines even on a terminal. */
  readonly isPlain?: boolean | undefined;
}

/** Colours are asked for, or nobody objects and there is a terminal (rows FLG-06, OUT-05, ENV-07). */
export function isColored(host: Host, choice: Pick<OutputChoice, "color" | "isJson">): boolean {
  if (host.isMachineReadable || choice.isJson === true || choice.color === false) return false;
  if (isSet(host.environment.PACKER_NO_COLOR)) return false;
  if (choice.color === true) return true;
  return host.stdout.isTty && !isSet(host.environment.NO_COLOR) && host.environment.TERM !== "dumb";
}

/** True where a picture can be redrawn: a terminal that somebody watches, and that knows its size, as those of `script` and some CI systems do not. */
function canDraw(host: Host, choice: OutputChoice): boolean {
  if (!host.stdout.hasSize || choice.isPlain === true || choice.hasTimestamps === true) return false;
  const { CI, TERM } = host.environment;
  return !(isSet(CI) && CI !== "false") && TERM !== "dumb";
}

/** The display for this command line and this terminal. Close it when the run has ended. */
export async function chooseDisplay(host: Host, choice: OutputChoice): Promise<Display> {
  if (host.isMachineReadable) {
    const printer = new MachineReadablePrinter();
    return lines(host, (event) => printer.lines(event));
  }
  if (choice.isJson === true) return lines(host, (event) => [ndjsonLine(event)]);
  if (canDraw(host, choice)) {
    const { TreeDisplay } = await import("./tree.ts");
    return TreeDisplay.open(host, { isColored: isColored(host, choice) });
  }
  const printer = new PlainPrinter({ color: isColored(host, choice), timestamps: choice.hasTimestamps });
  return lines(host, (event) => printer.lines(event));
}

function lines(host: Host, print: (event: RunEvent) => readonly string[]): Display {
  const onEvent: EventListener = (event) => {
    for (const line of print(event)) host.stdout.line(line);
  };
  return lineDisplay(onEvent);
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "";
}
