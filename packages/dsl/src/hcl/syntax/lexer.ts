import { complainAbout } from "./invalid-character.ts";
import { operatorAt } from "./operators.ts";
import type { Problem } from "./problem.ts";
import { type CommentToken, Kind } from "./token.ts";

/** What the lexer read. */
export interface Scan {
  /** What the offsets are into. */
  readonly text: string;
  readonly kinds: readonly Kind[];
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly comments: readonly CommentToken[];
  readonly problems: readonly Problem[];
}

/**
 * Splits a text into tokens, in one pass. `form` says whether it begins as configuration or as the text of a template.
 * A string that is not closed ends with its line, so that what follows is read as it was meant.
 */
export function scan(text: string, form: "config" | "template"): Scan {
  const lexer = new Lexer(text);
  lexer.run(form);
  return lexer;
}

// --- internal ---

/** Where the lexer is: in expressions (`braces` open in it), in quotes, in a heredoc, or in a file's text. */
type Mode =
  | { readonly kind: "code"; braces: number }
  | { readonly kind: "quoted" }
  | { readonly kind: "heredoc"; readonly marker: string; isLineStart: boolean }
  | { readonly kind: "file" };

const identifierPattern = /[\p{ID_Start}_][\p{ID_Continue}-]*/uy;
const heredocPattern = /<<(-?)([\p{ID_Start}_][\p{ID_Continue}-]*)\r?\n/uy;
/** Ends with what is no point, so that `1...` is a number and an ellipsis. */
const numberPattern = /\d(?:(?:\d|\.|[eE][+-]?\d)*(?:\d|[eE][+-]?\d))?/y;

class Lexer implements Scan {
  readonly kinds: Kind[] = [];
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  readonly comments: CommentToken[] = [];
  readonly problems: Problem[] = [];
  readonly text: string;
  readonly #modes: Mode[] = [];
  #at = 0;

  constructor(text: string) {
    this.text = text;
  }

  run(form: "config" | "template"): void {
    const { text } = this;
    this.#modes.push(form === "config" ? { kind: "code", braces: 0 } : { kind: "file" });
    while (this.#at < text.length) {
      const mode = this.#modes[this.#modes.length - 1];
      if (mode === undefined) break;
      if (mode.kind === "code") this.#code(mode);
      else if (mode.kind === "quoted") this.#quoted();
      else this.#plain(mode);
    }
    this.#push(Kind.EndOfFile, text.length);
  }

  /** Adds a token from here to `end`, and goes there. */
  #push(kind: Kind, end: number): void {
    this.kinds.push(kind);
    this.starts.push(this.#at);
    this.ends.push(end);
    this.#at = end;
  }

