// Go template strings in configuration: the only door to this folder.
import { callsFor } from "./calls.ts";
import { type TemplateContext, TemplateError } from "./context.ts";
import { evaluate, LATE_DATA } from "./evaluate.ts";
import { parseTemplate } from "./parser.ts";

/**
 * Renders a Go template string once. Throws `TemplateError` when it cannot be parsed or rendered.
 *
 * While preparing, a text that needs a value of the running build (`{{.Host}}`, `` {{build `ID`}} ``) comes back as it is,
 * once all that can be checked has been: rendering it at run time, with `data`, then gives what one rendering gives.
 */
export function renderTemplate(text: string, context: TemplateContext): string {
  if (!text.includes("{{")) return text;
  const calls = callsFor(context);
  const template = parseTemplate(text, new Set(calls.keys()));
  const data = context.phase === "run" ? (context.data ?? {}) : LATE_DATA;
  return evaluate({ text, template, calls, data }) ?? text;
}

/** A value made by a template may hold a template again; Packer follows that to the end, we stop somewhere. */
const MOST_ROUNDS = 100;

/**
 * Renders until the text no longer changes, as Packer does for single values that a component renders itself, such as
 * `execute_command` and `inline` (but not for a configuration as a whole, which is rendered once). Unlike in Packer, braces
 * inside the values of `data` are text: a password that holds `{{` goes through unharmed.
 */
export function renderRepeatedly(text: string, context: TemplateContext): string {
  const data = Object.fromEntries(Object.entries(context.data ?? {}).map(([name, value]) => [name, hideBraces(value)]));
  let rendered = text;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const next = renderTemplate(rendered, { ...context, data });
    if (next === rendered) return showBraces(rendered);
    rendered = next;
  }
  throw new TemplateError(
    `the text still changes after ${MOST_ROUNDS} renderings`,
    "Does a value contain the template that it is used in?",
  );
}

/** Checks the syntax of a template string that is rendered later, and the names of the calls in it. */
export function checkTemplate(text: string, context: TemplateContext): void {
  if (text.includes("{{")) parseTemplate(text, new Set(callsFor(context).keys()));
}

// --- internal ---

/** Stands for two opening braces: a code point that Unicode keeps out of text for uses like this. */
const HIDDEN_BRACES = "\u{fdd0}";

function hideBraces(value: unknown): unknown {
  return typeof value === "string" ? value.replaceAll("{{", HIDDEN_BRACES) : value;
}

function showBraces(text: string): string {
  return text.replaceAll(HIDDEN_BRACES, "{{");
}
