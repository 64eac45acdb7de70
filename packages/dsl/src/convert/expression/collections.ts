// Lists and objects, with their comments and line breaks.
import { objectOf, type Type, tupleOf } from "../../hcl/eval/type.ts";
import type { Comment, Commented, Expression, Node, ObjectConstructor, ObjectItem, Tuple } from "../../hcl/syntax/tree.ts";
import { type Code, code } from "./code.ts";
import { isIdentifier } from "./names.ts";
import { hoist, refsIn } from "./refs.ts";
import { deeper, type Scope } from "./scope.ts";
import { indent, literalValue, quote } from "./text.ts";
import { isRecord, isSequence } from "./types.ts";

/** `[a, b]` */
export function convertTuple(node: Tuple, scope: Scope, wanted?: Type): Code {
  const inner = deeper(scope);
  const elements = node.elements.map(({ value }, index) => scope.convert(value, inner, wantedElement(wanted, index)));
  const entries = node.elements.map((element, index) => ({
    element,
    start: element.leading[0]?.start ?? element.value.start,
    end: element.trailing?.end ?? element.value.end,
    text: elements[index]?.text ?? "",
  }));
  return code(layout(node, entries, node.dangling, scope, { open: "[", close: "]" }), tupleOf(elements.map(({ type }) => type)), {
    ...holding(elements),
    members: new Map(elements.map((element, index) => [String(index), element])),
  });
}

/** `{ a = 1 }` */
export function convertObject(node: ObjectConstructor, scope: Scope, wanted?: Type): Code {
  const computed = node.items.filter(({ key, isLiteralKey }) => !isLiteralKey && refsIn(key, scope).length > 0);
  // What a key waits for, the whole object waits for.
  if (computed.length > 0) return hoist(node, scope, (bound) => convertObject(node, bound, wanted));
  const inner = deeper(scope);
  const keys = node.items.map((item) => keyOf(item, inner));
  // A key written twice: the last one counts, and TypeScript refuses two.
  const last = new Map(keys.map(({ name, text }, index) => [name === undefined ? index : text, index]));
  const isLast = (index: number): boolean => last.get(keys[index]?.name === undefined ? index : (keys[index]?.text ?? "")) === index;
  const members = new Map<string, Code>();
  const values: Code[] = [];
  let isWhole = true;
  const entries = node.items.flatMap((item, index) => {
    const key = keys[index];
    if (key === undefined || !isLast(index)) return [];
    const value = scope.convert(item.value, inner, wantedAttribute(wanted, key.name));
    values.push(value);
    if (key.name === undefined) isWhole = false;
    else members.set(key.name, value);
    const text = value.text === key.text && isIdentifier(value.text) ? value.text : `${key.text}: ${value.text}`;
    return [{ element: item, start: item.leading[0]?.start ?? item.key.start, end: item.trailing?.end ?? item.value.end, text }];
  });
  const type: Type = isWhole ? objectOf(new Map([...members].map(([name, value]) => [name, value.type]))) : { kind: "dynamic" };
  const spaced = { open: "{", close: "}", padding: " " };
  return code(layout(node, entries, node.dangling, scope, spaced), type, { ...holding(values), ...(isWhole ? { members } : {}) });
}

/** Comments as lines of TypeScript. */
export function commentText(comment: Comment): string {
  return comment.text.startsWith("#") ? `//${comment.text.slice(1)}` : comment.text;
}

// --- internal ---

