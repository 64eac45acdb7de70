import { TemplateError } from "./context.ts";

/** An error at an offset of the text; the message names the place as `line:column`, both from 1. */
export function templateError(text: string, offset: number, message: string, hint?: string): TemplateError {
  const before = text.slice(0, offset);
  const line = before.split("\n").length;
  const column = offset - (before.lastIndexOf("\n") + 1) + 1;
  return new TemplateError(`${message} at ${line}:${column}`, hint);
}
