// Which types convert to which, and the one type that several can all become, by cty's rules.
import { dynamicType, listOf, mapOf, objectOf, sameType, type Type, tupleOf } from "./type.ts";

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
  const [first] = types;
  if (first === undefined) return dynamicType;
  if (types.every((type) => sameType(type, first))) return first;
  const kinds = new Set(types.map(({ kind }) => kind));
  const hasDynamic = kinds.delete("dynamic");
  const only = (...allowed: readonly Type["kind"][]): boolean => [...kinds].every((kind) => allowed.includes(kind));
  if (only("map") || only("list") || only("set") || only("object") || only("tuple")) {
    // What an unknown part will be is not known: it may change what comes out.
    return hasDynamic ? dynamicType : unifyAlike(types, isSafe);
  }
  if (kinds.has("object") && kinds.has("tuple")) return undefined;
  if (kinds.has("map") && only("map", "object")) {
    const elements = types.flatMap((type) => elementsOf(type));
    const element = unify(elements, { isSafe });
    if (element !== undefined) return mapOf(element);
  }
  if (kinds.has("list") && only("list", "tuple")) {
    const element = unify(types.flatMap(elementsOf), { isSafe });
    if (element !== undefined) return listOf(element);
  }
  return preferred(types, isSafe);
}

// --- internal ---

function canBecomeElements(types: readonly Type[], element: Type, isSafe: boolean): boolean {
  if (element.kind === "dynamic") return unify(types, { isSafe }) !== undefined;
  return types.every((type) => canConvert(type, element, isSafe));
}

/** Types of one kind, but not the same. */
function unifyAlike(types: readonly Type[], isSafe: boolean): Type | undefined {
  const [first] = types;
  switch (first?.kind) {
    case "list":
    case "set":
    case "map": {
      const element = unify(types.flatMap(elementsOf), { isSafe });
      return element === undefined ? undefined : { kind: first.kind, element };
    }
    case "tuple":
      return unifyTuples(types, first.elements.length, isSafe);
    case "object":
      return unifyObjects(types, [...first.attributes.keys()], isSafe);
    default:
      return undefined;
  }
}

/** Tuples of one length stay tuples if their elements unify one by one; else they become a list. */
function unifyTuples(types: readonly Type[], length: number, isSafe: boolean): Type | undefined {
  const tuples = types.map(elementsOf);
  if (tuples.every((elements) => elements.length === length)) {
    const elements = Array.from({ length }, (_, index) =>
      unify(
        tuples.map((tuple) => tuple[index] ?? dynamicType),
        { isSafe },
      ),
    );
    if (elements.every((element) => element !== undefined)) return tupleOf(elements);
  }
  const element = unify(tuples.flat(), { isSafe });
  return element === undefined ? undefined : listOf(element);
}

/** Objects of the same attributes stay objects if those unify one by one; else they become a map. */
function unifyObjects(types: readonly Type[], names: readonly string[], isSafe: boolean): Type | undefined {
  const objects = types.map((type) => (type.kind === "object" ? type.attributes : new Map<string, Type>()));
  if (objects.every((attributes) => attributes.size === names.length && names.every((name) => attributes.has(name)))) {
    const unified = names.map(
      (name) =>
        [
          name,
          unify(
            objects.flatMap((attributes) => attributes.get(name) ?? []),
            { isSafe },
          ),
        ] as const,
    );
    const attributes = new Map<string, Type>();
    for (const [name, type] of unified) if (type !== undefined) attributes.set(name, type);
    if (attributes.size === names.length) return objectOf(attributes);
  }
  const element = unify(types.flatMap(elementsOf), { isSafe });
  return element === undefined ? undefined : mapOf(element);
}

function elementsOf(type: Type): readonly Type[] {
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

/** More general kinds first. What all others convert to is chosen among the types given. */
const generality: readonly Type["kind"][] = ["string", "number", "bool", "list", "set", "map", "tuple", "object", "dynamic"];

function preferred(types: readonly Type[], isSafe: boolean): Type | undefined {
  const order = [...types].sort((a, b) => generality.indexOf(a.kind) - generality.indexOf(b.kind));
  return order.find((wanted) => types.every((type) => sameType(type, wanted) || canConvert(type, wanted, isSafe)));
}
