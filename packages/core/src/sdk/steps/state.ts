import { InternalError } from "../../diagnostics/error.ts";
import type { StateBag } from "./step.ts";

/** An empty state. Slots are told apart by the names of their keys. */
export function createState(): StateBag {
  const values = new Map<string, unknown>();
  return {
    get<T>(key: { readonly name: string }): T {
      if (!values.has(key.name)) throw new InternalError(`a step asked for ${JSON.stringify(key.name)}, which no step before it has set`);
      // Only `set` with a key of the same name puts a value here, so its type is the key's.
      return values.get(key.name) as T;
    },
    find<T>(key: { readonly name: string }): T | undefined {
      return values.get(key.name) as T | undefined;
    },
    set(key, value) {
      values.set(key.name, value);
    },
  };
}
