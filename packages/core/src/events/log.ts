import type { RunEvent } from "./event.ts";

/** The lines of `PACKER_LOG` for an event (row TEL-07), without line ends. */
export function logLines(_event: RunEvent): readonly string[] {
  return [];
}
