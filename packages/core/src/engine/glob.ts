// Globs as Packer's filters understand them (row SEL-01): `*` and `?` cross dots, `[a-z]`, `[!a-z]`, `{a,b}`, `\` escapes.

const compiled = new Map<string, RegExp | undefined>();
const COMPILED_LIMIT = 1000;

/** The pattern as a regular expression, or undefined when it cannot be read (a bracket that is not closed). */
export function globPattern(pattern: string): RegExp | undefined {
  if (compiled.has(pattern)) return compiled.get(pattern);
  if (compiled.size >= COMPILED_LIMIT) compiled.clear();
  const source = translate(pattern);
  let expression: RegExp | undefined;
  try {
    expression = source === undefined ? undefined : new RegExp(`^${source}$`, "su");
  } catch {
    // A class such as [z-a].
    expression = undefined;
  }
  compiled.set(pattern, expression);
  return expression;
}

/** True if the name matches; a pattern that cannot be read matches nothing, and neither does a missing name. */
export function matchesGlob(pattern: string, name: string | undefined): boolean {
  return name !== undefined && (globPattern(pattern)?.test(name) ?? false);
}

function translate(pattern: string): string | undefined {
  let source = "";
  let depth = 0;
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern.charAt(index);
    if (character === "*") {
      while (pattern[index + 1] === "*") index++;
      source += ".*";
    } else if (character === "?") source += ".";
    else if (character === "{") {
      depth++;
      source += "(?:";
    } else if (character === "}" && depth > 0) {
      depth--;
      source += ")";
    } else if (character === "," && depth > 0) source += "|";
    else if (character === "[") {
      const end = pattern.indexOf("]", index + 2);
      if (end === -1) return undefined;
      const inside = pattern.slice(index + 1, end);
      const negated = inside.startsWith("!") || inside.startsWith("^");
      source += `[${negated ? "^" : ""}${(negated ? inside.slice(1) : inside).replace(/[\\\]^[&~|]/g, "\\$&")}]`;
      index = end;
    } else if (character === "\\") {
      if (index + 1 === pattern.length) return undefined;
      source += escapeCharacter(pattern.charAt(++index));
    } else source += escapeCharacter(character);
  }
  return depth === 0 ? source : undefined;
}

function escapeCharacter(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
