// Rendering a template string in part: what is known already is put in, the rest stays as it was written, for whoever renders it
// later. Legacy JSON needs this: the front end knows variables, the component all else (rows TPL-01, TPL-03, TPL-10).
import { builtins, type Call } from "./builtins.ts";
import { callsFor } from "./calls.ts";
import { evaluate, LATE_DATA, LateValue } from "./evaluate.ts";
import type { Token } from "./lexer.ts";
import { parseTemplate } from "./parser.ts";
import { templateError } from "./position.ts";
import { quoteText } from "./quote.ts";
import { type Branch, RenderedTexts, type Tag, type TagItem, tagItems, tokenEnd, wordsIn } from "./tags.ts";

/**
 * Renders what can be rendered with the calls in `known` alone. An action or control structure in which all is known is replaced by
 * its text; an `if` or `with` whose condition is known by the branch that is taken; in what is left, known calls become literals.
 * A text, or a part of one, without a known call is not touched. A value is put in as it is: braces in it are rendered by whoever
 * renders the rest, as in Packer. Throws `TemplateError` for a text that cannot be parsed, for calls that fail, and where a known
 * call depends on something that is not known.
 */
export function renderKnown(text: string, known: ReadonlyMap<string, Call>): string {
  // A text that nothing is known of need not be a template at all.
  if (!text.includes("{{") || ![...known.keys()].some((name) => text.includes(name))) return text;
  const words = wordsIn(text);
  if (!words.some((word) => known.has(word))) return text;
  return new PartialRenderer(text, known, words).render();
}

/** Calls that give the same for the same arguments wherever they are made. */
export function pureCalls(): ReadonlyMap<string, Call> {
  if (pure === undefined) {
    const names = new Set([...builtins.keys(), "and", "or", "upper", "lower", "split", "replace", "replace_all"]);
    const all = callsFor({ phase: "run", workingDirectory: "", startedAtMs: 0 });
    pure = new Map([...all].filter(([name]) => names.has(name)));
  }
  return pure;
}

// --- internal ---

/** Made once: a template has thousands of texts. */
let pure: ReadonlyMap<string, Call> | undefined;

/** A piece of the result: a tag that stays, a value in place of one or more tags, or the text between two tags. */
type Piece =
  | { readonly kind: "tag"; readonly text: string }
  | { readonly kind: "value"; readonly text: string }
  | { readonly kind: "gap"; readonly start: number; readonly end: number };

class PartialRenderer {
  readonly #text: string;
  readonly #known: ReadonlyMap<string, Call>;
  /** The known calls, the pure ones, and all others, which are late. */
  readonly #calls: ReadonlyMap<string, Call>;

  constructor(text: string, known: ReadonlyMap<string, Call>, words: readonly string[]) {
    this.#text = text;
    this.#known = known;
    const late: Call = {
      arity: [0, Number.POSITIVE_INFINITY],
      run: () => {
        throw new LateValue();
      },
    };
    this.#calls = new Map([...words.map((word): [string, Call] => [word, late]), ...pureCalls(), ...known]);
  }

  render(): string {
    const whole = this.#evaluate(this.#text);
    if (whole !== undefined) return whole;
    return this.#join(this.#pieces(tagItems(this.#text), 0, this.#text.length));
  }

  /** The pieces of the stretch between two offsets, in which the items stand. */
  #pieces(items: readonly TagItem[], start: number, end: number): Piece[] {
    const pieces: Piece[] = [];
    let position = start;
    for (const item of items) {
      const { start: from, end: to } = spanOf(item);
      pieces.push({ kind: "gap", start: position, end: from }, ...this.#item(item, from, to));
      position = to;
    }
    pieces.push({ kind: "gap", start: position, end });
    return pieces;
  }

