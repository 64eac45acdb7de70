// Elements that may be missing: `tags.owner`, `hosts.web?.mac`. TypeScript gives `undefined` where HCL refuses.
import { dynamicType, type Type } from "../../hcl/eval/type.ts";
import type { Expression } from "../../hcl/syntax/tree.ts";
import { type Code, code, precedence, receiver } from "./code.ts";
import { isIdentifier } from "./names.ts";
import { listening, type Scope } from "./scope.ts";
import { literalValue, quote } from "./text.ts";

/** An element that is `undefined` where there is none. */
export interface OptionalElement {
  readonly value: Code;
  /** True if it may be null although it is there: then a missing one cannot be told from it. */
  readonly mayBeNull: boolean;
  /** What it is an element of. */
  readonly whole: Code;
  /** The element where the whole is known to be there. */
  readonly there: Code;
}

/**
 * An access whose steps give `undefined` where there is nothing. Undefined where something on the way is known later, or its type in
 * TypeScript does not let one ask.
 */
export function optionalElement(node: Expression, scope: Scope): OptionalElement | undefined {
  if (node.kind === "parentheses") return optionalElement(node.value, scope);
  if (node.kind !== "get-attribute" && node.kind !== "get-index") return undefined;
  const name = node.kind === "get-attribute" ? node.name : literalKey(node.key, scope);
  const from = node.kind === "get-attribute" ? node.object : node.collection;
  const whole = certain(from, scope) ?? optionalElement(from, scope)?.value;
  return name === undefined || whole === undefined ? undefined : elementOf(whole, name);
}

/** The element of a map under a name that is written out; undefined where TypeScript does not let one ask for it. */
export function elementOf(whole: Code, name: string): OptionalElement | undefined {
  if (whole.isRef || whole.holdsRefs === true || whole.untyped === true || isInherited(name)) return undefined;
  const known = knownElement(whole, name);
  if (known === undefined) return undefined;
  const { type, mayBeNull } = known;
  const key = isIdentifier(name) ? name : `[${whole.type.kind === "list" ? name : quote(name)}]`;
  const object = receiver(whole);
  const rest: Partial<Code> = { precedence: precedence.access, declared: true, nullable: true };
  const there = code(key.startsWith("[") ? `${object}${key}` : `${object}.${key}`, type, rest);
  return { value: whole.nullable === true ? code(`${object}?.${key}`, type, rest) : there, mayBeNull, whole, there };
}

// --- internal ---

function knownElement(whole: Code, name: string): { readonly type: Type; readonly mayBeNull: boolean } | undefined {
  const { type } = whole;
  if (whole.isOpenRecord === true) return { type: dynamicType, mayBeNull: true };
  if (whole.declared !== true) return undefined;
  switch (type.kind) {
    case "map":
      return { type: type.element, mayBeNull: type.element.kind === "dynamic" };
    case "list":
      return /^\d+$/.test(name) ? { type: type.element, mayBeNull: type.element.kind === "dynamic" } : undefined;
    case "object": {
      const attribute = type.attributes.get(name);
      return attribute === undefined ? undefined : { type: attribute, mayBeNull: type.optional?.has(name) === true };
    }
    default:
      return undefined;
  }
}

/** What is there without a doubt. */
function certain(node: Expression, scope: Scope): Code | undefined {
  const isAccess = node.kind === "get-attribute" || node.kind === "get-index";
  // The name of a namespace alone, as `var`, is no value that anybody means.
  const isNamespace = node.kind === "variable" && !scope.variables.has(node.name) && namespaces.has(node.name);
  if (isNamespace || (!isAccess && node.kind !== "variable")) return undefined;
  const value = scope.convert(
    node,
    listening(scope, () => undefined),
  );
  return value.text.includes("at(") || value.text.includes("TODO(tspack)") ? undefined : value;
}

const namespaces: ReadonlySet<string> = new Set(["var", "local", "data", "source", "build", "path", "packer"]);

function literalKey(key: Expression, scope: Scope): string | undefined {
  if (key.kind === "number") return /^\d+$/.test(key.text) ? key.text : undefined;
  return key.kind === "template" ? literalValue(scope.convert(key, scope).text) : undefined;
}

/** What every object has without being asked. */
function isInherited(name: string): boolean {
  return name in Object.prototype;
}
