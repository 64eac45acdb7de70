import { test } from "uvu";
import { type SeenByUser, uiConformance } from "../../../../test/support/src/index.ts";
import { Questions } from "../../src/engine/questions.ts";
import { EventBus } from "../../src/events/bus.ts";
import type { RunEvent } from "../../src/events/event.ts";
import { Redactor } from "../../src/events/redact.ts";
import { EventUi } from "../../src/events/ui.ts";

uiConformance(test, async ({ answer }) => {
  const bus = new EventBus(new Redactor());
  const seen: SeenByUser[] = [];
  bus.listen((event) => seen.push(...asSeen(event)));
  const questions = new Questions(bus, answer === undefined ? undefined : ({ text }) => answer(text), new AbortController().signal);
  const ui = new EventUi(bus, { build: "web" }, (text, source, options) => questions.ask(text, source, options));
  return { ui, seen: async () => seen, close: async () => bus.end() };
});

function asSeen(event: RunEvent): SeenByUser[] {
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

test.run();
