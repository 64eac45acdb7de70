// Values known later. What computes with them is written inside `ref.map((value) => …)`.
import type { Expression, TemplatePart } from "../../hcl/syntax/tree.ts";
import { arrowBody, type Code, code, precedence, receiver } from "./code.ts";
import { Imports } from "./imports.ts";
import { identifier, singular } from "./names.ts";
import { listening, nothingKnown, type Scope } from "./scope.ts";
import { services } from "./signatures.ts";
import { childrenOf, rootNamesIn } from "./walk.ts";

/**
 * The Refs, and the plain values that hold Refs, that an expression reads: each once, the widest that does not depend on variables
 * of `for` expressions inside.
 */
export function refsIn(node: Expression, scope: Scope): readonly Code[] {
  const known = scope.known.refs.get(node);
  if (known !== undefined) return known;
  const found = new Map<string, Code>();
  walkParts(node, { scope, inner: noNames, found });
  const refs = [...found.values()];
  scope.known.refs.set(node, refs);
  return refs;
}

/** Writes `build` inside the `map` of all Refs that the expression reads. */
export function hoist(node: Expression, scope: Scope, build: (bound: Scope) => Code): Code {
  const refs = refsIn(node, scope);
  const names = scope.names.child();
  const bound = new Map(scope.bound);
  const uses = new Map(scope.uses);
  const parameters = refs.map((ref) => {
    const wish = wishFor(ref.text, refs.length === 1);
    const wishes = [wish, ...(refs.length === 1 ? ["value"] : [])];
    const name = names.fresh(wishes.find((each) => !names.has(identifier(each))) ?? `${wish}-value`);
    const untyped = isUntyped(ref) ? { untyped: true } : {};
    const { type, nullable, declared } = ref;
    bound.set(ref.text, code(name, type, { nullable, declared, ...untyped }));
    uses.set(name, new Set());
    return name;
  });
  const body = build({ ...scope, names, bound, uses, known: nothingKnown() });
  const [only] = refs;
  const [name = ""] = parameters;
  // Nothing is computed: it is the Ref itself.
  if (refs.length === 1 && only !== undefined && body.text === name) return only;
  // An object becomes a Ref with fields; of what is not known to be one, `get` goes into it.
  const rest: Partial<Code> = { isRef: true, precedence: precedence.access, ...(body.type.kind === "object" ? {} : { declared: true }) };
  const wanted = [...(uses.get(name) ?? [])];
  // The field of a Ref of unknown shape is `any`, whose `map` says nothing about its parameter: then the parameter says it, or `all`.
  const isText = wanted.length === 1 && wanted[0] === "string";
  if (refs.length === 1 && only !== undefined && only.isRef && only.mixed !== true && (!isUntyped(only) || isText)) {
    const parameter = isUntyped(only) ? `${name}: string` : name;
    return code(`${receiver(only)}.map((${parameter}) => ${arrowBody(body)})`, body.type, rest);
  }
  const values = refs.map((ref) => ref.text).join(", ");
  return code(`${scope.context.imports.use("all")}([${values}]).map(([${parameters.join(", ")}]) => ${arrowBody(body)})`, body.type, rest);
}

/** `build` at once where nothing known later is read, else inside the `map` of what is. */
export function strict(node: Expression, scope: Scope, build: (bound: Scope) => Code): Code {
  return refsIn(node, scope).length === 0 ? build(scope) : hoist(node, scope, build);
}

// --- internal ---

/** True if TypeScript may know no more of it than HCL does. */
function isUntyped(ref: Code): boolean {
  return ref.type.kind === "dynamic" && ref.isRef;
}

interface Walk {
  readonly scope: Scope;
  /** Variables of `for` expressions on the way. */
  readonly inner: ReadonlySet<string>;
  readonly found: Map<string, Code>;
}

const noNames: ReadonlySet<string> = new Set();

/** Each node is walked once per scope, however often it is asked for. */
function walk(node: Expression, at: Walk): void {
  if (at.inner.size > 0) walkParts(node, at);
  else for (const ref of refsIn(node, at.scope)) at.found.set(ref.text, ref);
}

