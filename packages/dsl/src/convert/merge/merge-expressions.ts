// Merges expressions that stand for the same thing in several programs: what they share is kept, and what differs becomes a setting.
import type { ts } from "ts-morph";
import type { Compiler } from "../format/format-source.ts";
import { CommentKeeper } from "./comments.ts";
import { Fingerprints } from "./fingerprint.ts";
import { literalOf } from "./literal.ts";
import { mergeCalls } from "./merge-calls.ts";
import { mergeLists } from "./merge-lists.ts";
import { mergeObjects } from "./merge-objects.ts";
import { type Piece, textOf } from "./parsed-module.ts";
import { type Place, within } from "./place.ts";
import type { Settings } from "./settings.ts";

/** Merges expressions. The text that it gives holds marks of `Settings`. */
export class ExpressionMerger {
  readonly compiler: Compiler;
  readonly settings: Settings;
  readonly fingerprints: Fingerprints;
  readonly comments: CommentKeeper;

  constructor(compiler: Compiler, settings: Settings) {
    this.compiler = compiler;
    this.settings = settings;
    this.fingerprints = new Fingerprints(compiler);
    this.comments = new CommentKeeper(compiler, settings);
  }

  /** One expression for all pieces. Total: what has nothing in common is told apart by the template's name. */
  merge(pieces: readonly Piece[], place: Place): string {
    const [first] = pieces;
    if (first === undefined) return "undefined";
    if (pieces.length === 1) return textOf(first);
    const areEqual = this.fingerprints.areEqual(pieces);
    if (areEqual && this.#haveSameComments(pieces)) return textOf(first);
    const merged = this.#mergeForm(pieces, place);
    if (merged !== undefined) return merged;
    if (!areEqual) return this.variants(pieces, place);
    const inside = pieces.map((piece) => ({ index: piece.module.index, comments: this.comments.inside(piece) }));
    this.comments.common(inside.slice(1), this.settings.count);
    return textOf(first);
  }

  /** Each its own expression, chosen by the template's name. */
  variants(pieces: readonly Piece[], place: Place): string {
    const groups = new Map<string, Piece[]>();
    for (const piece of pieces) {
      const key = this.fingerprints.of(piece);
      groups.set(key, [...(groups.get(key) ?? []), piece]);
    }
    // The most common one needs no condition.
    const sorted = [...groups.values()].sort((a, b) => a.length - b.length);
    const texts = sorted.map((group, index) => {
      const [first] = group;
      const text = first === undefined ? "undefined" : textOf(first);
      const operand = first !== undefined && this.#isLoose(first.node) ? `(${text})` : text;
      if (index === sorted.length - 1) return operand;
      return `${this.settings.isOneOf(group.map(({ module }) => module.index))} ? ${operand} : `;
    });
    const all = texts.join("");
    return place.isOperand === true ? `(${all})` : all;
  }

  /** A place for a value that is written out in all pieces, if it is. */
  value(pieces: readonly Piece[], place: Place): string | undefined {
    if (place.isLiteral === true) return undefined;
    const values = new Map<number, NonNullable<ReturnType<typeof literalOf>>>();
    for (const piece of pieces) {
      const literal = literalOf(this.compiler, piece);
      if (literal === undefined) return undefined;
      values.set(piece.module.index, literal);
    }
    return this.settings.value(place.scope, place.names.slice(0, 3), values, {
      isAlwaysRead: place.isAlwaysRead === true,
      isOperand: place.isOperand === true,
    });
  }

  /** Parts of expressions of the same form: those at one position of each. */
  part<N extends ts.Node>(pieces: readonly Piece[], nodes: readonly N[], child: (node: N) => ts.Expression, place: Place): string {
    const parts = pieces.flatMap(({ module }, index): Piece[] => {
      const node = nodes[index];
      return node === undefined ? [] : [{ module, node: child(node) }];
    });
    return this.merge(parts, place);
  }

  /** The nodes of all pieces, if all are of a kind. */
  all<N extends ts.Expression>(pieces: readonly Piece[], is: (node: ts.Node) => node is N): readonly N[] | undefined {
    const nodes: N[] = [];
    for (const { node } of pieces) {
      if (!is(node)) return undefined;
      nodes.push(node);
    }
    return nodes;
  }

  #mergeForm(pieces: readonly Piece[], place: Place): string | undefined {
    const { compiler } = this;
    const objects = this.all(pieces, compiler.isObjectLiteralExpression);
    if (objects !== undefined) return mergeObjects(this, pieces, objects, place);
    const lists = this.all(pieces, compiler.isArrayLiteralExpression);
    if (lists !== undefined) return mergeLists(this, pieces, lists, place);
    const value = this.fingerprints.areEqual(pieces) ? undefined : this.value(pieces, place);
    if (value !== undefined) return value;
    const calls = this.all(pieces, compiler.isCallExpression);
    if (calls !== undefined) return mergeCalls(this, pieces, calls, place);
    return this.#mergeTemplates(pieces, place) ?? this.#mergeOperators(pieces, place);
  }

