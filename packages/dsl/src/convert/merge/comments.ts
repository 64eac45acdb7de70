// The comments of merged programs: those of all stay in the shared part, others go with the settings of their template.
import type { ts } from "ts-morph";
import type { Compiler } from "../format/format-source.ts";
import { type FoundComment, leadingComments, trailingComments } from "../format/print-comments.ts";
import type { Comment, Piece } from "./parsed-module.ts";
import type { Settings } from "./settings.ts";

/** Comments of one template. */
export interface OwnComments {
  readonly index: number;
  readonly comments: readonly Comment[];
}

/** What the comments around something became. */
export interface MergedComments {
  readonly leading: string;
  readonly trailing: string;
}

/** Sorts comments while programs are merged. */
export class CommentKeeper {
  /** Comments of single templates that no setting is near to. */
  readonly unplaced = new Map<number, Comment[]>();
  readonly #compiler: Compiler;
  readonly #settings: Settings;
  readonly #all = new WeakMap<ts.SourceFile, readonly FoundComment[]>();

  constructor(compiler: Compiler, settings: Settings) {
    this.#compiler = compiler;
    this.#settings = settings;
  }

  /** The comments that all have, in their order. The others go to the first setting made since, or to the head of their file. */
  common(all: readonly OwnComments[], since: number): readonly Comment[] {
    const [first, ...rest] = all;
    if (first === undefined) return [];
    const sets = rest.map(({ comments }) => new Set(comments.map(({ text }) => text)));
    const shared = first.comments.filter(({ text }) => sets.every((set) => set.has(text)));
    const known = new Set(shared.map(({ text }) => text));
    for (const { index, comments } of all) {
      const own = comments.filter(({ text }) => !known.has(text) && !isForCompiler(text));
      if (own.length > 0 && !this.#settings.remark(since, index, own)) {
        this.unplaced.set(index, [...(this.unplaced.get(index) ?? []), ...own]);
      }
    }
    return shared;
  }

  /** The comments around elements of lists, as text around what they became. */
  around(
    pieces: readonly { readonly module: Piece["module"]; readonly node: ts.Node; readonly end: number }[],
    since: number,
  ): MergedComments {
    const leading = pieces.map(({ module, node }) => ({
      index: module.index,
      comments: leadingComments(this.#compiler, module.source, node.pos),
    }));
    const trailing = pieces.map(({ module, end }) => ({
      index: module.index,
      comments: trailingComments(this.#compiler, module.source, end).map(({ text }) => ({ text, blankAfter: false })),
    }));
    return {
      leading: commentsText(this.common(leading, since)),
      trailing: this.common(trailing, since)
        .map(({ text }) => ` ${text}`)
        .join(""),
    };
  }

  /** The comments behind the last element of lists. */
  behind(lists: readonly { readonly module: Piece["module"]; readonly position: number; readonly end: number }[], since: number): string {
    const all = lists.map(({ module, position, end }) => ({
      index: module.index,
      comments: leadingComments(this.#compiler, module.source, position).filter((comment) => comment.end <= end),
    }));
    return commentsText(this.common(all, since));
  }

  /** All comments inside of a piece. */
  inside({ module: { source }, node }: Piece): readonly Comment[] {
    const all = this.#all.get(source) ?? this.#commentsOf(source);
    this.#all.set(source, all);
    const start = node.getStart(source);
    let [low, high] = [0, all.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((all[middle]?.start ?? 0) < start) low = middle + 1;
      else high = middle;
    }
    const found: Comment[] = [];
    for (let at = low; at < all.length; at++) {
      const comment = all[at];
      if (comment === undefined || comment.end > node.end) break;
      found.push({ text: comment.text, blankAfter: false });
    }
    return found;
  }

  /** The comments of a program by position. */
  #commentsOf(source: ts.SourceFile): readonly FoundComment[] {
    const found = new Map<number, FoundComment>();
    const add = (comments: readonly FoundComment[]): void => {
      for (const comment of comments) found.set(comment.start, comment);
    };
    const open: ts.Node[] = [source];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      add(leadingComments(this.#compiler, source, next.pos));
      add(trailingComments(this.#compiler, source, endWithComma(source, next)));
      const list = this.#compiler.isObjectLiteralExpression(next)
        ? next.properties
        : this.#compiler.isArrayLiteralExpression(next)
          ? next.elements
          : undefined;
      if (list !== undefined) add(leadingComments(this.#compiler, source, list.end));
      this.#compiler.forEachChild(next, (child) => {
        open.push(child);
      });
    }
    return [...found.values()].sort((a, b) => a.start - b.start);
  }
}

/** Lines of comments, each ended. */
export function commentsText(comments: readonly Comment[]): string {
  return comments.map(({ text, blankAfter }) => `${text}\n${blankAfter ? "\n" : ""}`).join("");
}

/** True for a comment that says something to the compiler: it stays where it is or goes. */
export function isForCompiler(comment: string): boolean {
  return comment.startsWith("// @ts-expect-error");
}

/** Behind a node, and behind the comma that follows it. */
export function endWithComma(source: ts.SourceFile, node: ts.Node): number {
  return source.text[node.end] === "," ? node.end + 1 : node.end;
}
