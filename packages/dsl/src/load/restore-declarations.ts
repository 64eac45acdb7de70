// In a bundle esbuild declares every top-level name with `var`. A name that is used too early is then `undefined`, where JavaScript
// would throw; an option would be left out without a word. This puts `let` back where the user wrote `const`, `let` or `class`.
import { compileFunction } from "node:vm";
import { scanSource, type Token } from "./scan-source.ts";

/**
 * The bundle with `let` instead of `var` (which has the same length: no place moves) for the names that the sources declare that
 * way. If anything about the result is doubtful, the bundle as it was.
 */
export function restoreDeclarations(code: string, sources: readonly string[]): string {
  const names = new Set<string>();
  const patterns = sources.some((text) => /\b(?:const|let)\s*[{[]/.test(text));
  for (const text of sources)
    for (const [, name] of text.matchAll(/\b(?:const|let|class)\s+([\p{ID_Continue}$]+)/gu)) names.add(name ?? "");
  // These are merged with an earlier value of the same name, which `let` would forbid.
  for (const text of sources)
    for (const [, name] of text.matchAll(/\b(?:enum|namespace|module)\s+([\p{ID_Continue}$]+)/gu)) names.delete(name ?? "");

  const places: number[] = [];
  const seen = new Set<string>();
  let depth = 0;
  let declaration: Token | undefined;
  for (const token of scanSource(code)) {
    if (declaration !== undefined) {
      const { value } = token;
      const known = names.has(value) || names.has(value.replace(/\d+$/, ""));
      if (token.kind === "name" ? known && !seen.has(value) : patterns) places.push(declaration.start);
      seen.add(value);
      declaration = undefined;
    }
    if (token.kind === "mark") {
      if (/^[([{]$/.test(token.value)) depth++;
      else if (/^[)\]}]$/.test(token.value)) depth--;
    } else if (depth === 0 && token.kind === "name" && token.value === "var" && (token.start === 0 || code[token.start - 1] === "\n")) {
      declaration = token;
    }
  }
  if (depth !== 0 || places.length === 0) return code;
  const restored = replaceAt(code, places);
  return compiles(restored) ? restored : code;
}

function replaceAt(code: string, places: readonly number[]): string {
  let result = "";
  let from = 0;
  for (const place of places) {
    result += `${code.slice(from, place)}let`;
    from = place + "var".length;
  }
  return result + code.slice(from);
}

function compiles(code: string): boolean {
  try {
    compileFunction(`"use strict"; return (async () => {\n${code}\n})();`);
    return true;
  } catch {
    // For example two declarations of one name, which only `var` allows.
    return false;
  }
}
