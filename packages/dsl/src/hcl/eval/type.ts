// The types of HCL's values.
import type { Value } from "./value.ts";

/** A type. `dynamic` is the type of what is not known yet, and of a null without a type. */
export type Type =
  | { readonly kind: "string" | "number" | "bool" | "dynamic" }
  | { readonly kind: "list" | "set" | "map"; readonly element: Type }
  | { readonly kind: "tuple"; readonly elements: readonly Type[] }
  | ObjectType;

export interface ObjectType {
  readonly kind: "object";
  /** Sorted by name is not required; lookups are by name. */
  readonly attributes: ReadonlyMap<string, Type>;
  /** Of a constraint only: attributes that may be missing, with their default where one is given. */
  readonly optional?: ReadonlyMap<string, Value | undefined> | undefined;
}

export const stringType: Type = { kind: "string" };
export const numberType: Type = { kind: "number" };
export const boolType: Type = { kind: "bool" };
export const dynamicType: Type = { kind: "dynamic" };
export const listOf = (element: Type): Type => ({ kind: "list", element });
export const setOf = (element: Type): Type => ({ kind: "set", element });
export const mapOf = (element: Type): Type => ({ kind: "map", element });
export const tupleOf = (elements: readonly Type[]): Type => ({ kind: "tuple", elements });
export const objectOf = (attributes: ReadonlyMap<string, Type>): ObjectType => ({ kind: "object", attributes });

/** True if both are the same type; the order of attributes and what is optional do not count. */
export function sameType(a: Type, b: Type): boolean {
  if (a === b) return true;
  if (a.kind !== b.kind) return false;
  switch (a.kind) {
    case "list":
    case "set":
    case "map":
      return sameType(a.element, (b as typeof a).element);
    case "tuple": {
      const other = (b as typeof a).elements;
      return a.elements.length === other.length && a.elements.every((element, index) => sameType(element, other[index] ?? dynamicType));
    }
    case "object": {
      const other = (b as typeof a).attributes;
      if (a.attributes.size !== other.size) return false;
      for (const [name, type] of a.attributes) {
        const counterpart = other.get(name);
        if (counterpart === undefined || !sameType(type, counterpart)) return false;
      }
      return true;
    }
    default:
      return true;
  }
}

/** The type in HCL's own notation: `list(string)`, `object({a=number})`, `any` for dynamic. */
export function typeText(type: Type): string {
  switch (type.kind) {
    case "dynamic":
      return "any";
    case "list":
    case "set":
    case "map":
      return `${type.kind}(${typeText(type.element)})`;
    case "tuple":
      return `tuple([${type.elements.map(typeText).join(",")}])`;
    case "object": {
      const parts = [...type.attributes]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(
          ([name, attribute]) => `${name}=${type.optional?.has(name) === true ? `optional(${typeText(attribute)})` : typeText(attribute)}`,
        );
      return `object({${parts.join(",")}})`;
    }
    default:
      return type.kind;
  }
}

/** True if the type is a constraint with optional attributes somewhere in it. */
export function hasOptional(type: Type): boolean {
  switch (type.kind) {
    case "list":
    case "set":
    case "map":
      return hasOptional(type.element);
    case "tuple":
      return type.elements.some(hasOptional);
    case "object":
      return (type.optional?.size ?? 0) > 0 || [...type.attributes.values()].some(hasOptional);
    default:
      return false;
  }
}

/** The type that values of a constraint have: nothing is optional in it. */
export function withoutOptional(type: Type): Type {
  if (!hasOptional(type)) return type;
  switch (type.kind) {
    case "list":
    case "set":
    case "map":
      return { kind: type.kind, element: withoutOptional(type.element) };
    case "tuple":
      return tupleOf(type.elements.map(withoutOptional));
    case "object":
      return objectOf(new Map([...type.attributes].map(([name, attribute]) => [name, withoutOptional(attribute)])));
    default:
      return type;
  }
}

/** The types of what a container holds: one for a collection, each of a tuple or object; none for a scalar. */
export function partsOf(type: Type): readonly Type[] {
  switch (type.kind) {
    case "list":
    case "set":
    case "map":
      return [type.element];
    case "tuple":
      return type.elements;
    case "object":
      return [...type.attributes.values()];
    default:
      return [];
  }
}
