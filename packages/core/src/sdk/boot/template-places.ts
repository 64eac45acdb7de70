// Where the template strings of a boot command are, and which values they need.
import { didYouMean } from "../../diagnostics/suggest.ts";
import { TemplateError } from "../../template/context.ts";
import { type Token, tokenize } from "../../template/lexer.ts";

/** Stands for a template call whose value is not known yet: a code point that Unicode keeps out of text for uses like this. */
export const PLACEHOLDER = "\u{fdd1}";

/** The text with its template calls made unreadable and every other character at its place. The template has to be one that can be parsed. */
export function hideTemplates(text: string): string {
  if (!text.includes("{{")) return text;
  let hidden = "";
  let start = 0;
  for (const token of tokenize(text)) {
    if (token.kind === "open") {
      hidden += text.slice(hidden.length, token.at);
      start = token.at;
    } else if (token.kind === "close") {
      const end = token.at + (text.startsWith("}}", token.at) ? 2 : 4);
      hidden += PLACEHOLDER.repeat(end - start);
    }
  }
  return hidden + text.slice(hidden.length);
}

/**
 * Throws `TemplateError` when the template needs a value (`.Name`) that is none of `known`: as in Packer, a slip is not typed as
 * nothing. Templates that move the dot (`range`, `with`, `template`) are not looked into.
 */
export function requireFields(text: string, known: readonly string[]): void {
  if (!text.includes("{{")) return;
  const tokens = tokenize(text);
  if (tokens.some((token) => token.kind === "word" && movers.has(token.text))) return;
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== "field" || isPartOfValue(token, tokens[index - 1])) continue;
    const name = token.text.slice(1);
    if (known.includes(name)) continue;
    const hint = didYouMean(name, known) ?? (known.length > 0 ? `Known are ${known.join(", ")}.` : undefined);
    throw new TemplateError(`there is no value .${name}`, hint);
  }
}

// --- internal ---

const movers: ReadonlySet<string> = new Set(["range", "with", "define", "block", "template"]);

/** `.B` in `.A.B`, `$.B` and `(…).B`. */
function isPartOfValue(token: Token & { readonly spaceBefore: boolean }, before: Token | undefined): boolean {
  if (token.spaceBefore || before === undefined) return false;
  return before.kind === "field" || before.kind === "variable" || (before.kind === "symbol" && before.text === ")");
}
