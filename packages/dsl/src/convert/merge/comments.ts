// The comments of merged programs: those of all stay in the shared part, others go with the settings of their template.
import type { ts } from "ts-morph";
import type { Compiler } from "../format/format-source.ts";
import { leadingComments, trailingComments } from "../format/print-comments.ts";
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
    const found = new Map<number, Comment>();
    const add = (comments: readonly { readonly text: string; readonly start: number; readonly end: number }[]): void => {
      for (const { text, start, end } of comments) {
        if (start >= node.getStart(source) && end <= node.end) found.set(start, { text, blankAfter: false });
      }
    };
    const open: ts.Node[] = [node];
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
    return [...found].sort(([a], [b]) => a - b).map(([, comment]) => comment);
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
