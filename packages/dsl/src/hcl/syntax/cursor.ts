import { blankLineBetween, toComment } from "./comments.ts";
import type { Scan } from "./lexer.ts";
import { MAX_PROBLEMS, type Problem } from "./problem.ts";
import type { SourceText } from "./source-text.ts";
import { Kind } from "./token.ts";
import type { Comment, Expression, Missing, Node, Template } from "./tree.ts";

/**
 * Most levels of expressions, blocks and templates in each other, and of operators or accesses in a chain. What walks over a tree may
 * recurse on the strength of it.
 */
export const MAX_NESTING = 500;

/** The parts of the grammar that need each other in a circle. */
export interface Rules {
  expression(cursor: Cursor): Expression;
  /** Quoted text or a heredoc, at its opening token. */
  template(cursor: Cursor): Template;
}

/** What a rule says about something wrong. Without a place it is the next token. */
export type Complaint = Omit<Problem, "start" | "end"> & { readonly at?: { readonly start: number; readonly end: number } | undefined };

/** A place in the tokens, with what the parser knows there. All rules share one. */
export class Cursor {
  readonly source: SourceText;
  readonly rules: Rules;
  readonly problems: Problem[];
  /** Index of the next token, which may be a newline. */
  index = 0;
  /** False inside of brackets, where newlines are like blanks. */
  newlines = true;
  /** Something was reported, and nothing more is until the parser has found its feet again. */
  recovering = false;
  /** While recovering: no closing bracket was found that would lead back into the expression. */
  isLost = false;
  /** Levels in the expression that was read last. */
  height = 0;
  /** Comments that were passed and are not attached to anything yet. */
  readonly pending: Comment[] = [];
  readonly #scan: Scan;
  /** Where an offset of the scanned text is in the source, when the text was taken out of it. */
  readonly #toOuter: ((offset: number) => number) | undefined;
  #depth = 0;
  #nextComment = 0;

  constructor(source: SourceText, scan: Scan, rules: Rules, toOuter?: (offset: number) => number) {
    this.source = source;
    this.rules = rules;
    this.problems = scan.problems.map((problem) =>
      toOuter === undefined ? problem : { ...problem, start: toOuter(problem.start), end: toOuter(problem.end) },
    );
    this.#scan = scan;
    this.#toOuter = toOuter;
  }

  // --- tokens ---

  kindAt(index: number): Kind {
    return this.#scan.kinds[index] ?? Kind.EndOfFile;
  }

  startAt(index: number): number {
    const offset = this.#scan.starts[index] ?? this.#scan.text.length;
    return this.#toOuter === undefined ? offset : this.#toOuter(offset);
  }

  endAt(index: number): number {
    const offset = this.#scan.ends[index] ?? this.#scan.text.length;
    return this.#toOuter === undefined ? offset : this.#toOuter(offset);
  }

  textAt(index: number): string {
    return this.#scan.text.slice(this.#scan.starts[index], this.#scan.ends[index]);
  }

  /** Index of the next token that counts. */
  nextIndex(): number {
    let index = this.index;
    if (!this.newlines) while (this.kindAt(index) === Kind.Newline) index++;
    return index;
  }

  peek(): Kind {
    return this.kindAt(this.nextIndex());
  }

  /** The word that comes next, if it is one. */
  peekWord(): string | undefined {
    const index = this.nextIndex();
    return this.kindAt(index) === Kind.Identifier ? this.textAt(index) : undefined;
  }

  /** Goes past the next token and returns its index. The end of the file is never passed. */
  take(): number {
    const index = this.nextIndex();
    this.#gatherTo(index);
    this.index = this.kindAt(index) === Kind.EndOfFile ? index : index + 1;
    return index;
  }

  /** Goes past the next token if it is of the kind. */
  accept(kind: Kind): boolean {
    if (this.peek() !== kind) return false;
    this.take();
    return true;
  }

  /** End of the last token that was taken. */
  lastEnd(): number {
    return this.index === 0 ? 0 : this.endAt(this.index - 1);
  }

