// The texts of a JSON template in TypeScript: calls that the front end renders become identifiers and values, all else stays text for
// the component. What stays, and how, is not decided here: core renders the text with marks in place of values, and the marks are
// replaced afterwards.
import { pureCalls, renderKnown, type TemplateCall, TemplateError, type TemplatePart, templateParts } from "@tspack/core";
import { stringType } from "../../hcl/eval/type.ts";
import { operandsIn } from "../../json/render.ts";
import { type Code, code, precedence } from "../expression/code.ts";
import type { Imports } from "../expression/imports.ts";
import type { NameScope } from "../expression/names.ts";
import { composeText, type TextPiece } from "../expression/template.ts";
import { quote } from "../expression/text.ts";
import { Binder, withParameter } from "./binder.ts";
import { booleanCode, NotPossible, pipelineCode } from "./pipeline.ts";

/** What the texts of one section may call. */
export interface TextWorld {
  /** The calls that are rendered, in code, by name; undefined where there is no code for these arguments. */
  readonly calls: ReadonlyMap<string, (...args: readonly string[]) => Code | undefined>;
  /** Calls that depend on their arguments alone are rendered by themselves: in the variables section. */
  readonly rendersAll: boolean;
  /** All of the text is rendered: literals and what is computed with them as well. */
  readonly isWhole?: boolean | undefined;
  /** The template's folder for the inside of functions that run after the program is loaded. */
  readonly folderConstant?: (() => Code) | undefined;
  readonly imports: Imports;
  readonly names: NameScope;
}

