// Shell patterns as Go's path/filepath reads them (documentation of filepath.Match): `*` and `?` stop at a slash, `[a-z]` and
// `[^a-z]` are classes, a backslash takes the next character as it is. There is no `**`.

/** True if `pattern` has anything but plain characters. */
export function hasGoMeta(pattern: string): boolean {
  return /[*?[\\]/.test(pattern);
}

/** The pattern as a regular expression for a whole name, or undefined when it is malformed. */
export function compileGoPattern(pattern: string): RegExp | undefined {
  let source = "";
  let at = 0;
  while (at < pattern.length) {
    const character = characterAt(pattern, at);
    at += character.length;
    if (character === "*") source += "[^/]*";
    else if (character === "?") source += "[^/]";
    else if (character === "[") {
      const set = readClass(pattern, at);
      if (set === undefined) return undefined;
      source += set.source;
      at = set.end;
    } else if (character === "\\") {
      const escaped = characterAt(pattern, at);
      if (escaped === "") return undefined;
      source += quote(escaped);
      at += escaped.length;
    } else source += quote(character);
  }
  return new RegExp(`^${source}$`, "su");
}

/** A class from behind its bracket to behind the closing one. */
function readClass(pattern: string, start: number): { readonly source: string; readonly end: number } | undefined {
  let at = start;
  const negated = pattern[at] === "^";
  if (negated) at++;
  let ranges = "";
  while (pattern[at] !== "]" || ranges === "") {
    const low = readMember(pattern, at);
    if (low === undefined) return undefined;
    at = low.end;
    if (pattern[at] !== "-") {
      ranges += quoteInClass(low.character);
      continue;
    }
    const high = readMember(pattern, at + 1);
    if (high === undefined) return undefined;
    at = high.end;
    // Go takes a range that runs backwards and finds nothing in it.
    ranges += low.character <= high.character ? `${quoteInClass(low.character)}-${quoteInClass(high.character)}` : "(?!)";
  }
  // A backward range cannot stand inside a JavaScript class.
  const kept = ranges.replaceAll("(?!)", "");
  if (kept === "") return { source: negated ? "." : "(?!)", end: at + 1 };
  return { source: `[${negated ? "^" : ""}${kept}]`, end: at + 1 };
}

function readMember(pattern: string, start: number): { readonly character: string; readonly end: number } | undefined {
  const first = characterAt(pattern, start);
  if (first === "" || first === "-" || first === "]") return undefined;
  if (first !== "\\") return { character: first, end: start + first.length };
  const escaped = characterAt(pattern, start + 1);
  return escaped === "" ? undefined : { character: escaped, end: start + 1 + escaped.length };
}

/** The whole character at a place, which may be two units long. */
function characterAt(text: string, at: number): string {
  const point = text.codePointAt(at);
  return point === undefined ? "" : String.fromCodePoint(point);
}

function quote(character: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character;
}

function quoteInClass(character: string): string {
  return character === "-" ? "\\-" : quote(character);
}
