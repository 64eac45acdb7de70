// Types of HCL as the converter needs them.
import { dynamicType, listOf, mapOf, objectOf, partsOf, sameType, stringType, type Type, tupleOf } from "../../hcl/eval/type.ts";
import { isIdentifier } from "./names.ts";

/** True for text, numbers and booleans. */
export function isScalar(type: Type): boolean {
  return type.kind === "string" || type.kind === "number" || type.kind === "bool";
}

/** True for what is an array in TypeScript. */
export function isSequence(type: Type): boolean {
  return type.kind === "list" || type.kind === "set" || type.kind === "tuple";
}

/** True for what is an object in TypeScript. */
export function isRecord(type: Type): boolean {
  return type.kind === "map" || type.kind === "object";
}

/** The type that elements have in common; `dynamic` when they have none, or there are none. */
export function elementType(type: Type): Type {
  switch (type.kind) {
    case "list":
    case "set":
    case "map":
      return type.element;
    case "tuple":
      return commonType(type.elements);
    case "object":
      return commonType([...type.attributes.values()]);
    default:
      return dynamicType;
  }
}

/** What is known of a value that has one of the types; `dynamic` when that is nothing. */
export function commonType(types: readonly Type[]): Type {
  const [first, ...others] = types;
  return first === undefined ? dynamicType : others.reduce(commonOf, first);
}

/**
 * The type that both sides of a conditional are converted to. Where HCL would refuse, or nothing is known, `dynamic`: then nothing is
 * converted.
 */
export function unify(a: Type, b: Type): Type {
  if (sameType(a, b)) return a;
  if (a.kind === "dynamic" || b.kind === "dynamic") return dynamicType;
  if (isScalar(a) && isScalar(b)) return a.kind === "string" || b.kind === "string" ? stringType : dynamicType;
  if (a.kind === "tuple" && b.kind === "tuple" && a.elements.length === b.elements.length) {
    return tupleOf(a.elements.map((element, index) => unify(element, b.elements[index] ?? dynamicType)));
  }
  if (isSequence(a) && isSequence(b)) return listOf(unifyAll([...partsOf(a), ...partsOf(b)]));
  if (a.kind === "object" && b.kind === "object" && hasSameKeys(a.attributes, b.attributes)) {
    return objectOf(new Map([...a.attributes].map(([name, type]) => [name, unify(type, b.attributes.get(name) ?? dynamicType)])));
  }
  if (isRecord(a) && isRecord(b)) return mapOf(unifyAll([...partsOf(a), ...partsOf(b)]));
  return dynamicType;
}

/** TypeScript's name for a type. */
export function typeScriptType(type: Type): string {
  switch (type.kind) {
    case "string":
    case "number":
      return type.kind;
    case "bool":
      return "boolean";
    case "list":
    case "set": {
      const element = typeScriptType(type.element);
      return /^\w+$/.test(element) ? `${element}[]` : `(${element})[]`;
    }
    case "map":
      return `Record<string, ${typeScriptType(type.element)}>`;
    case "tuple":
      return `[${type.elements.map(typeScriptType).join(", ")}]`;
    case "object":
      return `{ ${[...type.attributes].map(([name, attribute]) => `${isIdentifier(name) ? name : JSON.stringify(name)}: ${typeScriptType(attribute)}`).join("; ")} }`;
    default:
      return "unknown";
  }
}

// --- internal ---

function commonOf(a: Type, b: Type): Type {
  if (sameType(a, b)) return a;
  if (a.kind === "object" && b.kind === "object") {
    const shared = [...a.attributes].flatMap(([name, type]): [string, Type][] => {
      const other = b.attributes.get(name);
      return other === undefined ? [] : [[name, commonOf(type, other)]];
    });
    return objectOf(new Map(shared));
  }
  if (isSequence(a) && isSequence(b)) return listOf(commonType([...partsOf(a), ...partsOf(b)]));
  return isRecord(a) && isRecord(b) ? mapOf(commonType([...partsOf(a), ...partsOf(b)])) : dynamicType;
}

function unifyAll(types: readonly Type[]): Type {
  const [first, ...rest] = types;
  return first === undefined ? dynamicType : rest.reduce(unify, first);
}

function hasSameKeys(a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>): boolean {
  return a.size === b.size && [...a.keys()].every((name) => b.has(name));
}
