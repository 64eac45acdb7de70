// Objects of which not all attributes are known beforehand, or not yet.
import { type ObjectType, objectOf, type Type } from "../eval/type.ts";
import type { RecordValue, Value } from "../eval/value.ts";

/**
 * An object over a map that may still grow: locals while they are evaluated one after another. Its type is made when it is asked for,
 * so that each evaluation costs only what it reads.
 */
export function liveObject(entries: ReadonlyMap<string, Value>): RecordValue {
  const type: ObjectType = { kind: "object", attributes: new TypesOf(entries) };
  return { kind: "record", type, entries, sensitive: false, waitsFor: [] };
}

/** An object that has an attribute of any name: what is not among the entries is made when it is asked for. */
export function openObject(entries: ReadonlyMap<string, Value>, make: (name: string) => Value): RecordValue {
  const open = new OpenMap(entries, make);
  return {
    kind: "record",
    type: objectOf(new OpenMap<Type>(types(entries), (name) => make(name).type)),
    entries: open,
    sensitive: false,
    waitsFor: [],
  };
}

/** A map of fixed names whose values are computed when they are first asked for. */
export class LazyMap implements ReadonlyMap<string, Value> {
  readonly #names: ReadonlySet<string>;
  readonly #compute: (name: string) => Value;
  readonly #known = new Map<string, Value>();

  constructor(names: ReadonlySet<string>, compute: (name: string) => Value) {
    this.#names = names;
    this.#compute = compute;
  }

  get size(): number {
    return this.#names.size;
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  get(name: string): Value | undefined {
    if (!this.#names.has(name)) return undefined;
    let value = this.#known.get(name);
    if (value === undefined) {
      value = this.#compute(name);
      this.#known.set(name, value);
    }
    return value;
  }

  keys(): MapIterator<string> {
    return this.#names.keys();
  }

  values(): MapIterator<Value> {
    return this.#all().values();
  }

  entries(): MapIterator<[string, Value]> {
    return this.#all().entries();
  }

  [Symbol.iterator](): MapIterator<[string, Value]> {
    return this.entries();
  }

  forEach(visit: (value: Value, name: string, map: ReadonlyMap<string, Value>) => void): void {
    for (const [name, value] of this.#all()) visit(value, name, this);
  }

  #all(): Map<string, Value> {
    const all = new Map<string, Value>();
    for (const name of this.#names) {
      const value = this.get(name);
      if (value !== undefined) all.set(name, value);
    }
    return all;
  }
}

// --- internal ---

/** The types of the values of a map, as they are now. */
class TypesOf implements ReadonlyMap<string, Type> {
  readonly #values: ReadonlyMap<string, Value>;

  constructor(values: ReadonlyMap<string, Value>) {
    this.#values = values;
  }

  get size(): number {
    return this.#values.size;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  get(name: string): Type | undefined {
    return this.#values.get(name)?.type;
  }

  keys(): MapIterator<string> {
    return this.#values.keys();
  }

  values(): MapIterator<Type> {
    return types(this.#values).values();
  }

  entries(): MapIterator<[string, Type]> {
    return types(this.#values).entries();
  }

  [Symbol.iterator](): MapIterator<[string, Type]> {
    return this.entries();
  }

  forEach(visit: (type: Type, name: string, map: ReadonlyMap<string, Type>) => void): void {
    for (const [name, type] of types(this.#values)) visit(type, name, this);
  }
}

class OpenMap<T> extends Map<string, T> {
  readonly #make: (name: string) => T;

  constructor(entries: Iterable<readonly [string, T]>, make: (name: string) => T) {
    super(entries);
    this.#make = make;
  }

  override has(): boolean {
    return true;
  }

  override get(name: string): T {
    return super.get(name) ?? this.#make(name);
  }
}

function types(entries: ReadonlyMap<string, Value>): Map<string, Type> {
  return new Map([...entries].map(([name, value]) => [name, value.type]));
}
