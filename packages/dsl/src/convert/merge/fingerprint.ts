// What a piece of a program says, without its layout and comments.
import type { ts } from "ts-morph";
import type { Compiler } from "../format/format-source.ts";
import type { Piece } from "./parsed-module.ts";

/** Compares pieces of programs. Remembers what it worked out. */
export class Fingerprints {
  readonly #compiler: Compiler;
  readonly #texts = new WeakMap<ts.Node, string>();
  readonly #tokens = new WeakMap<ts.Node, ReadonlyMap<string, number>>();

  constructor(compiler: Compiler) {
    this.#compiler = compiler;
  }

  /** Equal for pieces that say the same. */
  of({ module: { source }, node }: Piece): string {
    return this.#text(source, node);
  }

  areEqual(pieces: readonly Piece[]): boolean {
    const [first, ...rest] = pieces;
    if (first === undefined) return true;
    const text = this.of(first);
    return rest.every((piece) => this.of(piece) === text);
  }

  /** How alike two pieces are, from 0 to 1: the share of words that both have (Dice's coefficient); of text what both begin and end with. */
  likeness(a: Piece, b: Piece): number {
    if (this.of(a) === this.of(b)) return 1;
    if (a.node.kind !== b.node.kind) return 0;
    if (this.#compiler.isStringLiteralLike(a.node) && this.#compiler.isStringLiteralLike(b.node)) {
      return sharedEnds(a.node.text, b.node.text) / Math.max(a.node.text.length, b.node.text.length);
    }
    const [ours, theirs] = [this.#words(a), this.#words(b)];
    let shared = 0;
    for (const [word, count] of ours) shared += Math.min(count, theirs.get(word) ?? 0);
    const total = sum(ours) + sum(theirs);
    return total === 0 ? 0 : (2 * shared) / total;
  }

  #text(source: ts.SourceFile, node: ts.Node): string {
    const known = this.#texts.get(node);
    if (known !== undefined) return known;
    const parts: string[] = [];
    this.#compiler.forEachChild(node, (child) => {
      parts.push(this.#text(source, child));
    });
    const own = parts.length === 0 ? source.text.slice(node.getStart(source), node.end) : "";
    // Signs in front of an operand are no nodes of their own.
    const sign = this.#compiler.isPrefixUnaryExpression(node) ? node.operator : "";
    // Brackets around nothing keep their comments: `{ /* */ }` says what `{}` says.
    const text = `${node.kind}${sign}(${isEmptyList(this.#compiler, node) ? "" : own}${parts.join(",")})`;
    this.#texts.set(node, text);
    return text;
  }

  #words({ module: { source }, node }: Piece): ReadonlyMap<string, number> {
    const known = this.#tokens.get(node);
    if (known !== undefined) return known;
    const words = new Map<string, number>();
    const open: ts.Node[] = [node];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      let isLeaf = true;
      this.#compiler.forEachChild(next, (child) => {
        isLeaf = false;
        open.push(child);
      });
      if (!isLeaf) continue;
      const word = source.text.slice(next.getStart(source), next.end);
      words.set(word, (words.get(word) ?? 0) + 1);
    }
    this.#tokens.set(node, words);
    return words;
  }
}

// --- internal ---

function isEmptyList(compiler: Compiler, node: ts.Node): boolean {
  return compiler.isArrayLiteralExpression(node) || compiler.isObjectLiteralExpression(node);
}

function sum(words: ReadonlyMap<string, number>): number {
  let total = 0;
  for (const count of words.values()) total += count;
  return total;
}

function sharedEnds(a: string, b: string): number {
  const room = Math.min(a.length, b.length);
  let start = 0;
  while (start < room && a[start] === b[start]) start++;
  let end = 0;
  while (start + end < room && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  return start + end;
}
