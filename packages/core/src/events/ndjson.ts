import type { RunEvent } from "./event.ts";

/** One event as one line of JSON, without its line end (`--json`, `events.ndjson`). Schema: docs/events.schema.json. */
export function ndjsonLine(event: RunEvent): string {
  // Legal inside JSON, but some readers split lines at these.
  return JSON.stringify(event).replace(/[\u0085\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