  nodeAt(index: number): Node {
    return { source: this.source, start: this.startAt(index), end: this.endAt(index) };
  }

  // --- comments ---

  /** Takes the comments that stand directly in front of the next token, newlines counted as tokens. */
  gather(): void {
    this.#gatherTo(this.index);
  }

  /** The comment behind what was just read, on the same line and with nothing behind it. */
  takeTrailing(): Comment | undefined {
    const { comments } = this.#scan;
    const first = comments[this.#nextComment];
    if (first === undefined || first.before !== this.index) return undefined;
    const follower = this.kindAt(this.index);
    if (!(follower === Kind.Newline || follower === Kind.EndOfFile || closers.has(follower))) return undefined;
    let last = first;
    for (;;) {
      this.#nextComment++;
      const next = comments[this.#nextComment];
      if (next === undefined || next.before !== this.index) break;
      last = next;
    }
    return this.#comment(first.start, last.end);
  }

  /** Comments passed since `mark` (an earlier `pending.length`), for what begins at `next`. */
  claim(mark: number, next: number): Comment[] {
    if (this.pending.length === mark) return [];
    const claimed = this.pending.splice(mark);
    return claimed.map((comment, at) =>
      blankLineBetween(this.source.text, comment.end, claimed[at + 1]?.start ?? next) ? { ...comment, blankAfter: true } : comment,
    );
  }

  #gatherTo(index: number): void {
    const { comments } = this.#scan;
    for (;;) {
      const comment = comments[this.#nextComment];
      if (comment === undefined || comment.before > index) return;
      this.#nextComment++;
      this.pending.push(this.#comment(comment.start, comment.end));
    }
  }

  #comment(start: number, end: number): Comment {
    const map = this.#toOuter ?? ((offset: number): number => offset);
    return toComment(this.source, map(start), map(end));
  }

  // --- problems ---

  /** Reports something wrong, unless it only follows from what was reported already. */
  fail(complaint: Complaint): void {
    const index = this.nextIndex();
    const { at, ...rest } = complaint;
    if (!this.recovering && this.kindAt(index) !== Kind.Invalid) {
      this.problems.push({ ...rest, start: at?.start ?? this.startAt(index), end: at?.end ?? this.endAt(index) });
    }
    this.recovering = true;
    // Nobody reads on, and looking for the end of each error costs time.
    if (this.problems.length > MAX_PROBLEMS) this.#skipAll();
  }

  /** Reports something wrong that does not disturb the reading. */
  note(problem: Problem): void {
    this.problems.push(problem);
  }

  /** Stands for an expression that could not be read. */
  missing(): Missing {
    const index = this.nextIndex();
    this.height = 1;
    return { kind: "missing", source: this.source, start: this.startAt(index), end: this.startAt(index) };
  }

  // --- nesting ---

  /** Goes a level down. False, and reported, when it is too deep; then the rest of the file is not read. */
  descend(): boolean {
    this.#depth++;
    if (this.#depth <= MAX_NESTING) return true;
    this.#tooDeep();
    return false;
  }

  ascend(): void {
    this.#depth--;
  }

  /** Notes that what was just read stands on `height` levels. */
  grow(height: number): void {
    this.height = height + 1;
    if (this.height > MAX_NESTING) this.#tooDeep();
  }

  #tooDeep(): void {
    this.fail({
      code: "TPK2003",
      summary: "Too deeply nested",
      detail: `Expressions, blocks and templates may stand in each other ${MAX_NESTING} levels deep, and chains may have as many links. This goes further.`,
      hint: "Put the inner parts into locals of their own.",
    });
    this.#skipAll();
  }

  #skipAll(): void {
    this.index = this.#scan.kinds.length - 1;
  }
}

// --- internal ---

const closers: ReadonlySet<Kind> = new Set<Kind>([Kind.CloseBrace, Kind.CloseBracket, Kind.CloseParen]);
