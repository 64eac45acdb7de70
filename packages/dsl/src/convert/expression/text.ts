// Text as TypeScript literals: the form that reads best.

/** A string literal for a value: double quotes, single ones where they save escapes, `String.raw` where backslashes abound. */
export function quote(value: string): string {
  if ((value.match(/\\/g)?.length ?? 0) > 1 && isRaw(value) && !/["'\n]/.test(value)) return `String.raw\`${value}\``;
  const double = value.match(/"/g)?.length ?? 0;
  const single = value.match(/'/g)?.length ?? 0;
  const json = escapeLineSeparators(JSON.stringify(value));
  if (double <= single) return json;
  return `'${json.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

/** A template literal that holds the text with its line breaks as they are. */
export function multiLine(value: string): string {
  if ((value.match(/\\/g)?.length ?? 0) > 2 && isRaw(value)) return `String.raw\`${value}\``;
  return `\`${templateText(value)}\``;
}

/** Text for the inside of a template literal, between interpolations. */
export function templateText(value: string): string {
  return value
    .replaceAll("\\", "\\\\")
    .replaceAll("`", "\\`")
    .replaceAll("${", "\\${")
    .replace(/[\0-\x08\x0b-\x1f\x7f\u2028\u2029\ufeff]/g, (character) =>
      character === "\r" ? "\\r" : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
}

/** Text of a template literal on one line: line breaks and tabs as escapes. */
export function templateLine(value: string): string {
  return templateText(value).replaceAll("\n", "\\n").replaceAll("\t", "\\t");
}

/** The literal's value, when the text is one string literal as `quote` writes them; undefined otherwise. */
export function literalValue(text: string): string | undefined {
  if (text.startsWith('"')) {
    try {
      const value: unknown = JSON.parse(text);
      return typeof value === "string" ? value : undefined;
    } catch {
      return undefined;
    }
  }
  const single = /^'((?:[^'\\\n]|\\.)*)'$/.exec(text)?.[1];
  if (single !== undefined) return literalValue(`"${single.replaceAll("\\'", "'").replaceAll('"', '\\"')}"`);
  return /^String\.raw`([^`$]*)`$/.exec(text)?.[1];
}

/**
 * Indents all lines but the first by two blanks per level. Lines that begin inside a template literal are left as they are, since
 * their blanks are part of the value.
 */
export function indent(text: string, levels = 1): string {
  if (levels === 0 || !text.includes("\n")) return text;
  const blanks = "  ".repeat(levels);
  let result = "";
  let from = 0;
  for (const lineEnd of codeLineEnds(text)) {
    result += text.slice(from, lineEnd + 1);
    from = lineEnd + 1;
    if (text[from] !== "\n") result += blanks;
  }
  return result + text.slice(from);
}

// --- internal ---

/** True if `String.raw` can hold it. */
function isRaw(value: string): boolean {
  return !/[`\0-\x08\x0b-\x1f\x7f\u2028\u2029\ufeff]|\$\{|\\$/.test(value);
}

function escapeLineSeparators(literal: string): string {
  return literal
    .replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029")
    .replaceAll("\u007f", "\\u007f")
    .replaceAll("\ufeff", "\\ufeff");
}

/** Offsets of line ends that are not inside a template literal. Comments and strings are passed over. */
function* codeLineEnds(text: string): Generator<number> {
  // One entry per `${` that is open: how many braces are open in it.
  const interpolations: number[] = [];
  let inTemplate = false;
  for (let offset = 0; offset < text.length; offset++) {
    const character = text[offset];
    if (inTemplate) {
      if (character === "\\") offset++;
      else if (character === "`") inTemplate = false;
      else if (character === "$" && text[offset + 1] === "{") {
        interpolations.push(0);
        inTemplate = false;
        offset++;
      }
      continue;
    }
    switch (character) {
      case "\n":
        yield offset;
        break;
      case '"':
      case "'":
        offset = afterString(text, offset, character);
        break;
      case "`":
        // In String.raw a backslash escapes nothing, but `quote` uses it only where none stands before a backtick.
        inTemplate = true;
        break;
      case "/":
        if (text[offset + 1] === "/") {
          const end = text.indexOf("\n", offset);
          offset = (end < 0 ? text.length : end) - 1;
        } else if (text[offset + 1] === "*") {
          const end = text.indexOf("*/", offset + 2);
          offset = (end < 0 ? text.length : end + 2) - 1;
        }
        break;
      case "{": {
        const open = interpolations.pop();
        if (open !== undefined) interpolations.push(open + 1);
        break;
      }
      case "}": {
        const open = interpolations.pop();
        if (open === 0) inTemplate = true;
        else if (open !== undefined) interpolations.push(open - 1);
        break;
      }
    }
  }
}

function afterString(text: string, start: number, mark: string): number {
  for (let offset = start + 1; offset < text.length; offset++) {
    if (text[offset] === "\\") offset++;
    else if (text[offset] === mark) return offset;
  }
  return text.length;
}