  /** One token of an expression or body, or some blanks. */
  #code(mode: { braces: number }): void {
    const { text } = this;
    const at = this.#at;
    const code = text.charCodeAt(at);
    if (code === 0x20 || code === 0x09) this.#at = at + 1;
    else if (isWordStart(code)) this.#word(at);
    else if (code === 0x0a) this.#push(Kind.Newline, at + 1);
    else if (code === 0x0d && text.charCodeAt(at + 1) === 0x0a) this.#push(Kind.Newline, at + 2);
    else if (code === 0x22) {
      this.#modes.push({ kind: "quoted" });
      this.#push(Kind.OpenQuote, at + 1);
    } else if (code === 0x23 || text.startsWith("//", at)) this.#lineComment();
    else if (text.startsWith("/*", at)) this.#blockComment();
    else if (code === 0x7b) {
      mode.braces++;
      this.#push(Kind.OpenBrace, at + 1);
    } else if (mode.braces === 0 && this.#modes.length > 1 && (code === 0x7d || text.startsWith("~}", at))) {
      this.#modes.pop();
      this.#push(Kind.CloseSequence, at + (code === 0x7d ? 1 : 2));
    } else if (code === 0x7d) {
      if (mode.braces > 0) mode.braces--;
      this.#push(Kind.CloseBrace, at + 1);
    } else if (code >= 0x30 && code <= 0x39) {
      this.#push(Kind.Number, at + (matchAt(numberPattern, text, at)?.[0].length ?? 1));
    } else if (!(code === 0x3c && this.#heredoc())) this.#operator();
  }

  #operator(): void {
    const operator = operatorAt(this.text, this.#at);
    if (operator !== undefined) {
      this.#push(operator.kind, this.#at + operator.length);
      return;
    }
    const word = matchAt(identifierPattern, this.text, this.#at);
    if (word !== undefined) this.#push(Kind.Identifier, this.#at + word[0].length);
    else this.#invalid();
  }

  #word(start: number): void {
    const { text } = this;
    let end = start + 1;
    while (isWordPart(text.charCodeAt(end))) end++;
    if (text.charCodeAt(end) > 0x7f) end = start + (matchAt(identifierPattern, text, start)?.[0].length ?? end - start);
    this.#push(Kind.Identifier, end);
  }

  #invalid(): void {
    const { length, problem } = complainAbout(this.text, this.#at);
    this.problems.push(problem);
    this.#push(Kind.Invalid, this.#at + length);
  }

  #lineComment(): void {
    const { text } = this;
    let end = text.indexOf("\n", this.#at);
    if (end < 0) end = text.length;
    if (text.charCodeAt(end - 1) === 0x0d && end < text.length) end--;
    this.comments.push({ start: this.#at, end, before: this.kinds.length });
    this.#at = end;
  }

  #blockComment(): void {
    const { text } = this;
    const close = text.indexOf("*/", this.#at + 2);
    if (close >= 0) {
      this.comments.push({ start: this.#at, end: close + 2, before: this.kinds.length });
      this.#at = close + 2;
      return;
    }
    this.problems.push({
      summary: "Unterminated comment",
      detail: "This comment is opened with /* and never closed.",
      hint: "Write */ where it ends.",
      start: this.#at,
      end: this.#at + 1,
    });
    this.#push(Kind.Invalid, text.length);
  }

  /** Opens a heredoc if its opening line is right: the marker, and at once the line end. */
  #heredoc(): boolean {
    const match = matchAt(heredocPattern, this.text, this.#at);
    if (match === undefined) return this.#badHeredoc();
    this.#modes.push({ kind: "heredoc", marker: match[2] ?? "", isLineStart: true });
    this.#push(Kind.OpenHeredoc, this.#at + match[0].length);
    return true;
  }

  /** A heredoc whose opening line is wrong, if it looks like one and its marker follows. Skipped whole, so that its text is not read as code. */
  #badHeredoc(): boolean {
    const end = badHeredocEnd(this.text, this.#at);
    if (end === undefined) return false;
    this.problems.push({
      summary: "Invalid expression",
      detail: "A heredoc begins with << or <<-, then at once its marker, which is a name without quotes, then at once the end of the line.",
      hint: "Remove quotes, blanks and comments from the opening line.",
      start: this.#at,
      end: this.#at + 1,
    });
    this.#push(Kind.Invalid, end);
    return true;
  }

  /** `${`, `%{` and their forms with `~`. The escapes `$${` and `%%{` never come here. */
  #openSequence(): void {
    const kind = this.text.charCodeAt(this.#at) === 0x24 ? Kind.OpenInterpolation : Kind.OpenDirective;
    this.#modes.push({ kind: "code", braces: 0 });
    this.#push(kind, this.#at + (this.text.charCodeAt(this.#at + 2) === 0x7e ? 3 : 2));
  }

  #quoted(): void {
    const { text } = this;
    let at = this.#at;
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === 0x22 || code === 0x0a || isSequenceStart(text, at)) break;
      if (code === 0x5c) {
        // A backslash takes the next character with it, but never the line end.
        const next = text.charCodeAt(at + 1);
        if (next === 0x0a || next === 0x0d || Number.isNaN(next)) break;
        at++;
      } else if (isSequenceEscape(text, at)) at += 2;
    }
    if (at > this.#at) {
      if (text.charCodeAt(at) === 0x0a && text.charCodeAt(at - 1) === 0x0d) at--;
      if (at > this.#at) this.#push(Kind.QuotedText, at);
    }
    const code = text.charCodeAt(at);
    if (Number.isNaN(code)) return;
    if (code === 0x22) {
      this.#modes.pop();
      this.#push(Kind.CloseQuote, at + 1);
    } else if (code === 0x0a || code === 0x0d) {
      this.#modes.pop();
      const end = at + (code === 0x0d ? 2 : 1);
      this.problems.push({
        summary: "Invalid multi-line string",
        detail: "A string in quotes ends on the line where it begins, and this one is still open at the end of the line.",
        hint: "Close it with a quotation mark; for text of several lines write a heredoc (<<-EOT … EOT), or \\n for each line end.",
        start: at,
        end,
      });
      // Empty, so that the line end itself is still seen as one.
      this.#push(Kind.Invalid, at);
    } else if (code === 0x5c) this.#invalid();
    else this.#openSequence();
  }

  /** Text of a heredoc or a file, a piece up to the line end or to a sequence. */
  #plain(mode: Mode): void {
    const { text } = this;
    if (mode.kind === "heredoc" && mode.isLineStart) {
      const close = closingMarkerEnd(text, this.#at, mode.marker);
      if (close !== undefined) {
        this.#modes.pop();
        this.#push(Kind.CloseHeredoc, close);
        return;
      }
    }
    let at = this.#at;
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === 0x0a || isSequenceStart(text, at)) break;
      if (isSequenceEscape(text, at)) at += 2;
    }
    const isLineEnd = text.charCodeAt(at) === 0x0a;
    if (isLineEnd) at++;
    if (mode.kind === "heredoc") mode.isLineStart = isLineEnd;
    if (at > this.#at) this.#push(Kind.PlainText, at);
    if (!isLineEnd && at < text.length) this.#openSequence();
  }
}

function isWordStart(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || code === 0x5f;
}

function isWordPart(code: number): boolean {
  return isWordStart(code) || (code >= 0x30 && code <= 0x39) || code === 0x2d;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

/** `${` or `%{` here. */
function isSequenceStart(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return (code === 0x24 || code === 0x25) && text.charCodeAt(at + 1) === 0x7b;
}

/** `$${` or `%%{` here. */
function isSequenceEscape(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return (code === 0x24 || code === 0x25) && text.charCodeAt(at + 1) === code && text.charCodeAt(at + 2) === 0x7b;
}

/** End of the closing marker if the line that begins here is one: the marker, blanks around it, and a line end behind. */
function closingMarkerEnd(text: string, lineStart: number, marker: string): number | undefined {
  let at = lineStart;
  while (isBlank(text.charCodeAt(at))) at++;
  if (!text.startsWith(marker, at)) return undefined;
  at += marker.length;
  while (isBlank(text.charCodeAt(at))) at++;
  if (text.charCodeAt(at) !== 0x0a) return undefined;
  return text.charCodeAt(at - 1) === 0x0d ? at - 1 : at;
}

function isBlank(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d && code !== 0x0a);
}

/** How far the end of a heredoc with a wrong opening line is looked for. */
const LONGEST_BAD_HEREDOC = 20_000;

const badHeredocPattern = /<<-?[ \t]*(["']?)([\p{ID_Continue}][\p{ID_Continue}-]*)\1[ \t]*(?:(?:#|\/\/)[^\n]*)?\r?\n/uy;

function badHeredocEnd(text: string, at: number): number | undefined {
  const opening = matchAt(badHeredocPattern, text, at);
  if (opening === undefined) return undefined;
  const start = at + opening[0].length;
  const content = text.slice(start - 1, start + LONGEST_BAD_HEREDOC);
  const closing = new RegExp(`\\n[ \\t]*${opening[2]}(?=[ \\t]*(?:\\r?\\n|$))`, "u").exec(content);
  return closing === null ? undefined : start - 1 + closing.index + closing[0].length;
}
