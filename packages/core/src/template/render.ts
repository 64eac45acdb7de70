import type { TemplateContext } from "./context.ts";

/** Renders a Go template string. Throws `TemplateError` when it cannot be parsed or rendered. */
export function renderTemplate(text: string, _context: TemplateContext): string {
  return text;
}
