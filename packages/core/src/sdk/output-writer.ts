import { LineWriter } from "./line-writer.ts";
import type { Ui } from "./ui.ts";

/** Shows what is written to it as output of a command (row OUT-06). Call `flush` when the command has ended. */
export function outputWriter(ui: Ui, stream: "stdout" | "stderr"): LineWriter {
  return new LineWriter((text) => ui.output(stream, text), { isJoined: true });
}