/** A text that cannot be written in TypeScript: it stays as it is, marked. */
export class TextProblem {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** Converts a text, or says why it cannot be. */
export function convertText(text: string, world: TextWorld): Code | TextProblem {
  if (!mayConcern(text, world)) return literal(text);
  try {
    return composeText(piecesOf(text, world), { context: world }, { isBlock: text.includes("\n") });
  } catch (error) {
    if (error instanceof NotPossible || error instanceof TemplateError) return new TextProblem(error.message);
    throw error;
  }
}

/** The mark that stands behind a text that could not be converted. */
export function markedText(text: string): Code {
  return code(`${quote(text)} /* TODO(tspack): write this template as TypeScript */`, stringType);
}

// --- internal ---

/** Calls that give the same for the same arguments, by name. */
const pure = pureCalls();

function mayConcern(text: string, { calls, rendersAll }: TextWorld): boolean {
  if (!text.includes("{{")) return false;
  return [...calls.keys(), ...(rendersAll ? pure.keys() : [])].some((name) => text.includes(name));
}

function literal(text: string): Code {
  return composeText([text], { context: { imports: noImports } }, { isBlock: text.includes("\n") });
}

/** Fixed text needs none. */
const noImports = { use: (name: string) => name } as Imports;

function piecesOf(text: string, world: TextWorld): readonly TextPiece[] {
  const parts = partsOf(text, world);
  if (parts === undefined) return [text];
  if (parts.every((part) => isSimple(part, world))) return marked(text, world);
  const isWhole = parts.every((part) => isKnown(part, world));
  // What is left of a text keeps its markers, and these work on what is beside them.
  if (!isWhole && /\{\{- | -\}\}|\{\{\/\*/.test(text)) {
    throw new NotPossible("white space is trimmed around values that are not known yet");
  }
  // A text in which all is known is rendered as a whole, calls of literals included.
  return piecesOfParts(parts, isWhole ? whole(world) : world);
}

function whole(world: TextWorld): TextWorld {
  return { ...world, rendersAll: true, isWhole: true };
}

/** The pieces of parts that are rendered one by one. Trim markers have done their work on the texts. */
function piecesOfParts(parts: readonly TemplatePart[], world: TextWorld): readonly TextPiece[] {
  return parts.flatMap((part): readonly TextPiece[] => {
    if (part.kind === "text") return [part.text];
    return isSimple(part, world) ? marked(part.source, world) : [complexPiece(part, world)];
  });
}

/** The parts of a text; undefined for one that is no template, and where nothing in it is rendered. */
function partsOf(text: string, world: TextWorld): readonly TemplatePart[] | undefined {
  try {
    const parts = templateParts(text);
    return parts.some((part) => concerns(part, world)) ? parts : undefined;
  } catch (error) {
    // The front end does not look at a text in which it knows nothing: it may be no template at all.
    if (error instanceof TemplateError && renderKnown(text, silentCalls(world)) === text) return undefined;
    throw error;
  }
}

function silentCalls({ calls, rendersAll }: TextWorld): ReadonlyMap<string, TemplateCall> {
  const silent: TemplateCall = { arity: [0, Number.POSITIVE_INFINITY], run: () => "" };
  return new Map([...(rendersAll ? pure : []), ...[...calls.keys()].map((name) => [name, silent] as const)]);
}

/** True if the front end does something about a part. */
function concerns(part: TemplatePart, { calls, rendersAll }: TextWorld): boolean {
  if (part.kind === "other") return [...calls.keys()].some((name) => part.source.includes(name));
  return operandsIn([part]).some(({ call }) => calls.has(call) || (rendersAll && pure.has(call)));
}

/** True if a pipeline reads a value. */
function touches(pipeline: Pipeline, { calls }: TextWorld): boolean {
  return operandsIn([{ kind: "expression", pipeline, source: "" }]).some(({ call }) => calls.has(call));
}

/** True if values are put into a part, and nothing is computed with them. */
function isSimple(part: TemplatePart, world: TextWorld): boolean {
  if (!concerns(part, world)) return true;
  switch (part.kind) {
    case "call":
      return true;
    case "expression": {
      // What is set here may be computed with elsewhere.
      if (part.pipeline.variables.length > 0) return false;
      const calls = operandsIn([part]).map(({ call }) => call);
      if (!calls.some((name) => world.calls.has(name))) return true;
      const isLate = !isKnown(part, world);
      // Where something stays, values go into what stays as literals. What is only looked at when it is needed might not stay.
      if (isLate) return !calls.some((name) => name === "and" || name === "or");
      return calls.every((name) => world.calls.has(name)) && !hasChain(part.source);
    }
    case "control": {
      const conditions = part.branches.flatMap(({ pipeline }) => (pipeline === undefined ? [] : [pipeline]));
      const isTouched = conditions.some((pipeline) => touches(pipeline, world));
      return !isTouched && part.branches.every((branch) => branch.parts.every((inner) => isSimple(inner, world)));
    }
    default:
      return false;
  }
}

/** A field of a value: `(user "x").y`. */
function hasChain(source: string): boolean {
  return /\)\s*\./.test(source);
}

/** True if all of a part is rendered by the front end. */
function isKnown(part: TemplatePart, world: TextWorld): boolean {
  switch (part.kind) {
    case "text":
      return true;
    case "call":
      return world.calls.has(part.name) || pure.has(part.name);
    case "expression":
      return isKnownPipeline(part.pipeline, world);
    case "control":
      return part.branches.every(
        ({ pipeline, parts }) =>
          (pipeline === undefined || isKnownPipeline(pipeline, world)) && parts.every((inner) => isKnown(inner, world)),
      );
    default:
      return false;
  }
}

type Pipeline = Extract<TemplatePart, { kind: "expression" }>["pipeline"];
type Operand = Pipeline["commands"][number]["operands"][number];

function isKnownPipeline({ commands, variables }: Pipeline, world: TextWorld): boolean {
  return variables.length === 0 && commands.every(({ operands }) => operands.every((operand) => isKnownOperand(operand, world)));
}

function isKnownOperand(operand: Operand, world: TextWorld): boolean {
  switch (operand.kind) {
    case "call":
      return world.calls.has(operand.name) || pure.has(operand.name);
    case "pipeline":
      return isKnownPipeline(operand.pipeline, world);
    case "dot":
    case "field":
    case "variable":
    case "chain":
      return false;
    default:
      return true;
  }
}

/** The text with a piece of code in place of every call. */
function marked(text: string, world: TextWorld): readonly TextPiece[] {
  const found: { readonly name: string; readonly args: readonly string[] }[] = [];
  let mark = "TSPACKx";
  while (text.includes(mark)) mark += "x";
  const calls = new Map<string, TemplateCall>(world.rendersAll ? pure : []);
  for (const name of world.calls.keys()) {
    const run = (...values: readonly unknown[]): string => `${mark}${found.push({ name, args: values.map(String) }) - 1}z`;
    calls.set(name, { arity: [0, Number.POSITIVE_INFINITY], run });
  }
  // A call that gives nothing makes it a text of which something is known.
  if (world.isWhole === true) calls.set(mark, { arity: [0, 0], run: () => "" });
  const rendered = renderKnown(world.isWhole === true ? `{{${mark}}}${text}` : text, calls);
  const codes = new Map<number, Code>();
  const codeOf = (index: number): Code => {
    const known = codes.get(index);
    if (known !== undefined) return known;
    const { name, args } = found[index] ?? { name: "", args: [] };
    const made = world.calls.get(name)?.(...args);
    if (made === undefined) throw new NotPossible(`${name} cannot be called like this here`);
    codes.set(index, made);
    return made;
  };
  const split = (stretch: string, isTag: boolean): readonly TextPiece[] => {
    const pattern = new RegExp(isTag ? `"${mark}(\\d+)z"` : `${mark}(\\d+)z`);
    return stretch.split(pattern).map((piece, index): TextPiece => {
      if (index % 2 === 0) return piece;
      const value = codeOf(Number(piece));
      return isTag ? quotedLater(value, world) : value;
    });
  };
  // In what stays a template, values are literals.
  const tags = /(\{\{(?:`[^`]*`|"(?:\\.|[^"\\])*"|(?!\}\})[\s\S])*\}\})/;
  return rendered.split(tags).flatMap((stretch, index) => split(stretch, index % 2 === 1));
}

function quotedLater(value: Code, world: TextWorld): Code {
  const build = (text: string): Code => code(`JSON.stringify(${text})`, stringType, { precedence: precedence.access });
  return value.isRef ? withParameter(value, build, world.names) : build(value.text);
}

/** A part that computes with values: as an expression. */
function complexPiece(part: TemplatePart, world: TextWorld): Code {
  if (part.kind === "control") return controlCode(part.keyword, part.branches, world);
  if (part.kind !== "expression") throw new NotPossible("it defines or uses a template of its own");
  const binder = new Binder(world);
  return binder.wrap(asText(pipelineCode(part.pipeline, binder.world), binder.world));
}

type Branch = (TemplatePart & { kind: "control" })["branches"][number];

/** `if` with its branches as a conditional. A condition that needs Refs is computed with them, and all behind it. */
function controlCode(keyword: string, [first, ...others]: readonly Branch[], world: TextWorld): Code {
  if (keyword !== "if") throw new NotPossible(`${keyword} works on a value of the template`);
  if (first === undefined) return code('""', stringType, { literal: true });
  if (first.pipeline === undefined) return branchText(first.parts, world);
  const binder = new Binder(world);
  const condition = booleanCode(pipelineCode(first.pipeline, binder.world));
  const inner = binder.isUsed ? binder.world : world;
  const then = branchText(first.parts, inner);
  const otherwise = controlCode(keyword, others, inner);
  const isRef = then.isRef || otherwise.isRef;
  const text = `${condition} ? ${then.text} : ${otherwise.text}`;
  return binder.wrap(code(text, stringType, { precedence: precedence.conditional, ...(isRef ? { isRef, mixed: true } : {}) }));
}

/** A branch is rendered like a text of its own. */
function branchText(parts: readonly TemplatePart[], world: TextWorld): Code {
  const isWhole = parts.every((part) => isKnown(part, world));
  return asText(composeText(piecesOfParts(parts, isWhole ? whole(world) : world), { context: world }), world);
}

function asText(value: Code, world: TextWorld): Code {
  return value.type.kind === "string" ? value : composeText([value], { context: world });
}
