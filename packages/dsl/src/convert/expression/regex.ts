// Regular expressions of RE2 as JavaScript literals, where both mean the same.

/** What the literal is for. */
export interface RegexUse {
  readonly flags?: string | undefined;
  /** False where a match of nothing would count: JavaScript and Go go on differently behind one. */
  readonly mayBeEmpty: boolean;
}

/** A regular expression literal for a pattern of RE2; undefined where the two might differ. */
export function regularExpression(pattern: string, { flags = "", mayBeEmpty }: RegexUse): string | undefined {
  const leading = /^\(\?i\)/.exec(pattern);
  const body = leading === null ? pattern : pattern.slice(4);
  const used = leading === null ? flags : `${flags}i`;
  // Folding of case differs outside of ASCII; named groups, flags and classes have another syntax.
  if (!/^[\x20-\x7e]*$/.test(body) || body === "" || /\(\?[^:]|\[\[:|\\[^dwDWbBnrtfv.\\/+*?()[\]{}|^$-]/.test(body)) return undefined;
  // A literal with these would be read as a comment or a string by what moves code around.
  if (/["'`]/.test(body)) return undefined;
  if (!mayBeEmpty && /[*?|]|\{0|\{,|^\^?\$?$/.test(withoutClasses(body))) return undefined;
  const source = escapeSlashes(body);
  if (/\/\/|\/\*/.test(source)) return undefined;
  try {
    new RegExp(source, used);
  } catch {
    return undefined;
  }
  return `/${source}/${used}`;
}

// --- internal ---

/** The pattern with its classes as one letter each: their characters are no operators. */
function withoutClasses(body: string): string {
  return body.replace(/\\./g, "a").replace(/\[[^\]]+\]/g, "a");
}

function escapeSlashes(body: string): string {
  return body.replace(/\\.|\//gs, (found) => (found === "/" ? "\\/" : found));
}
