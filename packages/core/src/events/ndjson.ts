import type { RunEvent } from "./event.ts";

/** One event as one line of JSON, without its line end (`--json`, `events.ndjson`). Schema: docs/events.schema.json. */
export function ndjsonLine(event: RunEvent): string {
  return JSON.stringify(event);
}
