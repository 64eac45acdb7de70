import type { RunEvent } from "./event.ts";

/** Packer's `-machine-readable` output (rows MR-01..10, 14). Feed it every event, in order. */
export class MachineReadablePrinter {
  /** The records to print for an event, without line ends. */
  lines(_event: RunEvent): readonly string[] {
    return [];
  }
}
