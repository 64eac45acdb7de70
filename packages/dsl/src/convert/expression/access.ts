// References, attributes, indexes and splats.
import { dynamicType, type Type } from "../../hcl/eval/type.ts";
import type { Expression, GetAttribute, GetIndex, Splat, SplatEach, SplatStep, Variable } from "../../hcl/syntax/tree.ts";
import { arrowBody, type Code, code, precedence, receiver } from "./code.ts";
import { isIdentifier, singular } from "./names.ts";
import { hoist, refsIn } from "./refs.ts";
import { functionScope, type Scope, todo } from "./scope.ts";
import { literalValue, quote } from "./text.ts";
import { elementType, isSequence } from "./types.ts";

/** One step into a value: a name, a position, or a key that is computed. */
export type Key = { readonly name: string } | { readonly position: number } | { readonly computed: Code };

/** A reference with the attributes and indexes behind it. */
export function convertAccess(node: Variable | GetAttribute | GetIndex, scope: Scope): Code {
  const steps: Step[] = [];
  let start: Expression = node;
  for (;;) {
    if (start.kind === "get-attribute") {
      steps.push({ node: start, name: start.name });
      start = start.object;
    } else if (start.kind === "get-index") {
      steps.push({ node: start, key: start.key });
      start = start.collection;
    } else if (start.kind === "parentheses") start = start.value;
    else break;
  }
  steps.reverse();
  const root = start.kind === "variable" ? convertRoot(start, steps, scope) : { value: scope.convert(start, scope), consumed: 0 };
  if (root === undefined) return todo(node, scope, `${sourceName(start, steps)} is not known here`);
  const rest = steps.slice(root.consumed);
  const index = rest.find((step) => step.key !== undefined && refsIn(step.key, scope).length > 0);
  // An index known later, or what is computed of a Ref: all of the access is written inside its `map`.
  if (start.kind !== "variable" && steps.length > 0 && root.value.isRef) return hoist(node, scope, (bound) => convertAccess(node, bound));
  if (index !== undefined && node.kind !== "variable") return hoist(node, scope, (bound) => convertAccess(node, bound));
  let value = named(root.value, scope);
  for (const step of rest) value = named(access(value, keyOf(step, scope), scope), scope);
  return value;
}

/** `list[*].name` and `list.*.name` */
export function convertSplat(node: Splat, scope: Scope): Code {
  if (isReferenceList(node, scope)) return hoist(node, scope, (bound) => convertSplat(node, bound));
  const collection = scope.convert(node.collection, scope);
  return splat(collection, node.each, scope);
}

/** Goes one step into a value. Where TypeScript cannot know that there is something, `at` says so when there is not. */
export function access(value: Code, key: Key, scope: Scope): Code {
  const type = typeAt(value.type, key);
  const path = "name" in key ? key.name : "position" in key ? String(key.position) : undefined;
  const member = path === undefined ? undefined : value.members?.get(path);
  if (value.isRef) return refAccess(value, key, type);
  const rest: Partial<Code> = {
    precedence: precedence.access,
    declared: value.declared,
    untyped: value.untyped,
    // An element of a list or object with Refs in it, which is not known to be a plain one.
    ...(value.holdsRefs === true && member === undefined ? { isRef: true, mixed: true } : {}),
    ...(member === undefined ? {} : { isRef: member.isRef, mixed: member.mixed, holdsRefs: member.holdsRefs, members: member.members }),
    nullable: member?.nullable === true || isOptional(value.type, key) ? true : undefined,
  };
  if (isKnownToTypeScript(value, key)) return code(dotted(value, key), type, rest);
  const at = scope.context.imports.use("at");
  const keyText = "name" in key ? quote(key.name) : "position" in key ? String(key.position) : key.computed.text;
  // One call for several steps: at(images, os, arch).
  const called = value.isAt === true ? value.text.slice(0, -1) : `${at}(${value.text}`;
  return code(`${called}, ${keyText})`, type, { ...rest, isAt: true });
}

// --- internal ---

function splat(collection: Code, each: SplatEach, scope: Scope): Code {
  const list = splatList(collection);
  if (each.length === 0) return list;
  const inner = functionScope(scope, () => []);
  const name = inner.names.parameter(singular(collection.text));
  const rest: Partial<Code> = { declared: collection.declared, untyped: collection.untyped };
  const over = (type: Type): Code => {
    let item = code(name, type, { ...rest, ...(collection.holdsRefs === true ? { isRef: true, mixed: true } : {}) });
    for (const step of each) {
      item = step.kind === "splat" ? splat(item, step.each, inner) : access(item, splatKey(step, inner), inner);
    }
    return item;
  };
  const item = over(elementType(list.type));
  // Elements of different types: each has its own, and the code is the same for all.
  const type: Type =
    list.type.kind === "tuple"
      ? { kind: "tuple", elements: list.type.elements.map((element) => over(element).type) }
      : { kind: "list", element: item.type };
  return code(`${receiver(list)}.map((${name}) => ${arrowBody(item)})`, type, {
    precedence: precedence.access,
    ...(collection.holdsRefs === true ? { holdsRefs: true } : {}),
  });
}

