import type { Problem } from "./problem.ts";

/** A piece of text in quotes, its escapes resolved. What is wrong in it is reported, and left out. */
export function decodeQuoted(text: string, start: number, report: (problem: Problem) => void): string {
  if (!text.includes("\\")) return decodePlain(text);
  return text.replace(
    /\\(u[\da-fA-F]{0,4}|U[\da-fA-F]{0,8}|[\s\S])|\$\$\{|%%\{/gu,
    (written: string, name: string | undefined, at: number) => {
      if (name === undefined) return written.slice(1);
      const simple = simpleEscapes[name];
      if (simple !== undefined) return simple;
      if ((name[0] === "u" && name.length === 5) || (name[0] === "U" && name.length === 9))
        return fromCode(Number.parseInt(name.slice(1), 16));
      report(complaint(written, name, start + at));
      return "";
    },
  );
}

/** A piece of text of a heredoc or a file: only `$${` and `%%{` are escapes. */
export function decodePlain(text: string): string {
  return text.includes("$${") || text.includes("%%{") ? text.replace(/\$\$\{|%%\{/g, (written) => written.slice(1)) : text;
}

// --- internal ---

const simpleEscapes: { readonly [name: string]: string | undefined } = { n: "\n", r: "\r", t: "\t", '"': '"', "\\": "\\" };

/** What is no character (a half of a pair, or beyond the last) is the replacement character, as in the reference. */
function fromCode(code: number): string {
  return code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? "\ufffd" : String.fromCodePoint(code);
}

function complaint(written: string, name: string, at: number): Problem {
  const place = { summary: "Invalid escape sequence", start: at, end: at + written.length };
  if (name[0] === "u" || name[0] === "U") {
    return { ...place, detail: `After \\${name[0]} stand exactly ${name[0] === "u" ? 4 : 8} hexadecimal digits.` };
  }
  const detail = `"${written}" is no escape; there are \\n, \\r, \\t, \\", \\\\, \\uNNNN and \\UNNNNNNNN.`;
  if (name === "$" || name === "%") return { ...place, detail, hint: `For a literal "${name}{" write "${name}${name}{".` };
  return { ...place, detail, hint: `For a backslash write two: "\\\\${name}".` };
}
