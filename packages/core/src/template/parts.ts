import { parseTemplate } from "./parser.ts";
import { type Branch, RenderedTexts, type TagItem, tagItems, tokenEnd, wordsIn } from "./tags.ts";
import type { Operand, Pipeline } from "./tree.ts";

/** A part of a template string, for those who write it in another language. Trim markers have done their work on the texts. */
export type TemplatePart =
  | { readonly kind: "text"; readonly text: string }
  /** One call with literal arguments: `` {{user `name`}} ``, `{{isotime "2006"}}`, `{{timestamp}}`. */
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Literal[]; readonly source: string }
  /** `{{.Name}}`. */
  | { readonly kind: "field"; readonly names: readonly string[]; readonly source: string }
  /** Any other action. */
  | { readonly kind: "expression"; readonly pipeline: Pipeline; readonly source: string }
  | {
      readonly kind: "control";
      readonly keyword: "if" | "with" | "range";
      readonly branches: readonly { readonly pipeline: Pipeline | undefined; readonly parts: readonly TemplatePart[] }[];
      readonly source: string;
    }
  /** `define`, `block`, `template`, `break` and `continue`. */
  | { readonly kind: "other"; readonly source: string };

/** A literal in a call: text, Go's int, its float64, a bool. */
export type Literal = string | bigint | number | boolean;

/** The parts of a template string, in order. Calls of any name are accepted. Throws `TemplateError` for one that cannot be parsed. */
export function templateParts(text: string): readonly TemplatePart[] {
  if (!text.includes("{{")) return text === "" ? [] : [{ kind: "text", text }];
  const calls = new Set(wordsIn(text));
  parseTemplate(text, calls);
  return partsBetween({ text, calls, texts: new RenderedTexts(text) }, tagItems(text), 0, text.length);
}

// --- internal ---

interface Given {
  readonly text: string;
  readonly calls: ReadonlySet<string>;
  readonly texts: RenderedTexts;
}

function partsBetween(given: Given, items: readonly TagItem[], start: number, end: number): TemplatePart[] {
  const parts: TemplatePart[] = [];
  let position = start;
  const addText = (until: number): void => {
    const text = given.texts.between(position, until);
    if (text !== "") parts.push({ kind: "text", text });
  };
  for (const item of items) {
    const [first, last] = item.kind === "tag" ? [item.tag, item.tag] : [item.branches[0].tag, item.end];
    addText(first.start);
    parts.push(partOf(given, item, given.text.slice(first.start, last.end)));
    position = last.end;
  }
  addText(end);
  return parts;
}

function partOf(given: Given, item: TagItem, source: string): TemplatePart {
  if (item.kind === "tag") {
    const first = item.tag.tokens[0];
    if (first?.kind === "word" && ["template", "break", "continue"].includes(first.text)) return { kind: "other", source };
    return actionPart(pipelineOf(given, item.tag.tokens), source);
  }
  const { keyword, branches, end } = item;
  if (keyword !== "if" && keyword !== "with" && keyword !== "range") return { kind: "other", source };
  return {
    kind: "control",
    keyword,
    source,
    branches: branches.map((branch, index) => {
      const next = branches[index + 1]?.tag ?? end;
      const pipeline = branch.condition === undefined ? undefined : pipelineOf(given, branch.condition);
      return { pipeline, parts: partsBetween(given, branch.body, branch.tag.end, next.start) };
    }),
  };
}

/** The pipeline that some tokens of a tag make. Variables it names are declared around it. */
function pipelineOf({ text, calls }: Given, tokens: NonNullable<Branch["condition"]>): Pipeline {
  const [first, last] = [tokens[0], tokens.at(-1)];
  const source = first === undefined || last === undefined ? "" : text.slice(first.at, tokenEnd(last));
  const names = new Set(tokens.flatMap((token) => (token.kind === "variable" && token.text !== "$" ? [token.text] : [])));
  const declared = [...names].map((name) => `{{${name} := 0}}`).join("");
  const { body } = parseTemplate(`${declared}{{range ${source}}}{{end}}`, calls);
  const node = body.at(-1);
  if (node?.kind !== "range") throw new Error("a pipeline was expected");
  return node.pipeline;
}

function actionPart(pipeline: Pipeline, source: string): TemplatePart {
  const [command, ...more] = pipeline.commands;
  if (command === undefined || more.length > 0 || pipeline.variables.length > 0) return { kind: "expression", pipeline, source };
  const [first, ...operands] = command.operands;
  if (first.kind === "field" && operands.length === 0) return { kind: "field", names: first.names, source };
  const args = operands.flatMap(literalOf);
  if (first.kind !== "call" || args.length < operands.length) return { kind: "expression", pipeline, source };
  return { kind: "call", name: first.name, args, source };
}

function literalOf(operand: Operand): Literal[] {
  return operand.kind === "string" || operand.kind === "number" || operand.kind === "boolean" ? [operand.value] : [];
}
