// The end of a plugin's log, as a part of a message.

const HEADING = "The last lines of its log:";

/** A message with the last lines that a plugin logged. */
export function withTail(message: string, tail: readonly string[]): string {
  return tail.length === 0 ? message : `${message}\n${HEADING}\n${tail.map((line) => `  ${line}`).join("\n")}`;
}

/** The message alone, for places where the whole of it has been shown already. */
export function withoutTail(message: string): string {
  return message.replace(new RegExp(`\\n${HEADING}(?:\\n {2}.*)+`, "g"), "");
}
