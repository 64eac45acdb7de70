// Laying out text within a line width, after Philip Wadler's "A prettier printer": a document says where lines may break, a group is
// printed on one line if it fits and broken at its own lines otherwise. Linear in the size of the document.

/** A document: text, a list of documents, or one of the forms below. */
export type Layout =
  | string
  | readonly Layout[]
  /** A place to break: a blank when flat, or nothing if soft. A hard one always breaks the groups around it. */
  | { readonly kind: "line"; readonly form: "blank" | "soft" | "hard" | "empty" }
  | { readonly kind: "indent"; readonly content: Layout }
  | { readonly kind: "group"; readonly content: Layout; readonly breaks: boolean }
  /** Text that stands only where the group around it is broken. */
  | { readonly kind: "if-broken"; readonly text: string }
  /** Text that stands only where the group around it is on one line. */
  | { readonly kind: "if-flat"; readonly text: string }
  /** A blank, and content that starts on the same line if that fits up to its first break; else it hangs below, indented. */
  | { readonly kind: "hanging"; readonly content: Layout }
  /** Text with line ends in it, which keeps its own indentation. */
  | { readonly kind: "verbatim"; readonly text: string }
  /** Text printed behind what stands on the line, however long: a comment. */
  | { readonly kind: "trailing"; readonly text: string };

export const line: Layout = { kind: "line", form: "blank" };
export const softLine: Layout = { kind: "line", form: "soft" };
export const hardLine: Layout = { kind: "line", form: "hard" };
/** Ends the line and leaves one empty. */
export const emptyLine: Layout = { kind: "line", form: "empty" };
export const trailingComma: Layout = { kind: "if-broken", text: "," };

/** Text that a line break makes needless: parentheses. */
export function ifFlat(text: string): Layout {
  return { kind: "if-flat", text };
}

export function hanging(content: Layout): Layout {
  return { kind: "hanging", content };
}

export function indent(content: Layout): Layout {
  return { kind: "indent", content };
}

/** Broken if `breaks`, if a hard line is inside, or if it does not fit. */
export function group(content: Layout, breaks = false): Layout {
  return { kind: "group", content, breaks: breaks || hasHardLine(content) };
}

export function verbatim(text: string): Layout {
  return text.includes("\n") ? { kind: "verbatim", text } : text;
}

export function trailing(text: string): Layout {
  return { kind: "trailing", text };
}

export function join(separator: Layout, items: readonly Layout[]): Layout {
  return items.flatMap((item, index) => (index === 0 ? [item] : [separator, item]));
}

/** True if the document breaks its group by itself. */
export function hasHardLine(content: Layout): boolean {
  if (typeof content === "string") return false;
  if (isList(content)) return content.some(hasHardLine);
  switch (content.kind) {
    case "line":
      return content.form === "hard" || content.form === "empty";
    case "indent":
    case "hanging":
      return hasHardLine(content.content);
    case "group":
      return content.breaks;
    case "trailing":
      return content.text.startsWith("//");
    default:
      return false;
  }
}

/** Prints a document with two blanks per level. */
export function printLayout(content: Layout, width: number): string {
  const output: string[] = [];
  let column = 0;
  const stack: Item[] = [{ content, level: 0, isFlat: false }];
  for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
    const { content: now, level, isFlat } = item;
    if (typeof now === "string") {
      output.push(now);
      column += now.length;
    } else if (isList(now)) {
      for (let index = now.length - 1; index >= 0; index--) stack.push({ content: now[index] ?? "", level, isFlat });
    } else if (now.kind === "indent") stack.push({ content: now.content, level: level + 1, isFlat });
    else if (now.kind === "hanging") {
      const isBeside = isFlat || fits(now.content, width - column - 1, [], false);
      if (isBeside) stack.push({ content: [" ", now.content], level, isFlat });
      else stack.push({ content: [hardLine, now.content], level: level + 1, isFlat });
    } else if (now.kind === "group") {
      const isFlatGroup = isFlat || (!now.breaks && fits(now.content, width - column, stack));
      stack.push({ content: now.content, level, isFlat: isFlatGroup });
    } else if (now.kind === "if-broken" || now.kind === "if-flat") {
      if (isFlat === (now.kind === "if-flat")) {
        output.push(now.text);
        column += now.text.length;
      }
    } else if (now.kind === "verbatim") {
      output.push(now.text);
      column = now.text.length - now.text.lastIndexOf("\n") - 1;
    } else if (now.kind === "trailing") output.push(` ${now.text}`);
    else if (isFlat && now.form !== "hard" && now.form !== "empty") {
      if (now.form === "blank") {
        output.push(" ");
        column += 1;
      }
    } else {
      trimEnd(output);
      output.push(now.form === "empty" ? "\n\n" : "\n", "  ".repeat(level));
      column = level * 2;
    }
  }
  return output.join("");
}

// --- internal ---

interface Item {
  readonly content: Layout;
  readonly level: number;
  readonly isFlat: boolean;
}

/** `Array.isArray` does not narrow readonly lists. */
function isList(content: Layout): content is readonly Layout[] {
  return Array.isArray(content);
}

/** True if the content, and what follows it up to the next possible break, stands in the space left. */
function fits(content: Layout, space: number, rest: readonly Item[], isWholeFlat = true): boolean {
  let left = space;
  let restIndex = rest.length;
  const stack: Item[] = [{ content, level: 0, isFlat: isWholeFlat }];
  while (left >= 0) {
    let item = stack.pop();
    if (item === undefined) {
      if (restIndex === 0) return true;
      item = rest[--restIndex];
      if (item === undefined) return true;
    }
    const { content: now, isFlat } = item;
    if (typeof now === "string") left -= now.length;
    else if (isList(now)) for (let index = now.length - 1; index >= 0; index--) stack.push({ content: now[index] ?? "", level: 0, isFlat });
    else if (now.kind === "indent") stack.push({ content: now.content, level: 0, isFlat });
    else if (now.kind === "hanging") stack.push({ content: [" ", now.content], level: 0, isFlat });
    else if (now.kind === "group") stack.push({ content: now.content, level: 0, isFlat: isFlat && !now.breaks });
    else if (now.kind === "if-broken" || now.kind === "if-flat") left -= isFlat === (now.kind === "if-flat") ? now.text.length : 0;
    else if (now.kind === "verbatim") return left >= now.text.indexOf("\n");
    else if (now.kind === "line") {
      if (!isFlat || now.form === "hard" || now.form === "empty") return true;
      if (now.form === "blank") left -= 1;
    }
  }
  return false;
}

function trimEnd(output: string[]): void {
  for (let last = output.at(-1); last !== undefined; last = output.at(-1)) {
    const trimmed = last.replace(/ +$/, "");
    if (trimmed === last) return;
    output.pop();
    if (trimmed !== "") {
      output.push(trimmed);
      return;
    }
  }
}
