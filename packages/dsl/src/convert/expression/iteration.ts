// `for` expressions.
import { boolType, dynamicType, type Type } from "../../hcl/eval/type.ts";
import type { Expression, ForExpression } from "../../hcl/syntax/tree.ts";
import { arrowBody, type Code, code, conditionText, operand, precedence, receiver } from "./code.ts";
import { coerce } from "./coerce.ts";
import { hoist, refsIn, strict } from "./refs.ts";
import { functionScope, type Scope } from "./scope.ts";
import { elementType, isRecord, typeScriptType } from "./types.ts";
import { rootNamesIn } from "./walk.ts";

/** What is iterated, ready for `.map` and `.filter`. */
export interface Iteration {
  /** An array, as the receiver of a method. */
  readonly collection: string;
  /** Parameters of the function: the item, or its index or key as well. */
  readonly parameters: readonly string[];
  /** True if the second parameter is the array's index, which a `filter` in front would change. */
  readonly usesIndex: boolean;
  /** For the function's body. */
  readonly scope: Scope;
  readonly element: Type;
  /** True if the parameter is an entry as `Object.entries` has it. */
  readonly isEntry: boolean;
}

/** `for key, value in collection`, of an expression or a directive. */
export interface Loop {
  readonly collection: Expression;
  readonly keyName: string | undefined;
  readonly valueName: string;
  /** Names that the body reads; all of them when it is not given. */
  readonly uses?: ReadonlySet<string> | undefined;
  /** True if the order shows in the result: HCL goes through maps by sorted keys. */
  readonly isOrdered: boolean;
}

/** Prepares a loop. */
export function iterate(loop: Loop, scope: Scope): Iteration {
  const { uses, isOrdered } = loop;
  const names = { key: loop.keyName, value: loop.valueName };
  const collection = scope.convert(loop.collection, scope);
  const element = elementType(collection.type);
  const item: Partial<Code> = {
    declared: collection.declared,
    untyped: collection.untyped,
    nullable: [...(collection.members?.values() ?? [])].some(({ nullable }) => nullable === true) ? true : undefined,
    ...(collection.holdsRefs === true ? { isRef: true, mixed: true } : {}),
  };
  const usesKey = names.key !== undefined && (uses?.has(names.key) ?? true);
  const usesValue = uses?.has(names.value) ?? true;
  const variables = new Map<string, Code>();
  const inner = functionScope(scope, () => variables);
  const value = inner.names.parameter(names.value);
  const add = (name: string | undefined, text: string, type: Type, rest: Partial<Code> = {}): void => {
    if (name !== undefined) variables.set(name, code(text, type, rest));
  };
  const withVariables = (): Scope => ({ ...inner, variables: new Map([...scope.variables, ...variables]) });
  if (collection.type.kind === "dynamic") {
    // A list or an object: only the run knows.
    const key = usesKey && names.key !== undefined ? inner.names.parameter(names.key) : undefined;
    add(names.key, key ?? value, dynamicType);
    add(names.value, value, element, item);
    const pairs = `${scope.context.imports.use("entries")}(${collection.text})`;
    const parameter = key === undefined ? `[, ${value}]` : `[${key}, ${value}]`;
    return { collection: pairs, parameters: [parameter], usesIndex: false, scope: withVariables(), element, isEntry: key !== undefined };
  }
  if (!isRecord(collection.type)) {
    add(names.value, value, element, item);
    const base = { collection: listText(collection), usesIndex: false, element, isEntry: false };
    if (!usesKey || names.key === undefined) {
      add(names.key, value, element, item);
      return { ...base, parameters: [value], scope: withVariables() };
    }
    if (collection.type.kind === "set") {
      // In a set the key is the value.
      add(names.key, value, element, item);
      return { ...base, parameters: [value], scope: withVariables() };
    }
    const index = inner.names.parameter(names.key);
    add(names.key, index, { kind: "number" });
    return { ...base, parameters: [value, index], usesIndex: true, scope: withVariables() };
  }
  const isSorted = !isOrdered || hasSortedKeys(collection);
  const key = usesKey && names.key !== undefined ? inner.names.parameter(names.key) : undefined;
  add(names.key, key ?? value, { kind: "string" });
  add(names.value, value, element, item);
  const base = { usesIndex: false, scope: withVariables(), element };
  if (key !== undefined && !usesValue) {
    return { ...base, collection: `Object.keys(${collection.text})${isSorted ? "" : ".sort()"}`, parameters: [key], isEntry: false };
  }
  if (key === undefined && isSorted)
    return { ...base, collection: `Object.values(${collection.text})`, parameters: [value], isEntry: false };
  if (key === undefined) {
    return { ...base, collection: sortedValues(collection, inner), parameters: [value], isEntry: false };
  }
  const pairs = isSorted ? `Object.entries(${collection.text})` : `${scope.context.imports.use("entries")}(${collection.text})`;
  return { ...base, collection: pairs, parameters: [`[${key}, ${value}]`], isEntry: true };
}

