import { test } from "uvu";
import { type SeenByUser, uiConformance } from "../../../../test/support/src/index.ts";
import { Questions } from "../../src/engine/questions.ts";
import { EventBus } from "../../src/events/bus.ts";
import { Redactor } from "../../src/events/redact.ts";
import { EventUi } from "../../src/events/ui.ts";
import { asSeen } from "./seen.ts";

uiConformance(test, async ({ answer }) => {
  const bus = new EventBus(new Redactor());
  const seen: SeenByUser[] = [];
  bus.listen((event) => seen.push(...asSeen(event)));
  const questions = new Questions(bus, answer === undefined ? undefined : ({ text }) => answer(text), new AbortController().signal);
  const ui = new EventUi(bus, { build: "web" }, (text, source, options) => questions.ask(text, source, options));
  return { ui, seen: async () => seen, close: async () => bus.end() };
});

test.run();
