// Pieces of HCL as text. The whole is laid out by `formatHcl` in the end, so nothing here indents.

/** Literal text as it stands between quotes in HCL: escapes, and no `${` or `%{` that would start something. */
export function escapeHcl(text: string): string {
  return JSON.stringify(text)
    .slice(1, -1)
    .replace(/\\[bf]/g, (written) => (written === "\\b" ? "\\u0008" : "\\u000c"))
    .replace(/[$%]\{/g, (start) => `${start[0]}${start}`);
}

/** A name as an attribute's or object's key: bare where HCL allows it. */
export function objectKey(name: string): string {
  return isIdentifier(name) ? name : `"${escapeHcl(name)}"`;
}

/** True for a name that may stand without quotes. */
export function isIdentifier(name: string): boolean {
  return /^[\p{ID_Start}_][\p{ID_Continue}-]*$/u.test(name);
}

/** The name as an identifier: what may not stand in one becomes an underscore. */
export function identifier(name: string): string {
  const text = name.trim().replace(/[^\p{ID_Continue}-]/gu, "_");
  return /^[\p{ID_Start}_]/u.test(text) ? text : `_${text}`;
}

/** A block: its head (`source "null" "a"`), and the lines between its braces. */
export function block(head: string, lines: readonly string[]): string {
  return lines.length === 0 ? `${head} {\n}` : `${head} {\n${lines.join("\n")}\n}`;
}

/** Text as lines of comment. */
export function comment(text: string): string {
  return text
    .split("\n")
    .map((line) => `# ${line}`.trimEnd())
    .join("\n");
}