function walkParts(node: Expression, at: Walk): void {
  switch (node.kind) {
    case "variable":
    case "get-attribute":
    case "get-index":
      walkAccess(node, at);
      break;
    case "template":
      walkTemplate(node.parts, at);
      break;
    case "call":
      if (services.has(node.name)) walkService(node, at);
      else for (const argument of node.args) walk(argument, at);
      break;
    case "for": {
      walk(node.collection, at);
      const inner = withNames(at, node.keyName, node.valueName);
      for (const part of [node.key, node.value, node.condition]) if (part !== undefined) walk(part, inner);
      break;
    }
    default:
      for (const child of childrenOf(node)) walk(child, at);
  }
}

/** An access is a Ref as a whole, or it is none: then only its indexes may read one. */
function walkAccess(node: Expression, at: Walk): void {
  const { start, keys } = accessParts(node);
  const isWaiting = keys.some((key) => refsIn(key, at.scope).length > 0);
  if (start.kind === "variable" && !isWaiting && !usesAny(node, at.inner)) {
    const value = silently(node, at.scope);
    if (value.isRef || value.holdsRefs === true) at.found.set(value.text, value);
    return;
  }
  if (start.kind !== "variable") walk(start, at);
  else if (node.kind === "get-attribute") walk(node.object, at);
  else if (node.kind === "get-index") walk(node.collection, at);
  for (const key of keys) walk(key, at);
}

/** Where an access starts, and the indexes on its way. */
function accessParts(node: Expression): { readonly start: Expression; readonly keys: readonly Expression[] } {
  const keys: Expression[] = [];
  let start = node;
  for (;;) {
    if (start.kind === "get-attribute") start = start.object;
    else if (start.kind === "get-index") {
      keys.push(start.key);
      start = start.collection;
    } else if (start.kind === "parentheses") start = start.value;
    else return { start, keys };
  }
}

/** What a service answers is a secret. */
function walkService(node: Expression, at: Walk): void {
  const value = silently(node, at.scope);
  if (value.isRef) at.found.set(value.text, value);
}

function walkTemplate(parts: readonly TemplatePart[], at: Walk): void {
  for (const part of parts) {
    switch (part.kind) {
      case "interpolation":
        walk(part.value, at);
        break;
      case "if":
        walk(part.condition, at);
        walkTemplate(part.then, at);
        walkTemplate(part.otherwise, at);
        break;
      case "for-directive":
        walk(part.collection, at);
        walkTemplate(part.body, withNames(at, part.key, part.value));
        break;
    }
  }
}

function withNames(at: Walk, ...names: readonly (string | undefined)[]): Walk {
  return { ...at, inner: new Set([...at.inner, ...names.filter((name) => name !== undefined)]) };
}

/** True if an access reads one of the variables. */
function usesAny(node: Expression, names: ReadonlySet<string>): boolean {
  return names.size > 0 && [...rootNamesIn(node)].some((name) => names.has(name));
}

/** Converts without telling the report, and without imports that might not be used. */
function silently(node: Expression, scope: Scope): Code {
  const silent = listening(scope, () => undefined);
  const context = { ...silent.context, imports: new Imports(), widen: () => undefined };
  return scope.convert(node, { ...silent, context, names: scope.names.child(), uses: undefined });
}

/** A name for the value of a Ref: the last name in its text. */
function wishFor(text: string, isAlone: boolean): string {
  // A name of its own is taken; what it stands for needs another.
  if (/^[\p{ID_Continue}$]+$/u.test(text)) return isAlone ? "value" : `${text}Value`;
  if (text.startsWith("await ")) return isAlone ? "value" : "secret";
  // `names.get(0)` is a name.
  const list = /([\p{ID_Continue}$]+)\.get\(\d+\)$/u.exec(text)?.[1];
  if (list !== undefined) return singular(list);
  const names = text.match(/[\p{ID_Start}$_][\p{ID_Continue}$]*/gu) ?? [];
  return names.filter((name) => name !== "get" && name !== "at" && name !== "t").at(-1) ?? "value";
}
