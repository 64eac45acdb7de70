// The pieces that a module is put together from: statements, and the entries of objects and lists, with the comments of the template.
// Whoever reads a template (HCL, JSON) makes these; how they are laid out is decided afterwards, by format/.
import { isIdentifier } from "../expression/names.ts";

/** A comment of the template, in TypeScript's form: `// text`, or `/* text *\/`. */
export interface Remark {
  readonly text: string;
  /** True if an empty line stands between it and what follows. */
  readonly blankAfter: boolean;
}

/** The comments of an entry or statement. */
export interface Remarks {
  /** On lines of their own in front. */
  readonly leading?: readonly Remark[] | undefined;
  /** Behind it on its line. */
  readonly trailing?: string | undefined;
}

/** An entry of an object, `key: value`; without a key what stands there as it is: `...spread`. */
export interface Entry extends Remarks {
  readonly key?: string | undefined;
  readonly value: string;
  /** True if an empty line stands in front of it. */
  readonly blankBefore?: boolean | undefined;
}

/** A statement of the module. */
export interface Statement extends Remarks {
  readonly text: string;
  /** The constant that it declares: exported when nothing in the module uses it, so that the compiler does not complain. */
  readonly declares?: string | undefined;
  /** True if an empty line stands in front of it. Statements of several lines are set off anyway. */
  readonly blankBefore?: boolean | undefined;
  /** Comments on lines of their own behind it. */
  readonly after?: readonly Remark[] | undefined;
}

/** An object with its entries on lines of their own, or on one line where that fits and nobody wrote it otherwise. */
export function objectText(entries: readonly Entry[], { dangling = [] as readonly Remark[], open = true } = {}): string {
  if (entries.length === 0 && dangling.length === 0) return "{}";
  const isOpen = open || dangling.length > 0 || entries.some(hasRemarks);
  return bracketed("{", entries.map(entryText), dangling, "}", isOpen);
}

/** A list. */
export function listText(items: readonly Entry[], { dangling = [] as readonly Remark[], open = false } = {}): string {
  if (items.length === 0 && dangling.length === 0) return "[]";
  return bracketed("[", items.map(entryText), dangling, "]", open || dangling.length > 0 || items.some(hasRemarks));
}

/** A property name: quoted where it must be. */
export function keyText(key: string): string {
  // As a plain property `__proto__` would set the prototype.
  if (key === "__proto__") return '["__proto__"]';
  return isIdentifier(key) ? key : JSON.stringify(key);
}

/** Lines of comments, each ended. */
export function remarkLines(remarks: readonly Remark[]): string {
  return remarks.map(({ text, blankAfter }) => `${text}\n${blankAfter ? "\n" : ""}`).join("");
}

/** A comment that marks what could not be converted, with the original text. */
export function todoRemarks(message: string, original: string): readonly Remark[] {
  const lines = [`TODO(tspack): ${message}`, ...original.split(/\r?\n/)];
  return lines.map((text) => ({ text: `// ${text}`.trimEnd(), blankAfter: false }));
}

// --- internal ---

function hasRemarks({ leading = [], trailing }: Remarks): boolean {
  return leading.length > 0 || trailing !== undefined;
}

interface EntryText {
  readonly before: string;
  readonly text: string;
  readonly behind: string;
}

function entryText({ key, value, leading = [], trailing, blankBefore = false }: Entry, index: number): EntryText {
  const text = key === undefined ? value : key === value && isIdentifier(key) ? key : `${keyText(key)}: ${value}`;
  return {
    before: `${blankBefore && index > 0 ? "\n" : ""}${remarkLines(leading)}`,
    text,
    behind: trailing === undefined ? "" : ` ${trailing}`,
  };
}

function bracketed(open: string, items: readonly EntryText[], dangling: readonly Remark[], close: string, isOpen: boolean): string {
  if (!isOpen) {
    const pad = open === "{" ? " " : "";
    return `${open}${pad}${items.map(({ text }) => text).join(", ")}${pad}${close}`;
  }
  const lines = items.map(({ before, text, behind }) => `${before}${text},${behind}\n`);
  return `${open}\n${lines.join("")}${remarkLines(dangling)}${close}`;
}