  #mergeOperators(pieces: readonly Piece[], place: Place): string | undefined {
    const { compiler } = this;
    const inner = within(place);
    const operand = { ...inner, isOperand: true };
    const arrows = this.all(pieces, compiler.isArrowFunction);
    if (arrows !== undefined) return this.#mergeArrows(pieces, arrows, place);
    const parentheses = this.all(pieces, compiler.isParenthesizedExpression);
    if (parentheses !== undefined) return `(${this.part(pieces, parentheses, ({ expression }) => expression, inner)})`;
    const spreads = this.all(pieces, compiler.isSpreadElement);
    if (spreads !== undefined) return `...${this.part(pieces, spreads, ({ expression }) => expression, operand)}`;
    const awaits = this.all(pieces, compiler.isAwaitExpression);
    if (awaits !== undefined) return `await ${this.part(pieces, awaits, ({ expression }) => expression, operand)}`;
    const conditionals = this.all(pieces, compiler.isConditionalExpression);
    if (conditionals !== undefined) {
      const condition = this.part(pieces, conditionals, (node) => node.condition, operand);
      const whenTrue = this.part(pieces, conditionals, (node) => node.whenTrue, operand);
      return `${condition} ? ${whenTrue} : ${this.part(pieces, conditionals, (node) => node.whenFalse, operand)}`;
    }
    const binaries = this.all(pieces, compiler.isBinaryExpression);
    if (binaries !== undefined) {
      const operators = new Set(binaries.map(({ operatorToken }) => operatorToken.getText()));
      if (operators.size > 1) return undefined;
      const left = this.part(pieces, binaries, (node) => node.left, operand);
      return `${left} ${[...operators].join("")} ${this.part(pieces, binaries, (node) => node.right, operand)}`;
    }
    const accesses = this.all(pieces, compiler.isPropertyAccessExpression);
    if (accesses !== undefined && new Set(accesses.map(({ name }) => name.text)).size === 1) {
      const dot = accesses.some(({ questionDotToken }) => questionDotToken !== undefined) ? "?." : ".";
      return `${this.part(pieces, accesses, (node) => node.expression, { ...operand, isLiteral: true })}${dot}${accesses[0]?.name.text ?? ""}`;
    }
    return undefined;
  }

  #mergeArrows(pieces: readonly Piece[], arrows: readonly ts.ArrowFunction[], place: Place): string | undefined {
    const heads = new Set(arrows.map((arrow) => arrow.getText().slice(0, arrow.body.getStart() - arrow.getStart())));
    if (heads.size > 1) return undefined;
    const bodies: ts.Expression[] = [];
    for (const { body } of arrows) {
      if (this.compiler.isBlock(body)) return undefined;
      bodies.push(body);
    }
    const inside = { ...within(place), holds: place.holds, isOperand: true, isLiteral: false };
    return `${[...heads].join("")}${this.part(pieces, bodies, (body) => body, inside)}`;
  }

  /** Template literals whose values are the same, with other text around them. */
  #mergeTemplates(pieces: readonly Piece[], place: Place): string | undefined {
    const tagged = this.all(pieces, this.compiler.isTaggedTemplateExpression);
    const tags = new Set(tagged?.map(({ tag }) => tag.getText()));
    if (tags.size > 1 || tags.has("String.raw")) return undefined;
    const templates = tagged?.map(({ template }) => template) ?? pieces.map(({ node }) => node);
    const spans: { readonly head: ts.TemplateHead; readonly spans: readonly ts.TemplateSpan[] }[] = [];
    for (const node of templates) {
      if (!this.compiler.isTemplateExpression(node)) return undefined;
      spans.push({ head: node.head, spans: node.templateSpans });
    }
    const count = spans[0]?.spans.length ?? 0;
    if (spans.some((one) => one.spans.length !== count) || place.isLiteral === true) return undefined;
    const name = place.names[0] ?? "text";
    const names = (suffix: string): readonly string[] => [`${name}-${suffix}`, ...place.names.slice(1)];
    let text = this.#templateText(
      pieces,
      spans.map(({ head }) => head),
      { ...place, names: names("prefix") },
    );
    for (let at = 0; at < count; at++) {
      const values = spans.flatMap((one) => one.spans[at]?.expression ?? []);
      text += `\${${this.part(pieces, values, (value) => value, within(place))}}`;
      const suffix = at === count - 1 ? "suffix" : "part";
      text += this.#templateText(
        pieces,
        spans.flatMap((one) => one.spans[at]?.literal ?? []),
        { ...place, names: names(suffix) },
      );
    }
    return `${[...tags].join("")}\`${text}\``;
  }

  #templateText(
    pieces: readonly Piece[],
    parts: readonly (ts.TemplateHead | ts.TemplateMiddle | ts.TemplateTail)[],
    { scope, names, isAlwaysRead = false }: Place,
  ): string {
    const raw = new Set(parts.map((part) => part.rawText ?? ""));
    if (raw.size === 1) return [...raw].join("");
    const values = new Map(
      parts.map((part, at) => [
        pieces[at]?.module.index ?? 0,
        { text: JSON.stringify(part.text), shape: { kind: "text", value: part.text } as const },
      ]),
    );
    return `\${${this.settings.value(scope, names.slice(0, 3), values, { isAlwaysRead })}}`;
  }

  #haveSameComments(pieces: readonly Piece[]): boolean {
    const texts = pieces.map((piece) =>
      this.comments
        .inside(piece)
        .map(({ text }) => text)
        .join("\n"),
    );
    return new Set(texts).size === 1;
  }

  /** True if it needs parentheses in a conditional. */
  #isLoose(node: ts.Expression): boolean {
    return this.compiler.isArrowFunction(node) || this.compiler.isConditionalExpression(node);
  }
}
