import { PluginError } from "../../diagnostics/error.ts";
import { DEEPEST_VALUE, MOST_VALUES } from "./limits.ts";

/**
 * Puts scalars and starts of containers together to whole values, without recursion. A map whose keys are all strings becomes an
 * object, any other a Map.
 */
export class Assembly {
  readonly #open: Container[] = [];
  #values = 0;

  /** True inside a list or map. */
  get isInside(): boolean {
    return this.#open.length > 0;
  }

  /** Starts a list or map of so many items; one without items is complete. */
  start(kind: "array" | "map", count: number): { readonly complete?: unknown } {
    if (count > MOST_VALUES - this.#values) throw new PluginError(`a plugin sent a message of more than ${MOST_VALUES} values`);
    if (this.#open.length >= DEEPEST_VALUE) throw new PluginError(`a plugin sent a message of more than ${DEEPEST_VALUE} levels`);
    const container = kind === "array" ? new ListInWork(count) : new MapInWork(count);
    if (count === 0) return this.add(container.value);
    this.#open.push(container);
    return {};
  }

  /** Adds a complete value to what is open; returns the whole value once nothing is open any more. */
  add(value: unknown): { readonly complete?: unknown } {
    let whole = value;
    for (;;) {
      this.#values++;
      if (this.#values > MOST_VALUES) throw new PluginError(`a plugin sent a message of more than ${MOST_VALUES} values`);
      const container = this.#open.at(-1);
      if (container === undefined) {
        this.#values = 0;
        return { complete: whole };
      }
      if (!container.add(whole)) return {};
      this.#open.pop();
      whole = container.value;
    }
  }
}

// --- internal ---

interface Container {
  /** Adds the next item; true if it was the last one. */
  add(item: unknown): boolean;
  readonly value: unknown;
}

class ListInWork implements Container {
  readonly value: unknown[] = [];
  readonly #count: number;

  constructor(count: number) {
    this.#count = count;
  }

  add(item: unknown): boolean {
    return this.value.push(item) === this.#count;
  }
}

class MapInWork implements Container {
  readonly #object: { [key: string]: unknown } = {};
  #map: Map<unknown, unknown> | undefined;
  #key: unknown;
  #isKeyNext = true;
  #left: number;

  constructor(count: number) {
    this.#left = count;
  }

  get value(): unknown {
    return this.#map ?? this.#object;
  }

  add(item: unknown): boolean {
    if (this.#isKeyNext) {
      this.#isKeyNext = false;
      this.#key = item;
      if (typeof item !== "string") this.#map ??= new Map<unknown, unknown>(Object.entries(this.#object));
      return false;
    }
    this.#isKeyNext = true;
    if (this.#map !== undefined) this.#map.set(this.#key, item);
    // Defined, not assigned: the key may be `__proto__`.
    else Object.defineProperty(this.#object, String(this.#key), { value: item, writable: true, enumerable: true, configurable: true });
    this.#left--;
    return this.#left === 0;
  }
}
