import type { SeenByUser } from "../../../../test/support/src/index.ts";
import type { RunEvent } from "../../src/events/event.ts";

/** What of an event a test of a Ui looks at. */
export function asSeen(event: RunEvent): SeenByUser[] {
  switch (event.kind) {
    case "say":
    case "error":
    case "question":
      return [{ kind: event.kind, text: event.text }];
    case "output":
      return [{ kind: "output", stream: event.stream, text: event.text }];
    case "machine":
      return [{ kind: "machine", type: event.type, data: event.data }];
    case "log":
      return [{ kind: "log", level: event.level, text: event.text }];
    case "progress": {
      const { id, label, doneBytes, totalBytes, finished } = event;
      return [{ kind: "progress", id, label, doneBytes, totalBytes, finished }];
    }
    default:
      return [];
  }
}
