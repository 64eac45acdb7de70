// Values known later. What computes with them is written inside `ref.map((value) => …)`.
import type { Expression, TemplatePart } from "../../hcl/syntax/tree.ts";
import { arrowBody, type Code, code, precedence, receiver } from "./code.ts";
import { Imports } from "./imports.ts";
import type { Scope } from "./scope.ts";
import { services } from "./signatures.ts";
import { childrenOf, rootNamesIn } from "./walk.ts";

/**
 * The Refs, and the plain values that hold Refs, that an expression reads: each once, the widest that does not depend on variables
 * of `for` expressions inside.
 */
export function refsIn(node: Expression, scope: Scope): readonly Code[] {
  const known = scope.refs.get(node);
  if (known !== undefined) return known;
  const found = new Map<string, Code>();
  walkParts(node, { scope, inner: noNames, found });
  const refs = [...found.values()];
  scope.refs.set(node, refs);
  return refs;
}

/** Writes `build` inside the `map` of all Refs that the expression reads. */
export function hoist(node: Expression, scope: Scope, build: (bound: Scope) => Code): Code {
  const refs = refsIn(node, scope);
  const names = scope.names.child();
  const bound = new Map(scope.bound);
  const parameters = refs.map((ref) => {
    const name = names.fresh(wishFor(ref.text, refs.length === 1));
    bound.set(ref.text, {
      ...ref,
      text: name,
      precedence: precedence.primary,
      isRef: false,
      mixed: false,
      holdsRefs: false,
      members: undefined,
    });
    return name;
  });
  const body = build({ ...scope, names, bound, refs: new WeakMap() });
  const [only] = refs;
  const isSingle = refs.length === 1 && only !== undefined && only.isRef && only.mixed !== true;
  const text = isSingle
    ? `${receiver(only)}.map((${parameters.join("")}) => ${arrowBody(body)})`
    : `${scope.context.imports.use("all")}([${refs.map((ref) => ref.text).join(", ")}]).map(([${parameters.join(", ")}]) => ${arrowBody(body)})`;
  // An object becomes a Ref with fields; of what is not known to be one, `get` goes into it.
  const isObject = body.type.kind === "object";
  return code(text, body.type, { isRef: true, precedence: precedence.access, ...(isObject ? {} : { declared: true }) });
}

/** `build` at once where nothing known later is read, else inside the `map` of what is. */
export function strict(node: Expression, scope: Scope, build: (bound: Scope) => Code): Code {
  return refsIn(node, scope).length === 0 ? build(scope) : hoist(node, scope, build);
}

/** Converts without telling the report, and without imports that might not be used. */
export function silently(node: Expression, scope: Scope): Code {
  const { resolve, typeOf } = scope.context;
  const context: Scope["context"] = {
    resolve: (root, path) => resolve.call(scope.context, root, path),
    typeOf: (expression) => typeOf.call(scope.context, expression),
    attention: () => undefined,
    imports: new Imports(),
    names: scope.context.names,
  };
  return scope.convert(node, { ...scope, context, names: scope.names.child() });
}

// --- internal ---

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

function walkAccess(node: Expression, at: Walk): void {
  if (!usesAny(node, at.inner) && !hasWaitingKey(node, at.scope)) {
    const value = silently(node, at.scope);
    if (value.isRef || value.holdsRefs === true) {
      at.found.set(value.text, value);
      return;
    }
    if (node.kind === "variable") return;
  }
  if (node.kind === "get-attribute") walk(node.object, at);
  else if (node.kind === "get-index") {
    walk(node.collection, at);
    walk(node.key, at);
  }
}

/** What a service answers is a secret. */
function walkService(node: Expression, at: Walk): void {
  const value = silently(node, at.scope);
  if (value.isRef) at.found.set(value.text, value);
}

/** True if an index on the way is known later: then the Refs are in the parts. */
function hasWaitingKey(node: Expression, scope: Scope): boolean {
  switch (node.kind) {
    case "get-index":
      return refsIn(node.key, scope).length > 0 || hasWaitingKey(node.collection, scope);
    case "get-attribute":
      return hasWaitingKey(node.object, scope);
    case "parentheses":
      return hasWaitingKey(node.value, scope);
    default:
      return false;
  }
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

/** A name for the value of a Ref: the last name in its text. */
function wishFor(text: string, isAlone: boolean): string {
  // A name of its own is taken; what it stands for needs another.
  if (/^[\p{ID_Continue}$]+$/u.test(text)) return isAlone ? "value" : `${text}Value`;
  if (text.startsWith("await ")) return isAlone ? "value" : "secret";
  const names = text.match(/[\p{ID_Start}$_][\p{ID_Continue}$]*/gu) ?? [];
  return names.filter((name) => name !== "get" && name !== "at" && name !== "t").at(-1) ?? "value";
}