/** The values of an object in the order of its sorted keys. */
export function sortedValues(collection: Code, scope: Scope): string {
  if (hasSortedKeys(collection)) return `Object.values(${collection.text})`;
  // `fn` takes no Refs.
  if (collection.holdsRefs !== true) return `${scope.context.imports.use("fn")}.values(${collection.text})`;
  return `${scope.context.imports.use("entries")}(${collection.text}).map(([, value]) => value)`;
}

/** `[for v in c : value]` and `{for k, v in c : key => value}` */
export function convertFor(node: ForExpression, scope: Scope): Code {
  const body = [node.condition, node.key].filter((part) => part !== undefined);
  const isPicking = body.some((part) => [...rootNamesIn(part)].some((name) => name === node.valueName || name === node.keyName));
  // Which elements there are, or under which keys, depends on Refs in the list: all of it is waited for.
  if (isPicking && scope.convert(node.collection, scope).holdsRefs === true) return hoist(node, scope, (bound) => convertFor(node, bound));
  const waits = [node.collection, node.condition, node.key].some(
    (part) => part !== undefined && refsIn(part, scope).some(({ isRef }) => isRef),
  );
  if (waits && isWaiting(node, scope)) return strict(node, scope, (bound) => convertFor(node, bound));
  return node.key === undefined ? listFrom(node, scope) : objectFrom(node, node.key, scope);
}

/** Whether `test` holds for every, or some, element of a `for` expression without keys: `list.every((x) => …)`. */
export function test(node: ForExpression, method: "every" | "some", scope: Scope): Code | undefined {
  if (convertFor(node, scope).holdsRefs === true) return undefined;
  const list = iterate(loopOf(node, { isOrdered: false }), scope);
  const value = list.scope.convert(node.value, list.scope, boolType);
  if (value.type.kind !== "bool" || value.nullable === true || (list.usesIndex && node.condition !== undefined)) return undefined;
  const parameters = list.parameters.join(", ");
  const condition = node.condition === undefined ? undefined : toCondition(node.condition, list.scope);
  const filter = condition === undefined ? "" : `.filter((${usedParameters(parameters, condition.text)}) => ${arrowBody(condition)})`;
  const call = `${list.collection}${filter}.${method}((${usedParameters(parameters, value.text)}) => ${arrowBody(value)})`;
  return code(call, boolType, { precedence: precedence.access });
}

/** The parameters without those that the text does not use: `[k, v]` becomes `[k]` or `[, v]`, a lone `v` nothing. */
export function usedParameters(parameters: string, text: string): string {
  if (/^[\p{ID_Continue}$]+$/u.test(parameters)) return isUsed(parameters, text) ? parameters : "";
  const indexed = /^([\p{ID_Continue}$]+), ([\p{ID_Continue}$]+)$/u.exec(parameters);
  if (indexed !== null) {
    const [, item = "", index = ""] = indexed;
    return isUsed(item, text) ? parameters : `_${item}, ${index}`;
  }
  const entry = /^\[([\p{ID_Continue}$]+), ([\p{ID_Continue}$]+)\]$/u.exec(parameters);
  if (entry === null) return parameters;
  const [, key = "", value = ""] = entry;
  if (isUsed(value, text)) return isUsed(key, text) ? parameters : `[, ${value}]`;
  return isUsed(key, text) ? `[${key}]` : "";
}

// --- internal ---

function listFrom(node: ForExpression, scope: Scope): Code {
  const list = iterate(loopOf(node, { isOrdered: true }), scope);
  const value = list.scope.convert(node.value, list.scope);
  const condition = node.condition === undefined ? undefined : toCondition(node.condition, list.scope);
  const [parameter = "item"] = list.parameters;
  const parameters = list.parameters.join(", ");
  const rest: Partial<Code> = { precedence: precedence.access, ...(value.isRef || value.holdsRefs === true ? { holdsRefs: true } : {}) };
  const type: Type = { kind: "list", element: value.type };
  const mapped = (from: string): Code => {
    const body = `((${usedParameters(parameters, value.text)}) => ${arrowBody(value)})`;
    return code(`${from}.map${body}`, type, { ...rest, flatMapped: `${from}.flatMap${body}` });
  };
  if (condition === undefined) {
    if (value.text === parameter && list.parameters.length === 1) return code(list.collection, type, rest);
    return mapped(list.collection);
  }
  if (list.usesIndex) {
    // After a filter the index would be another one.
    return code(
      `${list.collection}.flatMap((${usedParameters(parameters, `${condition.text} ${value.text}`)}) => (${conditionText(condition)} ? [${value.text}] : []))`,
      type,
      rest,
    );
  }
  const filtered = `${list.collection}.filter((${usedParameters(parameters, condition.text)}) => ${arrowBody(condition)})`;
  if (value.text === parameter) return code(filtered, type, rest);
  return mapped(filtered);
}

