// Pipelines, commands and operands inside the delimiters of an action.
import { didYouMean } from "../diagnostics/suggest.ts";
import type { Token } from "./lexer.ts";
import { templateError } from "./position.ts";
import type { TokenReader } from "./token-reader.ts";
import type { Command, Operand, Pipeline } from "./tree.ts";

/** Parentheses and control structures inside each other; deeper text is refused, so that it cannot exhaust the stack. */
const MOST_NESTED = 300;

const keywords: ReadonlySet<string> = new Set(["block", "break", "continue", "define", "else", "end", "if", "range", "template", "with"]);

/** Parses what stands in actions and keeps the variables that are in scope. */
export class ExpressionParser {
  readonly #text: string;
  readonly #tokens: TokenReader;
  readonly #calls: ReadonlySet<string>;
  /** Variables in scope, in order of declaration, and how often each name is among them. */
  #variables: string[] = ["$"];
  #declared = new Map<string, number>([["$", 1]]);
  #depth = 0;

  constructor(text: string, tokens: TokenReader, calls: ReadonlySet<string>) {
    this.#text = text;
    this.#tokens = tokens;
    this.#calls = calls;
  }

  /** Runs a parser one level deeper. */
  nested<T>(at: number, parse: () => T): T {
    if (++this.#depth > MOST_NESTED) throw templateError(this.#text, at, `more than ${MOST_NESTED} levels are nested`);
    const result = parse();
    this.#depth--;
    return result;
  }

  markVariables(): number {
    return this.#variables.length;
  }

  releaseVariables(mark: number): void {
    for (const name of this.#variables.splice(mark)) this.#declared.set(name, (this.#declared.get(name) ?? 1) - 1);
  }

  /** A defined template sees no variables but its own `$`. */
  withFreshVariables<T>(parse: () => T): T {
    const outer = this.#variables;
    const outerDeclared = this.#declared;
    this.#variables = ["$"];
    this.#declared = new Map([["$", 1]]);
    const result = parse();
    this.#variables = outer;
    this.#declared = outerDeclared;
    return result;
  }

  /** A pipeline and the token that closes it. */
  pipeline(where: string, closedBy: "close" | ")", allowTwoVariables = false): Pipeline {
    const at = this.#tokens.peek().at;
    const { variables, assigns } = this.#declaration(allowTwoVariables);
    const commands: Command[] = [];
    for (;;) {
      commands.push(this.#command(where));
      const token = this.#tokens.next();
      if (token.kind === "symbol" && token.text === "|") continue;
      if (token.kind === "close" ? closedBy === "close" : token.kind === "symbol" && token.text === closedBy) break;
      if (token.kind === "end" || token.kind === "close") throw templateError(this.#text, at, "a parenthesis is not closed");
      throw this.#tokens.unexpected(token, `in ${where}`);
    }
    for (const command of commands.slice(1)) this.#requireCall(command);
    if (!assigns) {
      for (const name of variables) {
        this.#variables.push(name);
        this.#declared.set(name, (this.#declared.get(name) ?? 0) + 1);
      }
    }
    return { variables, assigns, commands, at };
  }

  /** `$x :=`, `$x =`, and in range `$i, $x :=`. */
  #declaration(allowTwo: boolean): { readonly variables: readonly string[]; readonly assigns: boolean } {
    const none = { variables: [], assigns: false };
    const first = this.#tokens.peek();
    if (first.kind !== "variable") return none;
    const variables = [first.text];
    const second = this.#tokens.peek(2);
    const comma = this.#tokens.peek(1);
    if (comma.kind === "symbol" && comma.text === "," && second.kind === "variable") {
      if (!allowTwo) throw templateError(this.#text, second.at, "two variables are possible in range alone");
      variables.push(second.text);
    }
    const operator = this.#tokens.peek(variables.length * 2 - 1);
    if (operator.kind !== "symbol" || (operator.text !== ":=" && operator.text !== "=")) return none;
    const assigns = operator.text === "=";
    if (assigns) for (const name of variables) this.#requireVariable(name, first.at);
    for (let taken = 0; taken < variables.length * 2; taken++) this.#tokens.next();
    return { variables, assigns };
  }

  #command(where: string): Command {
    const at = this.#tokens.peek().at;
    const operands: Operand[] = [];
    for (;;) {
      const operand = this.#operand();
      if (operand === undefined) break;
      operands.push(operand);
      const next = this.#tokens.peek();
      if (endsCommand(next)) break;
      if (!("spaceBefore" in next && next.spaceBefore)) throw this.#tokens.unexpected(next, `behind an operand in ${where}`);
    }
    const [first, ...rest] = operands;
    if (first === undefined) {
      const next = this.#tokens.peek();
      if (endsCommand(next) && next.kind !== "end") throw templateError(this.#text, next.at, `a value or call is missing in ${where}`);
      throw this.#tokens.unexpected(next, `in ${where}`);
    }
    return { operands: [first, ...rest], at };
  }

  #operand(): Operand | undefined {
    const term = this.#term();
    if (term === undefined) return undefined;
    const names = this.#fields();
    if (names.length === 0) return term;
    switch (term.kind) {
      case "field":
      case "variable":
        return { ...term, names: [...term.names, ...names] };
      case "boolean":
      case "string":
      case "number":
      case "nil":
      case "dot":
        throw templateError(this.#text, term.at, `${term.kind === "dot" ? "a single dot" : "a literal"} has no fields`);
      default:
        return { kind: "chain", of: term, names, at: term.at };
    }
  }

  /** Field tokens that follow without a space. */
  #fields(): string[] {
    const names: string[] = [];
    for (;;) {
      const token = this.#tokens.peek();
      if (token.kind !== "field" || token.spaceBefore) return names;
      names.push(token.text.slice(1));
      this.#tokens.next();
    }
  }

  #term(): Operand | undefined {
    const token = this.#tokens.peek();
    const { at } = token;
    switch (token.kind) {
      case "dot":
        this.#tokens.next();
        return { kind: "dot", at };
      case "string":
      case "number":
        this.#tokens.next();
        return token.kind === "string" ? { kind: "string", value: token.value, at } : { kind: "number", value: token.value, at };
      case "field":
        this.#tokens.next();
        return { kind: "field", names: [token.text.slice(1)], at };
      case "variable":
        this.#tokens.next();
        this.#requireVariable(token.text, at);
        return { kind: "variable", name: token.text, names: [], at };
      case "word":
        return this.#word(token.text, at);
      default:
        if (!this.#tokens.takes("(")) return undefined;
        return this.nested(at, () => ({ kind: "pipeline", pipeline: this.pipeline("the parentheses", ")"), at }));
    }
  }

  #word(word: string, at: number): Operand | undefined {
    if (keywords.has(word)) return undefined;
    this.#tokens.next();
    if (word === "nil") return { kind: "nil", at };
    if (word === "true" || word === "false") return { kind: "boolean", value: word === "true", at };
    if (this.#calls.has(word)) return { kind: "call", name: word, at };
    throw templateError(this.#text, at, `there is no call named ${JSON.stringify(word)}`, didYouMean(word, this.#calls));
  }

  #requireVariable(name: string, at: number): void {
    if ((this.#declared.get(name) ?? 0) > 0) return;
    throw templateError(this.#text, at, `there is no variable ${name}`, didYouMean(name, this.#variables));
  }

  /** Behind a `|` only something that takes an argument makes sense. */
  #requireCall(command: Command): void {
    switch (command.operands[0].kind) {
      case "boolean":
      case "dot":
      case "nil":
      case "number":
      case "string":
        throw templateError(this.#text, command.at, "what stands behind | must be a call");
      default:
    }
  }
}

function endsCommand(token: Token): boolean {
  return token.kind === "close" || token.kind === "end" || (token.kind === "symbol" && (token.text === ")" || token.text === "|"));
}
