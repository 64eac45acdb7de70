import type { ts } from "ts-morph";
import type { Compiler } from "./format-source.ts";
import {
  emptyLine,
  group,
  hanging,
  hardLine,
  ifFlat,
  indent,
  join,
  type Layout,
  line,
  softLine,
  trailingComma,
  verbatim,
} from "./layout.ts";
import { CommentedList, type FoundComment, lastComments, leadingComments, trailingComments } from "./print-comments.ts";

/** Prints expressions of one source file as layouts. */
export class ExpressionPrinter {
  readonly source: ts.SourceFile;
  readonly #compiler: Compiler;

  constructor(compiler: Compiler, source: ts.SourceFile) {
    this.#compiler = compiler;
    this.source = source;
  }

  /** A node as it stands in the text. */
  text(node: ts.Node): string {
    return this.source.text.slice(node.getStart(this.source), node.end);
  }

  print(node: ts.Expression): Layout {
    const compiler = this.#compiler;
    if (compiler.isArrayLiteralExpression(node)) return this.#array(node);
    if (compiler.isObjectLiteralExpression(node)) return this.#object(node);
    if (compiler.isCallExpression(node)) return this.#call(node);
    if (compiler.isArrowFunction(node)) return this.#arrow(node);
    if (compiler.isConditionalExpression(node)) return this.#conditional(node);
    if (compiler.isBinaryExpression(node)) return group(indent(this.#binary(node)));
    if (compiler.isParenthesizedExpression(node)) return ["(", this.print(node.expression), ")"];
    if (compiler.isSpreadElement(node)) return ["...", this.print(node.expression)];
    if (compiler.isAwaitExpression(node)) return ["await ", this.print(node.expression)];
    if (compiler.isPrefixUnaryExpression(node)) {
      return [this.source.text.slice(node.getStart(this.source), node.operand.getStart(this.source)), this.print(node.operand)];
    }
    if (compiler.isPropertyAccessExpression(node)) {
      return [this.print(node.expression), node.questionDotToken === undefined ? "." : "?.", this.text(node.name)];
    }
    if (compiler.isElementAccessExpression(node)) {
      const open = node.questionDotToken === undefined ? "[" : "?.[";
      return [this.print(node.expression), open, this.print(node.argumentExpression), "]"];
    }
    if (compiler.isAsExpression(node)) return [this.print(node.expression), " as ", this.text(node.type), this.#mark(node)];
    if (compiler.isSatisfiesExpression(node)) return [this.print(node.expression), " satisfies ", this.text(node.type)];
    return verbatim(this.text(node));
  }

  /** What follows a name and its sign: `= value`, `: value`. Long sums, comparisons and what they decide start a line of their own. */
  assigned(sign: string, node: ts.Expression): Layout {
    const compiler = this.#compiler;
    if (compiler.isBinaryExpression(node)) {
      // The brackets of a fallback stay where they are: `= given ?? [`.
      if (this.#isHuggedOperand(node))
        return [sign, " ", this.print(node.left), ` ${this.text(node.operatorToken)} `, this.print(node.right)];
      return [sign, group(indent([line, group(this.#binary(node))]))];
    }
    if (compiler.isConditionalExpression(node) && compiler.isBinaryExpression(node.condition)) {
      return [sign, group(indent([line, this.#conditional(node)]))];
    }
    return [sign, " ", this.print(node)];
  }

  #isHuggedOperand({ left, right, operatorToken }: ts.BinaryExpression): boolean {
    const isLogical = ["??", "||", "&&"].includes(this.text(operatorToken));
    return isLogical && !this.#compiler.isBinaryExpression(left) && this.#isLiteralWithEntries(right);
  }

  #isLiteralWithEntries(node: ts.Expression): boolean {
    if (this.#compiler.isArrayLiteralExpression(node)) return node.elements.length > 0;
    return this.#compiler.isObjectLiteralExpression(node) && node.properties.length > 0;
  }

  /** The mark behind what could not be converted, which nothing may part from it. */
  #mark(node: ts.AsExpression): string {
    return trailingComments(this.#compiler, this.source, node.end)
      .filter(isMark)
      .map(({ text }) => ` ${text}`)
      .join("");
  }

  /** A list in brackets: on one line if it fits. */
  list(open: string, items: readonly Layout[], close: string, { spaced = false, breaks = false } = {}): Layout {
    if (items.length === 0) return open + close;
    const edge = spaced ? line : softLine;
    return group([open, indent([edge, join([",", line], items)]), trailingComma, edge, close], breaks);
  }

  /** Statements in braces. */
  block(node: ts.Block): Layout {
    const statements = node.statements.map((statement): Layout => {
      const leading = CommentedList.before(leadingComments(this.#compiler, this.source, statement.pos));
      if (this.#compiler.isReturnStatement(statement) && statement.expression !== undefined) {
        return [leading, "return ", this.print(statement.expression), ";"];
      }
      if (this.#compiler.isVariableStatement(statement)) {
        const declared = statement.declarationList.declarations.map(({ name, initializer }) => [
          this.text(name),
          initializer === undefined ? "" : this.assigned(" =", initializer),
        ]);
        return [leading, "const ", join(", ", declared), ";"];
      }
      return [leading, verbatim(this.text(statement))];
    });
    return statements.length === 0 ? "{}" : group(["{", indent([hardLine, join(hardLine, statements)]), hardLine, "}"], true);
  }

  #array(node: ts.ArrayLiteralExpression): Layout {
    const items = this.#items(node.elements, (element) => this.print(element));
    const rest = this.#rest(node, node.elements);
    const first = node.elements[0];
    // One object in a list shares its brackets: `[{ … }]`.
    const isHugged = node.elements.length === 1 && first !== undefined && this.#isRecordLiteral(first) && this.#isBare(node, first);
    if (isHugged) return ["[", this.print(first), "]"];
    const areRecords = node.elements.length > 1 && node.elements.every((element) => this.#isRecord(element));
    const isOpened = rest.length > 0 || (first !== undefined && this.#startsLine(node, first) && node.elements.length > 1);
    return this.#bracketed("[", items, rest, "]", { edge: softLine, breaks: areRecords || isOpened });
  }

  /** Lists and objects of more than one entry: several of them in a list stand on lines of their own. */
  #isRecord(node: ts.Expression): boolean {
    if (this.#compiler.isArrayLiteralExpression(node)) return node.elements.length > 1;
    return this.#compiler.isObjectLiteralExpression(node) && node.properties.length > 1;
  }

  #isRecordLiteral(node: ts.Expression): boolean {
    return this.#compiler.isObjectLiteralExpression(node);
  }

  /** True if there are no comments around the only entry. */
  #isBare(node: ts.ArrayLiteralExpression, only: ts.Expression): boolean {
    const around =
      this.source.text.slice(node.getStart(this.source) + 1, only.getStart(this.source)) + this.source.text.slice(only.end, node.end - 1);
    return /^[\s,]*$/.test(around);
  }

  #object(node: ts.ObjectLiteralExpression): Layout {
    const items = this.#items(node.properties, (property) => this.#property(property));
    const rest = this.#rest(node, node.properties);
    const first = node.properties[0];
    return this.#bracketed("{", items, rest, "}", { edge: line, breaks: first !== undefined && this.#startsLine(node, first) });
  }

  #property(node: ts.ObjectLiteralElementLike): Layout {
    const compiler = this.#compiler;
    if (compiler.isPropertyAssignment(node)) {
      const name = compiler.isComputedPropertyName(node.name) ? ["[", this.print(node.name.expression), "]"] : this.text(node.name);
      return [name, this.assigned(":", node.initializer)];
    }
    if (compiler.isSpreadAssignment(node)) return ["...", this.print(node.expression)];
    return verbatim(this.text(node));
  }

  /** Whether the text has a line end between the opening bracket and the first entry, which then stays there. */
  #startsLine(node: ts.Node, first: ts.Node): boolean {
    return this.source.text.slice(node.getStart(this.source), first.getStart(this.source)).includes("\n");
  }

  /** Entries with their comments and the blank lines between them; a comma belongs in front of a trailing comment. */
  #items<T extends ts.Node>(nodes: readonly T[], print: (node: T) => Layout): readonly Layout[] {
    return nodes.map((node, index) => {
      const leading = leadingComments(this.#compiler, this.source, node.pos);
      const comma = this.source.text.indexOf(",", node.end);
      const hasComma = comma >= 0 && /^\s*$/.test(this.source.text.slice(node.end, comma));
      const isMarked = !hasComma && this.source.text.endsWith(" as never", node.end);
      const behind = trailingComments(this.#compiler, this.source, hasComma ? comma + 1 : node.end).filter(
        (comment) => !isMarked || !isMark(comment),
      );
      const isLast = index === nodes.length - 1;
      const separator = isLast ? trailingComma : ",";
      const between = index === 0 ? [] : this.#hasBlankLine(node, leading[0]?.start) ? emptyLine : line;
      return [between, CommentedList.before(leading), print(node), separator, CommentedList.behind(behind)];
    });
  }

  #hasBlankLine(node: ts.Node, end = node.getStart(this.source)): boolean {
    return /\n[ \t]*\r?\n/.test(this.source.text.slice(node.pos, end));
  }

  #rest(node: ts.Node, entries: readonly ts.Node[]): ReturnType<typeof lastComments> {
    const last = entries.at(-1);
    if (last === undefined) return lastComments(this.#compiler, this.source, node.getStart(this.source) + 1, node.end);
    const comma = this.source.text.indexOf(",", last.end);
    const start = comma >= 0 && comma < node.end && /^\s*$/.test(this.source.text.slice(last.end, comma)) ? comma + 1 : last.end;
    return lastComments(this.#compiler, this.source, start, node.end);
  }

  #bracketed(
    open: string,
    items: readonly Layout[],
    rest: ReturnType<typeof lastComments>,
    close: string,
    { edge, breaks }: { readonly edge: Layout; readonly breaks: boolean },
  ): Layout {
    if (items.length === 0 && rest.length === 0) return open + close;
    const comments = rest.length === 0 ? [] : [items.length === 0 ? [] : hardLine, CommentedList.lines(rest)];
    return group([open, indent([edge, items, comments]), edge, close], breaks || rest.length > 0);
  }

  #call(node: ts.CallExpression): Layout {
    const chain = this.#chain(node);
    if (chain !== undefined) return chain;
    const callee = this.print(node.expression);
    return [callee, this.#typeAndArguments(node)];
  }

  #typeAndArguments(node: ts.CallExpression): Layout {
    const types = node.typeArguments === undefined ? "" : `<${node.typeArguments.map((type) => this.text(type)).join(", ")}>`;
    const last = node.arguments.at(-1);
    if (last === undefined) return [types, "()"];
    const before = node.arguments.slice(0, -1);
    // `call("a", "b", {` keeps its brackets together; `call(() => …, list)` does not.
    const isHugged =
      this.#isHuggable(last) &&
      before.every((each) => !this.#isHuggable(each) || this.#isShortText(each)) &&
      this.#hasNoComments(node.arguments);
    if (isHugged) return [types, "(", before.map((each) => [this.print(each), ", "]), this.print(last), ")"];
    const items = this.#items(node.arguments, (each) => this.print(each));
    return [types, this.#bracketed("(", items, [], ")", { edge: softLine, breaks: false })];
  }

  /** Three calls or more on one another stand one below the other where they do not fit on a line. */
  #chain(node: ts.CallExpression): Layout | undefined {
    const links: Layout[] = [];
    let calls = 1;
    let current: ts.CallExpression = node;
    for (;;) {
      const access = current.expression;
      if (!this.#compiler.isPropertyAccessExpression(access) || !this.#compiler.isCallExpression(access.expression)) break;
      links.unshift([
        softLine,
        access.questionDotToken === undefined ? "." : "?.",
        this.text(access.name),
        this.#typeAndArguments(current),
      ]);
      current = access.expression;
      calls++;
    }
    if (calls < 3) return undefined;
    return group([this.print(current.expression), this.#typeAndArguments(current), indent(links)]);
  }

  #isHuggable(node: ts.Expression): boolean {
    const compiler = this.#compiler;
    if (compiler.isObjectLiteralExpression(node)) return node.properties.length > 0;
    if (compiler.isArrayLiteralExpression(node)) return node.elements.length > 0;
    return compiler.isArrowFunction(node) || compiler.isTemplateExpression(node) || compiler.isNoSubstitutionTemplateLiteral(node);
  }

  /** True for text with values in it, on one line. */
  #isShortText(node: ts.Expression): boolean {
    return (
      (this.#compiler.isTemplateExpression(node) || this.#compiler.isNoSubstitutionTemplateLiteral(node)) && !this.text(node).includes("\n")
    );
  }

  #hasNoComments(nodes: readonly ts.Node[]): boolean {
    return nodes.every((node) => leadingComments(this.#compiler, this.source, node.pos).length === 0);
  }

  #arrow(node: ts.ArrowFunction): Layout {
    const compiler = this.#compiler;
    const head = this.source.text.slice(node.getStart(this.source), node.equalsGreaterThanToken.end);
    if (compiler.isBlock(node.body)) return [head, " ", this.block(node.body)];
    if (compiler.isParenthesizedExpression(node.body) && compiler.isConditionalExpression(node.body.expression)) {
      return [head, group(indent([line, ifFlat("("), this.#conditional(node.body.expression), ifFlat(")")]))];
    }
    const body = this.print(node.body);
    const isOpen =
      compiler.isArrayLiteralExpression(node.body) ||
      compiler.isTemplateExpression(node.body) ||
      compiler.isTaggedTemplateExpression(node.body) ||
      (compiler.isParenthesizedExpression(node.body) && compiler.isObjectLiteralExpression(node.body.expression));
    if (compiler.isCallExpression(node.body)) return [head, hanging(body)];
    return isOpen ? [head, " ", body] : [head, group(indent([line, body]))];
  }

  /** A conditional in place of the last operand is indented below it. */
  #conditional(node: ts.ConditionalExpression): Layout {
    return group([this.print(node.condition), indent(this.#branches(node))]);
  }

  #branches(node: ts.ConditionalExpression): Layout {
    const next = node.whenFalse;
    const otherwise = this.#compiler.isConditionalExpression(next)
      ? [this.print(next.condition), indent(this.#branches(next))]
      : indent(this.print(next));
    return [line, "? ", indent(this.print(node.whenTrue)), line, ": ", otherwise];
  }

  /** Operands of one precedence, flat. */
  #binary(node: ts.BinaryExpression): Layout {
    const { left, right, operatorToken } = node;
    const isSame = this.#compiler.isBinaryExpression(left) && left.operatorToken.kind === operatorToken.kind;
    return [isSame ? this.#binary(left) : this.print(left), ` ${this.text(operatorToken)}`, line, this.print(right)];
  }
}

/** True for the mark of what could not be converted. */
function isMark({ text }: FoundComment): boolean {
  return text.startsWith("/* TODO(tspack): ");
}