function objectFrom(node: ForExpression, keyNode: Expression, scope: Scope): Code {
  const list = iterate(loopOf(node, { isOrdered: node.groups }), scope);
  const key = list.scope.convert(keyNode, list.scope, { kind: "string" });
  const value = list.scope.convert(node.value, list.scope);
  const condition = node.condition === undefined ? undefined : toCondition(node.condition, list.scope);
  const parameters = list.parameters.join(", ");
  const rest: Partial<Code> = { precedence: precedence.access, ...(value.isRef || value.holdsRefs === true ? { holdsRefs: true } : {}) };
  if (node.groups) return grouped(list, { key, value, condition });
  const type: Type = { kind: "map", element: value.type };
  const pair = `[${key.text}, ${value.text}]`;
  if (condition !== undefined && list.usesIndex) {
    const entries = `${list.collection}.flatMap((${usedParameters(parameters, `${condition.text} ${pair}`)}) => (${conditionText(condition)} ? [${pair} as const] : []))`;
    return code(`Object.fromEntries(${entries})`, type, rest);
  }
  const filter = condition === undefined ? "" : `.filter((${usedParameters(parameters, condition.text)}) => ${arrowBody(condition)})`;
  const isSame = list.isEntry && parameters === pair;
  const map = isSame ? "" : `.map((${usedParameters(parameters, pair)}) => ${pair})`;
  return code(`Object.fromEntries(${list.collection}${filter}${map})`, type, rest);
}

/** `{for v in c : key => value...}`: the values of equal keys in lists. */
function grouped(
  list: Iteration,
  { key, value, condition }: { readonly key: Code; readonly value: Code; readonly condition: Code | undefined },
): Code {
  const groups = list.scope.names.fresh("groups");
  const type: Type = { kind: "map", element: { kind: "list", element: value.type } };
  const filter = condition === undefined ? "" : `${operand(condition, precedence.conditional)} ? `;
  const index = list.usesIndex ? list.parameters.slice(1) : [];
  const parameters = [groups, ...list.parameters.slice(0, 1), ...index].join(", ");
  const added = `{ ...${groups}, [${key.text}]: [...(${groups}[${key.text}] ?? []), ${value.text}] }`;
  const body = filter === "" ? `(${added})` : `(${filter}${added} : ${groups})`;
  return code(`${list.collection}.reduce<${typeScriptType(type)}>((${parameters}) => ${body}, {})`, type, {
    precedence: precedence.access,
    ...(value.isRef || value.holdsRefs === true ? { holdsRefs: true } : {}),
  });
}

function toCondition(node: Expression, scope: Scope): Code {
  return coerce(scope.convert(node, scope, { kind: "bool" }), { kind: "bool" });
}

function isUsed(name: string, text: string): boolean {
  return new RegExp(`(?<![\\p{ID_Continue}$])${name.replaceAll("$", "\\$")}(?![\\p{ID_Continue}$])`, "u").test(text);
}

/** True if what is iterated, or which of it, is known later; a list with Refs in it is there already. */
function isWaiting(node: ForExpression, scope: Scope): boolean {
  const collection = scope.convert(node.collection, scope);
  if (collection.isRef) return true;
  return [node.condition, node.key].some((part) => part !== undefined && refsIn(part, scope).some(({ isRef }) => isRef));
}

function listText(collection: Code): string {
  if (collection.nullable === true) return `(${collection.text} ?? [])`;
  // A copy of `any` is a list to TypeScript, which then knows what the function's parameter is.
  return collection.untyped === true ? `[...${collection.text}]` : receiver(collection);
}

function hasSortedKeys(collection: Code): boolean {
  if (collection.members === undefined) return false;
  const keys = [...collection.members.keys()];
  // Keys that are whole numbers come first in JavaScript, whatever the order written.
  return keys.every((key, index) => !/^\d+$/.test(key) && (index === 0 || (keys[index - 1] ?? "") < key));
}

function loopOf(node: ForExpression, { isOrdered }: { readonly isOrdered: boolean }): Loop {
  const uses = new Set<string>();
  for (const part of [node.key, node.value, node.condition]) if (part !== undefined) rootNamesIn(part, uses);
  return { collection: node.collection, keyName: node.keyName, valueName: node.valueName, uses, isOrdered };
}
