// The structure of a template: texts, actions and control structures. Expressions are in expression-parser.ts.
import { ExpressionParser } from "./expression-parser.ts";
import { type Token, tokenize } from "./lexer.ts";
import { templateError } from "./position.ts";
import { TokenReader } from "./token-reader.ts";
import type { Body, Template, TemplateNode } from "./tree.ts";

/**
 * Parses a template string (Go text/template). `calls` are the names that may be called. Throws `TemplateError` for the
 * first mistake, calls of unknown names included.
 */
export function parseTemplate(text: string, calls: ReadonlySet<string>): Template {
  return new Parser(text, calls).parse();
}

// --- internal ---

/** How a body ended: the keyword that closed it. */
interface Ended {
  readonly body: Body;
  readonly by: "end" | "else" | "text";
  readonly at: number;
}

class Parser {
  readonly #text: string;
  readonly #tokens: TokenReader;
  readonly #expressions: ExpressionParser;
  readonly #defined = new Map<string, Body>();
  #rangeDepth = 0;

  constructor(text: string, calls: ReadonlySet<string>) {
    this.#text = text;
    const tokens: Token[] = tokenize(text);
    this.#tokens = new TokenReader(text, tokens);
    this.#expressions = new ExpressionParser(text, this.#tokens, calls);
  }

  parse(): Template {
    const { body, by, at } = this.#body(true);
    if (by !== "text") throw templateError(this.#text, at, `{{${by}}} has nothing to ${by === "end" ? "end" : "belong to"}`);
    return { body, defined: this.#defined };
  }

  /** Nodes up to `{{end}}`, `{{else}}` (its action left open) or the end of the text. */
  #body(top = false): Ended {
    const nodes: TemplateNode[] = [];
    for (;;) {
      const token = this.#tokens.next();
      if (token.kind === "end") return { body: nodes, by: "text", at: token.at };
      if (token.kind === "text") {
        nodes.push({ kind: "text", text: token.text });
        continue;
      }
      const word = this.#tokens.peek();
      const keyword = word.kind === "word" ? word.text : "";
      if (keyword === "end" || keyword === "else") {
        this.#tokens.next();
        if (keyword === "end") this.#tokens.expectClose("after end");
        return { body: nodes, by: keyword, at: word.at };
      }
      const node = this.#action(keyword, word.at, top);
      if (node !== undefined) nodes.push(node);
    }
  }

  #action(keyword: string, at: number, top: boolean): TemplateNode | undefined {
    switch (keyword) {
      case "if":
      case "with":
      case "range":
        this.#tokens.next();
        return this.#control(keyword, at);
      case "define":
        this.#tokens.next();
        if (!top) throw templateError(this.#text, at, "define may only stand at the top level");
        this.#define(at);
        return undefined;
      case "block":
        this.#tokens.next();
        return this.#block(at);
      case "template":
        this.#tokens.next();
        return this.#template(at);
      case "break":
      case "continue":
        this.#tokens.next();
        if (this.#rangeDepth === 0) throw templateError(this.#text, at, `${keyword} may only stand inside range`);
        this.#tokens.expectClose(`after ${keyword}`);
        return { kind: keyword };
      default: {
        const pipeline = this.#expressions.pipeline("the action", "close");
        return { kind: "action", pipeline };
      }
    }
  }

  #control(kind: "if" | "with" | "range", at: number): TemplateNode {
    return this.#expressions.nested(at, () => {
      const mark = this.#expressions.markVariables();
      const pipeline = this.#expressions.pipeline(kind, "close", kind === "range");
      if (kind === "range") this.#rangeDepth++;
      const first = this.#body();
      if (kind === "range") this.#rangeDepth--;
      const otherwise = first.by === "else" ? this.#otherwise(kind, at) : [];
      if (first.by === "text") throw this.#unended(kind, at);
      this.#expressions.releaseVariables(mark);
      return kind === "range" ? { kind, pipeline, body: first.body, otherwise, at } : { kind, pipeline, body: first.body, otherwise };
    });
  }

  /** What follows `{{else`: `}}…{{end}}`, or `if …}}` and `with …}}`, which share the `{{end}}`. */
  #otherwise(kind: "if" | "with" | "range", at: number): Body {
    const word = this.#tokens.peek();
    if (word.kind === "word" && word.text === kind && kind !== "range") {
      this.#tokens.next();
      return [this.#control(kind, word.at)];
    }
    this.#tokens.expectClose("after else");
    const rest = this.#body();
    if (rest.by === "else") throw templateError(this.#text, rest.at, `${kind} has a second else`);
    if (rest.by === "text") throw this.#unended(kind, at);
    return rest.body;
  }

  #define(at: number): void {
    const name = this.#tokens.expectString("define");
    this.#tokens.expectClose("after the name of define");
    this.#defineBody(name, "define", at);
  }

  #block(at: number): TemplateNode {
    const name = this.#tokens.expectString("block");
    const pipeline = this.#expressions.pipeline("block", "close");
    this.#defineBody(name, "block", at);
    return { kind: "template", name, pipeline, at };
  }

  #defineBody(name: string, keyword: string, at: number): void {
    const body = this.#expressions.nested(at, () =>
      this.#expressions.withFreshVariables(() => {
        const outer = this.#rangeDepth;
        this.#rangeDepth = 0;
        const ended = this.#body();
        this.#rangeDepth = outer;
        if (ended.by === "text") throw this.#unended(keyword, at);
        if (ended.by === "else") throw templateError(this.#text, ended.at, `${keyword} has no else`);
        return ended.body;
      }),
    );
    const known = this.#defined.get(name);
    if (known === undefined || isBlank(known)) this.#defined.set(name, body);
    else if (!isBlank(body)) throw templateError(this.#text, at, `the template ${JSON.stringify(name)} is defined twice`);
  }

  #template(at: number): TemplateNode {
    const name = this.#tokens.expectString("template");
    const closes = this.#tokens.peek().kind === "close";
    if (closes) this.#tokens.next();
    const pipeline = closes ? undefined : this.#expressions.pipeline("template", "close");
    return { kind: "template", name, pipeline, at };
  }

  #unended(keyword: string, at: number) {
    return templateError(this.#text, at, `${keyword} is not closed: {{end}} is missing`);
  }
}

function isBlank(body: Body): boolean {
  return body.every((node) => node.kind === "text" && node.text.trim() === "");
}