interface Entry {
  readonly element: Commented;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

interface Marks {
  readonly open: string;
  readonly close: string;
  readonly padding?: string | undefined;
}

const lineWidth = 100;

/** On one line where it was and where it fits; else one entry per line, with its comments and the blank lines between. */
function layout(
  node: Node,
  entries: readonly Entry[],
  dangling: readonly Comment[],
  scope: Scope,
  { open, close, padding = "" }: Marks,
): string {
  if (entries.length === 0 && dangling.length === 0) return `${open}${close}`;
  const hasComments = dangling.length > 0 || entries.some(({ element }) => element.leading.length > 0 || element.trailing !== undefined);
  const line = `${open}${padding}${entries.map(({ text }) => text).join(", ")}${padding}${close}`;
  const wasOneLine = !node.source.text.slice(node.start, node.end).includes("\n");
  if (!hasComments && (wasOneLine || isSingleBlock(entries)) && !isBroken(entries) && line.length + scope.level * 2 <= lineWidth)
    return line;
  if (isSingleBlock(entries) && !hasComments) return line;
  const lines: string[] = [open];
  let previousEnd: number | undefined;
  for (const { element, start, end, text } of entries) {
    if (previousEnd !== undefined && hasBlankLine(node, previousEnd, start)) lines.push("");
    for (const comment of element.leading) {
      lines.push(`  ${commentText(comment)}`);
      if (comment.blankAfter) lines.push("");
    }
    lines.push(`  ${indent(text)},${element.trailing === undefined ? "" : ` ${commentText(element.trailing)}`}`);
    previousEnd = end;
  }
  const [firstDangling] = dangling;
  if (firstDangling !== undefined && previousEnd !== undefined && hasBlankLine(node, previousEnd, firstDangling.start)) lines.push("");
  for (const [index, comment] of dangling.entries()) {
    lines.push(`  ${commentText(comment)}`);
    if (comment.blankAfter && index < dangling.length - 1) lines.push("");
  }
  return [...lines, close].join("\n");
}

/** A list of one object or text of several lines hugs it: `[{` … `}]`. */
function isSingleBlock(entries: readonly Entry[]): boolean {
  const [only] = entries;
  return entries.length === 1 && only !== undefined && /^(\{\n|`|String\.raw`|t`)/.test(only.text) && only.text.includes("\n");
}

function isBroken(entries: readonly Entry[]): boolean {
  return entries.some(({ text }) => text.includes("\n"));
}

function hasBlankLine(node: Node, from: number, to: number): boolean {
  return /\n[ \t\r]*\n/.test(node.source.text.slice(from, to));
}

interface Key {
  /** undefined when it is computed. */
  readonly name?: string | undefined;
  readonly text: string;
}

function keyOf({ key, isLiteralKey }: ObjectItem, scope: Scope): Key {
  if (isLiteralKey && key.kind === "variable") return fixedKey(key.name);
  const name = constantKey(key);
  if (name !== undefined) return fixedKey(name);
  const value = scope.convert(key, scope, { kind: "string" });
  const literal = literalValue(value.text);
  return literal === undefined ? { text: `[${value.text}]` } : fixedKey(literal);
}

function fixedKey(name: string): Key {
  // In an object literal `__proto__:` sets the prototype; computed it is a key like others.
  if (name === "__proto__") return { name, text: '["__proto__"]' };
  return { name, text: isIdentifier(name) ? name : quote(name) };
}

function constantKey(key: Expression): string | undefined {
  if (key.kind === "parentheses") return constantKey(key.value);
  if (key.kind !== "template" || key.parts.some(({ kind }) => kind !== "text")) return undefined;
  return key.parts.map((part) => (part.kind === "text" ? part.value : "")).join("");
}

function holding(values: readonly Code[]): Pick<Code, "holdsRefs"> {
  return values.some(({ isRef, holdsRefs }) => isRef || holdsRefs === true) ? { holdsRefs: true } : {};
}

function wantedElement(wanted: Type | undefined, index: number): Type | undefined {
  if (wanted === undefined || !isSequence(wanted)) return undefined;
  return wanted.kind === "tuple" ? wanted.elements[index] : "element" in wanted ? wanted.element : undefined;
}

function wantedAttribute(wanted: Type | undefined, name: string | undefined): Type | undefined {
  if (wanted === undefined || !isRecord(wanted)) return undefined;
  if (wanted.kind === "map") return wanted.element;
  return wanted.kind === "object" && name !== undefined ? wanted.attributes.get(name) : undefined;
}