  #item(item: TagItem, start: number, end: number): Piece[] {
    const tags = tagsIn([item]);
    if (!tags.some((tag) => this.#concerns(tag.tokens))) return [{ kind: "tag", text: this.#text.slice(start, end) }];
    const value = this.#isClosed(tags) ? this.#evaluate(this.#text.slice(start, end)) : undefined;
    if (value !== undefined) return [{ kind: "value", text: value }];
    if (item.kind === "tag") return [{ kind: "tag", text: this.#rewrite(item.tag.tokens, item.tag.start, item.tag.end) }];
    return this.#control(item);
  }

  /** A control structure of which some has to stay. */
  #control(item: TagItem & { kind: "control" }): Piece[] {
    const { keyword, branches, end } = item;
    const nothing: Piece = { kind: "value", text: "" };
    const pieces: Piece[] = [];
    let kept = 0;
    for (const [index, branch] of branches.entries()) {
      const next = branches[index + 1]?.tag ?? end;
      const truth = this.#truth(keyword, branch, kept === 0);
      if (truth === false) {
        // The body before this branch ended at its tag.
        if (kept > 0) pieces.push(nothing);
        continue;
      }
      const body = this.#pieces(branch.body, branch.tag.end, next.start);
      if (truth === true && kept === 0) return [nothing, ...body, nothing];
      pieces.push({ kind: "tag", text: this.#branchTag(item, branch, kept === 0, truth === true) }, ...body);
      kept++;
      if (truth === true) {
        if (next !== end) pieces.push(nothing);
        break;
      }
    }
    if (kept === 0) return [nothing];
    return [...pieces, { kind: "tag", text: this.#text.slice(end.start, end.end) }];
  }

  /** Whether a branch is taken, as far as that is known, and can be put in place of the whole or be left out. */
  #truth(keyword: string, { condition, body }: Branch, isFirst: boolean): boolean | undefined {
    if (condition === undefined) return true;
    const [first, last] = [condition[0], condition.at(-1)];
    if ((keyword !== "if" && keyword !== "with") || first === undefined || last === undefined) return undefined;
    if (!this.#concerns(condition) || condition.some((token) => token.kind === "variable")) return undefined;
    const source = this.#text.slice(first.at, tokenEnd(last));
    const truth = this.#evaluate(`{{if ${source}}}true{{end}}`);
    if (truth === undefined || truth === "") return truth === undefined ? undefined : false;
    // The body of `with` sees the value as its dot; behind a branch that stays, `else` cannot say it.
    if (keyword === "with" && (!isFirst || usesDot(body))) return undefined;
    return true;
  }

  /** The tag of a branch that stays: another first one may have become the first, or its condition is known to hold. */
  #branchTag(
    { keyword, branches: [head] }: TagItem & { kind: "control" },
    { tag, condition }: Branch,
    isFirst: boolean,
    holds: boolean,
  ): string {
    const open = (isFirst ? head.tag : tag).trimsBefore ? "{{- " : "{{";
    const close = tag.trimsAfter ? " -}}" : "}}";
    const [first, last] = [condition?.[0], condition?.at(-1)];
    // Were it the first, it would have been put in place of the whole.
    if (condition === undefined || holds) return `${open}else${close}`;
    const isHead = tag.tokens[0]?.text === keyword;
    if (isHead || !isFirst) return this.#rewrite(tag.tokens, tag.start, tag.end);
    if (first === undefined || last === undefined) return `${open}${keyword}${close}`;
    return `${open}${keyword} ${this.#rewrite(condition, first.at, tokenEnd(last))}${close}`;
  }

  /** The source of some tokens with a literal in place of each known call. */
  #rewrite(tokens: readonly Token[], start: number, end: number): string {
    let result = "";
    let position = start;
    for (let index = 0; index < tokens.length; index++) {
      const token = tokens[index];
      const call = token?.kind === "word" ? this.#known.get(token.text) : undefined;
      if (token === undefined || call === undefined) continue;
      const isPiped = tokens[index - 1]?.text === "|";
      const last = call.arity[1] === 0 ? index : lastOfCommand(tokens, index);
      const to = tokenEnd(tokens[last] ?? token);
      const source = this.#text.slice(token.at, to);
      const value = isPiped ? undefined : this.#evaluate(`{{${source}}}`);
      if (value === undefined) {
        const what = isPiped ? "is given a value" : "needs a value";
        throw templateError(this.#text, token.at, `${token.text} ${what} that is only known during the build,`);
      }
      result += this.#text.slice(position, token.at) + quoteText(value);
      position = to;
      index = last;
    }
    return result + this.#text.slice(position, end);
  }

  /**
   * Puts the pieces together. Beside a value the trim markers, also those of comments, have to do their work now: later they would reach
   * into it, or into text that stood behind what is gone.
   */
  #join(pieces: readonly Piece[]): string {
    const texts = new RenderedTexts(this.#text);
    const isTouched = (index: number) => pieces[index]?.kind === "gap" && (isValue(pieces[index - 1]) || isValue(pieces[index + 1]));
    return pieces
      .map((piece, index) => {
        if (piece.kind === "value") return piece.text;
        if (piece.kind === "gap") {
          return isTouched(index) ? texts.between(piece.start, piece.end) : this.#text.slice(piece.start, piece.end);
        }
        const opened = isTouched(index - 1) || isValue(pieces[index - 1]) ? piece.text.replace(/^\{\{-(?=\s)/, "{{") : piece.text;
        return isTouched(index + 1) ? opened.replace(/(?<=\s)-\}\}$/, "}}") : opened;
      })
      .join("");
  }

  /** The text of a piece of the template; undefined when something in it is late. */
  #evaluate(text: string): string | undefined {
    const template = parseTemplate(text, new Set(this.#calls.keys()));
    return evaluate({ text, template, calls: this.#calls, data: LATE_DATA });
  }

  #concerns(tokens: readonly Token[]): boolean {
    return tokens.some((token) => token.kind === "word" && this.#known.has(token.text));
  }

  /** False when a piece needs variables or templates of the text around it. */
  #isClosed(tags: readonly Tag[]): boolean {
    const isOpen = (token: Token) =>
      token.kind === "variable" || (token.kind === "word" && ["define", "block", "template", "break", "continue"].includes(token.text));
    return !tags.some(({ tokens }) => tokens.some(isOpen));
  }
}

function isValue(piece: Piece | undefined): boolean {
  return piece?.kind === "value";
}

function spanOf(item: TagItem): { readonly start: number; readonly end: number } {
  return item.kind === "tag" ? item.tag : { start: item.branches[0].tag.start, end: item.end.end };
}

function tagsIn(items: readonly TagItem[]): Tag[] {
  return items.flatMap((item) => {
    if (item.kind === "tag") return [item.tag];
    return [...item.branches.flatMap((branch) => [branch.tag, ...tagsIn(branch.body)]), item.end];
  });
}

function usesDot(body: readonly TagItem[]): boolean {
  return tagsIn(body).some(({ tokens }) => tokens.some(({ kind }) => kind === "dot" || kind === "field"));
}

/** Index of the last token of the command that starts here: before `|`, a closing parenthesis or the end. */
function lastOfCommand(tokens: readonly Token[], first: number): number {
  let depth = 0;
  for (let index = first + 1; index < tokens.length; index++) {
    const text = tokens[index]?.kind === "symbol" ? tokens[index]?.text : undefined;
    if (text === "(") depth++;
    else if (text === ")" && depth-- === 0) return index - 1;
    else if (text === "|" && depth === 0) return index - 1;
  }
  return tokens.length - 1;
}
