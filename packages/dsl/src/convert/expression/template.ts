// Templates: quoted text, heredocs and directives.
import { stringType, type Type } from "../../hcl/eval/type.ts";
import type { Expression, ForDirective, IfDirective, Template, TemplatePart } from "../../hcl/syntax/tree.ts";
import { arrowBody, type Code, code, conditionText, type ExpressionContext, precedence } from "./code.ts";
import { coerce, numberLiteralText, required } from "./coerce.ts";
import { iterate, usedParameters } from "./iteration.ts";
import { hoist, refsIn } from "./refs.ts";
import { inText, type Scope } from "./scope.ts";
import { literalValue, multiLine, quote, templateLine, templateText } from "./text.ts";
import { isScalar } from "./types.ts";

/** A piece of text: fixed, or a value that goes into it. */
export type TextPiece = string | Code;

/** `"…${x}…"`, a heredoc, or a file read as a template. */
export function convertTemplate(node: Template, scope: Scope, wanted?: Type): Code {
  const [only] = node.parts;
  if (node.parts.length === 1 && only?.kind === "interpolation") {
    // One interpolation and nothing else is the value itself; in a heredoc it is text.
    return node.form === "heredoc"
      ? coerce(scope.convert(only.value, scope, stringType), stringType)
      : scope.convert(only.value, scope, wanted);
  }
  return composeText(piecesOf(node.parts, scope), scope, { isBlock: node.form === "heredoc" || node.form === "file" });
}

/** What text needs of what is around it. */
export interface TextScope {
  readonly context: Pick<ExpressionContext, "imports">;
}

/** Text of pieces: a string literal, a template literal, or t`…` when a Ref is among them. */
export function composeText(
  pieces: readonly TextPiece[],
  scope: TextScope,
  { isBlock = false }: { readonly isBlock?: boolean } = {},
): Code {
  const joined = joinFixed(pieces.map(foldLiteral));
  const [only] = joined;
  if (only === undefined) return code('""', stringType, { literal: true });
  if (joined.length === 1 && typeof only === "string") {
    return code(isBlock && isLong(only) ? multiLine(only) : quote(only), stringType, { literal: !(isBlock && isLong(only)) });
  }
  if (joined.length === 1 && typeof only !== "string" && only.type.kind === "string" && only.nullable !== true) return only;
  const isRef = joined.some((piece) => typeof piece !== "string" && (piece.isRef || piece.holdsRefs === true));
  const tag = isRef ? scope.context.imports.use("t") : "";
  const fixed = joined.filter((piece) => typeof piece === "string").join("");
  const escaped = isBlock && isLong(fixed) ? templateText : templateLine;
  // A tagged template takes no `undefined`.
  const value = (piece: Code): string => (isRef ? required(piece) : piece).text;
  const text = joined.map((piece) => (typeof piece === "string" ? escaped(piece) : `\${${value(piece)}}`)).join("");
  return code(`${tag}\`${text}\``, stringType, { isRef, ...(isRef ? { precedence: precedence.access } : {}) });
}

// --- internal ---

function piecesOf(parts: readonly TemplatePart[], scope: Scope): readonly TextPiece[] {
  const pieces: TextPiece[] = [];
  for (const part of parts) {
    if (part.kind === "text") pieces.push(part.value);
    else if (part.kind === "interpolation") pieces.push(...interpolated(part.value, scope));
    else pieces.push(part.kind === "if" ? ifDirective(part, scope) : forDirective(part, scope));
  }
  return pieces;
}

/** A template inside a template is part of its text. */
function interpolated(value: Expression, scope: Scope): readonly TextPiece[] {
  if (value.kind === "parentheses") return interpolated(value.value, scope);
  if (value.kind === "template") return piecesOf(value.parts, scope);
  return [scope.convert(value, scope, inText)];
}

/** What is fixed although it is an interpolation: `${5}`, `${"a"}`. */
function foldLiteral(piece: TextPiece): TextPiece {
  if (typeof piece === "string" || piece.isRef) return piece;
  const number = numberLiteralText(piece);
  if (number !== undefined) return number;
  if (piece.text === "true" || piece.text === "false") return piece.text;
  return literalValue(piece.text) ?? piece;
}

function joinFixed(pieces: readonly TextPiece[]): readonly TextPiece[] {
  const joined: TextPiece[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    if (piece === "") continue;
    if (typeof piece === "string" && typeof last === "string") joined[joined.length - 1] = last + piece;
    else joined.push(piece);
  }
  return joined;
}

/** Text with a line break before its end reads best as lines. */
function isLong(text: string): boolean {
  return text.slice(0, -1).includes("\n") && !/\n$/.test(text.slice(0, 1));
}

function ifDirective(node: IfDirective, scope: Scope): TextPiece {
  const build = (at: Scope): Code => {
    const condition = coerce(at.convert(node.condition, at, { kind: "bool" }), { kind: "bool" });
    const [then, otherwise] = [node.then, node.otherwise].map((parts) => asText(composeText(piecesOf(parts, at), at)));
    return code(`${conditionText(condition)} ? ${then?.text ?? '""'} : ${otherwise?.text ?? '""'}`, stringType, {
      precedence: precedence.conditional,
      ...(then?.isRef === true || otherwise?.isRef === true ? { isRef: true, mixed: true } : {}),
    });
  };
  return refsIn(node.condition, scope).length === 0 ? build(scope) : hoist(templateOf(node, node), scope, build);
}

function forDirective(node: ForDirective, scope: Scope): TextPiece {
  const build = (at: Scope): Code => {
    const list = iterate({ collection: node.collection, keyName: node.key, valueName: node.value, isOrdered: true }, at);
    const body = asText(composeText(piecesOf(node.body, list.scope), list.scope));
    const isItself = list.parameters.length === 1 && body.text === list.parameters[0];
    const mapped = isItself
      ? list.collection
      : `${list.collection}.map((${usedParameters(list.parameters.join(", "), body.text)}) => ${arrowBody(body)})`;
    return code(`${mapped}.join("")`, stringType, { precedence: precedence.access });
  };
  return refsIn(templateOf(node, node), scope).length === 0 ? build(scope) : hoist(templateOf(node, node), scope, build);
}

/** A part as an expression of its own: to find the Refs in it. */
function templateOf(part: IfDirective | ForDirective, { source, start, end }: TemplatePart): Template {
  return { kind: "template", form: "quoted", parts: [part], source, start, end };
}

/** Text for certain: a lone value in a directive is text as well. */
function asText(value: Code): Code {
  if (value.type.kind === "string" || value.isRef) return value;
  return isScalar(value.type) ? coerce(value, stringType) : code(`String(${value.text})`, stringType, { precedence: precedence.access });
}
