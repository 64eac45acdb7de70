// Which types convert to which, and the one type that several can all become, by cty's rules.
import { dynamicType, listOf, mapOf, objectOf, partsOf, sameType, type Type, tupleOf } from "./type.ts";

/** True if values of one type can become the other. `isSafe`: none of them can fail to; else text may become a number, and so on. */
export function canConvert(from: Type, to: Type, isSafe: boolean): boolean {
  if (to.kind === "dynamic" || from.kind === "dynamic" || from === to) return true;
  const inner = (a: Type, b: Type): boolean => canConvert(a, b, isSafe);
  switch (to.kind) {
    case "string":
      return from.kind === "string" || from.kind === "number" || from.kind === "bool";
    case "number":
    case "bool":
      return from.kind === to.kind || (!isSafe && from.kind === "string");
    case "list":
    case "set":
      if (from.kind === "list" || from.kind === "set") return inner(from.element, to.element);
      return from.kind === "tuple" && canBecomeElements(from.elements, to.element, isSafe);
    case "map":
      if (from.kind === "map") return inner(from.element, to.element);
      return from.kind === "object" && canBecomeElements([...from.attributes.values()], to.element, isSafe);
    case "tuple":
      return (
        from.kind === "tuple" &&
        from.elements.length === to.elements.length &&
        from.elements.every((element, index) => inner(element, to.elements[index] ?? dynamicType))
      );
    case "object":
      if (from.kind === "map") return !isSafe && [...to.attributes.values()].every((attribute) => inner(from.element, attribute));
      if (from.kind !== "object") return false;
      for (const [name, attribute] of to.attributes) {
        const given = from.attributes.get(name);
        if (given === undefined ? to.optional?.has(name) !== true : !inner(given, attribute)) return false;
      }
      return true;
  }
}

/** The type that all of the types can become; undefined when there is none. Of no types it is `any`. */
export function unify(types: readonly Type[], { isSafe = false }: { readonly isSafe?: boolean | undefined } = {}): Type | undefined {
  return new Unification(isSafe).unify(types);
}

// --- internal ---

function canBecomeElements(types: readonly Type[], element: Type, isSafe: boolean): boolean {
  if (element.kind === "dynamic") return unify(types, { isSafe }) !== undefined;
  return types.every((type) => canConvert(type, element, isSafe));
}

/** One search for a common type. Parts are tried in several ways, so what was found for them is kept. */
class Unification {
  readonly #isSafe: boolean;
  readonly #found = new Map<string, Type | undefined>();
  readonly #numbers = new Map<Type, number>();

  constructor(isSafe: boolean) {
    this.#isSafe = isSafe;
  }

  unify(given: readonly Type[]): Type | undefined {
    const types = [...new Set(given)];
    const [first] = types;
    if (first === undefined) return dynamicType;
    if (types.every((type) => sameType(type, first))) return first;
    const key = types.map((type) => this.#numberOf(type)).join();
    if (this.#found.has(key)) return this.#found.get(key);
    const result = this.#unifyDifferent(types);
    this.#found.set(key, result);
    return result;
  }

  #unifyDifferent(types: readonly Type[]): Type | undefined {
    const kinds = new Set(types.map(({ kind }) => kind));
    const hasDynamic = kinds.delete("dynamic");
    const only = (...allowed: readonly Type["kind"][]): boolean => [...kinds].every((kind) => allowed.includes(kind));
    if (only("map") || only("list") || only("set") || only("object") || only("tuple")) {
      // What an unknown part will be is not known: it may change what comes out.
      return hasDynamic ? dynamicType : this.#unifyAlike(types);
    }
    if (kinds.has("object") && kinds.has("tuple")) return undefined;
    if (kinds.has("map") && only("map", "object")) {
      const element = this.unify(types.flatMap(partsOf));
      if (element !== undefined) return mapOf(element);
    }
    if (kinds.has("list") && only("list", "tuple")) {
      const element = this.unify(types.flatMap(partsOf));
      if (element !== undefined) return listOf(element);
    }
    return preferred(types, this.#isSafe);
  }

  /** Types of one kind, but not the same. */
  #unifyAlike(types: readonly Type[]): Type | undefined {
    const [first] = types;
    switch (first?.kind) {
      case "list":
      case "set":
      case "map": {
        const element = this.unify(types.flatMap(partsOf));
        return element === undefined ? undefined : { kind: first.kind, element };
      }
      case "tuple":
        return this.#unifyTuples(types, first.elements.length);
      case "object":
        return this.#unifyObjects(types, [...first.attributes.keys()]);
      default:
        return undefined;
    }
  }

  /** Tuples of one length stay tuples if their elements unify one by one; else they become a list. */
  #unifyTuples(types: readonly Type[], length: number): Type | undefined {
    const tuples = types.map(partsOf);
    if (tuples.every((elements) => elements.length === length)) {
      const columns = Array.from({ length }, (_, index) => tuples.map((tuple) => tuple[index] ?? dynamicType));
      const elements = columns.map((column) => this.unify(column));
      if (elements.every((element) => element !== undefined)) return tupleOf(elements);
    }
    const element = this.unify(tuples.flat());
    return element === undefined ? undefined : listOf(element);
  }

  /** Objects of the same attributes stay objects if those unify one by one; else they become a map. */
  #unifyObjects(types: readonly Type[], names: readonly string[]): Type | undefined {
    const objects = types.map((type) => (type.kind === "object" ? type.attributes : new Map<string, Type>()));
    if (objects.every((attributes) => attributes.size === names.length && names.every((name) => attributes.has(name)))) {
      const unified = new Map<string, Type>();
      for (const name of names) {
        const type = this.unify(objects.flatMap((attributes) => attributes.get(name) ?? []));
        if (type !== undefined) unified.set(name, type);
      }
      if (unified.size === names.length) return objectOf(unified);
    }
    const element = this.unify(types.flatMap(partsOf));
    return element === undefined ? undefined : mapOf(element);
  }

  #numberOf(type: Type): number {
    const known = this.#numbers.get(type);
    if (known !== undefined) return known;
    this.#numbers.set(type, this.#numbers.size);
    return this.#numbers.size - 1;
  }
}

/** More general kinds first. What all others convert to is chosen among the types given. */
const generality: readonly Type["kind"][] = ["string", "number", "bool", "list", "set", "map", "tuple", "object", "dynamic"];

function preferred(types: readonly Type[], isSafe: boolean): Type | undefined {
  const order = [...types].sort((a, b) => generality.indexOf(a.kind) - generality.indexOf(b.kind));
  return order.find((wanted) => types.every((type) => sameType(type, wanted) || canConvert(type, wanted, isSafe)));
}
