import type { RunEvent } from "./event.ts";

export interface PlainOptions {
  readonly color?: boolean | undefined;
  /** Prefix build lines with an RFC 3339 local time (row OUT-11). */
  readonly timestamps?: boolean | undefined;
}

/** Packer's plain output (rows OUT-01..13). All lines go to standard output. Feed it every event, in order. */
export class PlainPrinter {
  constructor(_options: PlainOptions = {}) {}

  /** The lines to print for an event, without line ends. */
  lines(_event: RunEvent): readonly string[] {
    return [];
  }
}