interface Step {
  readonly node: Expression;
  readonly name?: string | undefined;
  readonly key?: Expression | undefined;
}

function convertRoot(
  node: Variable,
  steps: readonly Step[],
  scope: Scope,
): { readonly value: Code; readonly consumed: number } | undefined {
  const variable = scope.variables.get(node.name);
  if (variable !== undefined) return { value: variable, consumed: 0 };
  const isName = steps.findIndex(({ name }) => name === undefined);
  const path = steps.slice(0, isName < 0 ? steps.length : isName).map(({ name }) => name ?? "");
  const resolved = scope.context.resolve(node.name, path);
  return resolved === undefined ? undefined : { value: resolved.code, consumed: resolved.consumed };
}

/** The value under the name it has here: inside the `map` of a Ref, and where it is known not to be null. */
function named(value: Code, scope: Scope): Code {
  const bound = value.isRef || value.holdsRefs === true ? (scope.bound.get(value.text) ?? value) : value;
  return bound.nullable === true && scope.present.has(bound.text) ? { ...bound, nullable: false } : bound;
}

function keyOf(step: Step, scope: Scope): Key {
  if (step.name !== undefined) return { name: step.name };
  return step.key === undefined ? { name: "" } : toKey(scope.convert(step.key, scope));
}

function splatKey(step: Exclude<SplatStep, { readonly kind: "splat" }>, scope: Scope): Key {
  return step.kind === "attribute" ? { name: step.name } : toKey(scope.convert(step.key, scope));
}

function toKey(value: Code): Key {
  const text = literalValue(value.text);
  if (text !== undefined && value.type.kind !== "number") return { name: text };
  return /^\d+$/.test(value.text) ? { position: Number(value.text) } : { computed: value };
}

function typeAt(type: Type, key: Key): Type {
  switch (type.kind) {
    case "list":
    case "set":
    case "map":
      return type.element;
    case "tuple": {
      // `list["0"]` is the first element as well.
      const position = "position" in key ? key.position : "name" in key ? Number(key.name) : undefined;
      return (position === undefined ? undefined : type.elements[position]) ?? elementType(type);
    }
    case "object":
      return ("name" in key ? type.attributes.get(key.name) : undefined) ?? elementType(type);
    default:
      return dynamicType;
  }
}

function isOptional(type: Type, key: Key): boolean {
  return type.kind === "object" && "name" in key && type.optional?.has(key.name) === true && type.optional.get(key.name) === undefined;
}

/** True if TypeScript's type of the value has the element. */
function isKnownToTypeScript(value: Code, key: Key): boolean {
  if (value.nullable === true) return false;
  if (value.untyped === true) return true;
  if ("name" in key) {
    if (value.type.kind === "object") return value.type.attributes.has(key.name);
    return value.members?.has(key.name) === true && !isSequence(value.type);
  }
  // A list written out is an array to TypeScript, a tuple of a schema is one.
  return "position" in key && value.type.kind === "tuple" && value.declared === true && key.position < value.type.elements.length;
}

function dotted(value: Code, key: Key): string {
  const object = value.text.startsWith("{") ? `(${value.text})` : receiver(value);
  if ("name" in key) return isIdentifier(key.name) ? `${object}.${key.name}` : `${object}[${quote(key.name)}]`;
  return "position" in key ? `${object}[${key.position}]` : `${object}[${key.computed.text}]`;
}

/** Names that a Ref has itself. */
const refNames: ReadonlySet<string> = new Set(["map", "get", "reveal", "toString", "toJSON", "valueOf", "then", "constructor"]);

function refAccess(value: Code, key: Key, type: Type): Code {
  const rest: Partial<Code> = { precedence: precedence.access, isRef: true };
  if ("name" in key && value.declared !== true && !refNames.has(key.name)) return code(dotted(value, key), type, rest);
  const text = "name" in key ? quote(key.name) : "position" in key ? String(key.position) : key.computed.text;
  return code(`${receiver(value)}.get(${text})`, type, { ...rest, declared: value.declared });
}

/** What a splat goes over: a list as it is, anything else as a list of one, and null as an empty one. */
function splatList(value: Code): Code {
  const { type } = value;
  if (isSequence(type)) return value.nullable === true ? { ...value, text: `(${value.text} ?? [])`, nullable: false } : value;
  const list: Type = { kind: "tuple", elements: [type] };
  if (value.text === "undefined") return code("[]", { kind: "tuple", elements: [] });
  if (value.nullable === true) return code(`(${value.text} === undefined ? [] : [${value.text}])`, { kind: "list", element: type });
  if (type.kind === "dynamic")
    return code(`[${value.text}].flat()`, { kind: "list", element: type }, { precedence: precedence.access, untyped: value.untyped });
  return code(`[${value.text}]`, list);
}

function isReferenceList(node: Splat, scope: Scope): boolean {
  return refsIn(node.collection, scope).some((ref) => ref.isRef) && scope.convert(node.collection, scope).isRef;
}

function sourceName(start: Expression, steps: readonly Step[]): string {
  const root = start.kind === "variable" ? start.name : "the value";
  return [root, ...steps.map(({ name }) => name ?? "[…]")].join(".");
}
