import type { Token } from "./lexer.ts";
import { templateError } from "./position.ts";

/** Walks over the tokens of a template. The last token, of kind `end`, is answered for ever. */
export class TokenReader {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #position = 0;

  constructor(text: string, tokens: readonly Token[]) {
    this.#text = text;
    this.#tokens = tokens;
  }

  peek(ahead = 0): Token {
    const index = Math.min(this.#position + ahead, this.#tokens.length - 1);
    return this.#tokens[index] as Token;
  }

  next(): Token {
    const token = this.peek();
    this.#position++;
    return token;
  }

  /** True, and steps over it, when the next token is this symbol. */
  takes(symbol: string): boolean {
    const token = this.peek();
    if (token.kind !== "symbol" || token.text !== symbol) return false;
    this.#position++;
    return true;
  }

  expectClose(where: string): void {
    const token = this.next();
    if (token.kind !== "close") throw this.unexpected(token, where);
  }

  /** The name that `define`, `block` and `template` start with. */
  expectString(keyword: string): string {
    const token = this.next();
    if (token.kind === "string") return token.value;
    throw templateError(this.#text, token.at, `${keyword} needs a name in quotes`);
  }

  unexpected(token: Token, where: string) {
    const shown = token.kind === "end" ? token.text : JSON.stringify(token.text);
    return templateError(this.#text, token.at, `unexpected ${shown} ${where}`);
  }
}
