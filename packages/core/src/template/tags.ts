// The tags of a template string with their exact places, for those who change a part of it and leave the rest byte for byte.
// The text has to be one that parser.ts accepts.
import { type Token, tokenize } from "./lexer.ts";

/** `{{…}}`, from its first brace to behind its last. */
export interface Tag {
  readonly start: number;
  readonly end: number;
  /** What stands between the delimiters. */
  readonly tokens: readonly Token[];
  /** `{{- ` and ` -}}`. */
  readonly trimsBefore: boolean;
  readonly trimsAfter: boolean;
}

/** An action, or a control structure with all its tags. */
export type TagItem =
  | { readonly kind: "tag"; readonly tag: Tag }
  | {
      readonly kind: "control";
      /** `if`, `with`, `range`, `define`, `block`. */
      readonly keyword: string;
      /** At least one; the last may be that of a bare `{{else}}`. */
      readonly branches: readonly [Branch, ...Branch[]];
      readonly end: Tag;
    };

/** A body and the tag that opens it. */
export interface Branch {
  readonly tag: Tag;
  /** The tokens behind the keyword; undefined for a bare `{{else}}`. */
  readonly condition: readonly Token[] | undefined;
  readonly body: readonly TagItem[];
}

/** All words in the tags of a text: names of calls, and keywords. Throws `TemplateError` for a text that cannot be split into tokens. */
export function wordsIn(text: string): string[] {
  return tokenize(text).flatMap((token) => (token.kind === "word" ? [token.text] : []));
}

/** The tags of a text, nested as they belong together. The parser has bounded how deep that is. */
export function tagItems(text: string): readonly TagItem[] {
  return new Nesting(readTags(text)).items();
}

/** The texts between tags as they are rendered: trim markers have done their work, and comments are gone. */
export class RenderedTexts {
  readonly #tokens: readonly Token[];

  constructor(text: string) {
    this.#tokens = tokenize(text).filter(({ kind }) => kind === "text");
  }

  /** What a stretch without tags renders to. */
  between(start: number, end: number): string {
    let low = 0;
    let high = this.#tokens.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#tokens[middle]?.at ?? 0) < start) low = middle + 1;
      else high = middle;
    }
    let text = "";
    for (let index = low; (this.#tokens[index]?.at ?? end) < end; index++) text += this.#tokens[index]?.text ?? "";
    return text;
  }
}

/** Where a token inside a tag ends. */
export function tokenEnd(token: Token): number {
  return token.at + token.text.length;
}

// --- internal ---

const openers: ReadonlySet<string> = new Set(["if", "with", "range", "define", "block"]);

function readTags(text: string): readonly Tag[] {
  const tags: Tag[] = [];
  let start = 0;
  let inside: Token[] = [];
  for (const token of tokenize(text)) {
    if (token.kind === "open") {
      start = token.at;
      inside = [];
    } else if (token.kind === "close") {
      const trimsAfter = !text.startsWith("}}", token.at);
      const trimsBefore = /^-[ \t\r\n]/.test(text.slice(start + 2, start + 4));
      tags.push({ start, end: token.at + (trimsAfter ? 4 : 2), tokens: inside, trimsBefore, trimsAfter });
    } else if (token.kind !== "text" && token.kind !== "end") inside.push(token);
  }
  return tags;
}

class Nesting {
  readonly #tags: readonly Tag[];
  #position = 0;

  constructor(tags: readonly Tag[]) {
    this.#tags = tags;
  }

  /** Items up to `{{else}}`, `{{end}}` or the end. */
  items(): TagItem[] {
    const items: TagItem[] = [];
    for (;;) {
      const tag = this.#tags[this.#position];
      const keyword = tag === undefined ? "end" : wordOf(tag.tokens[0]);
      if (tag === undefined || keyword === "else" || keyword === "end") return items;
      this.#position++;
      items.push(openers.has(keyword) ? this.#control(keyword, tag) : { kind: "tag", tag });
    }
  }

  #control(keyword: string, tag: Tag): TagItem {
    const branches: [Branch, ...Branch[]] = [{ tag, condition: tag.tokens.slice(1), body: this.items() }];
    for (;;) {
      const next = this.#tags[this.#position++];
      // The parser has seen to it that there is one.
      if (next === undefined) return { kind: "control", keyword, branches, end: tag };
      if (wordOf(next.tokens[0]) === "end") return { kind: "control", keyword, branches, end: next };
      const condition = next.tokens.length > 1 ? next.tokens.slice(2) : undefined;
      branches.push({ tag: next, condition, body: this.items() });
    }
  }
}

function wordOf(token: Token | undefined): string {
  return token?.kind === "word" ? token.text : "";
}
