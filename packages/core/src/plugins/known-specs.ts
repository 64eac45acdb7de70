import type { ConfigSpec } from "../sdk/config/spec.ts";
import type { PluginComponent } from "./plugin-component.ts";

/** Specifications that plugins told, asked for once however many runs there are. */
export class KnownSpecs {
  readonly #known = new Map<string, Promise<ConfigSpec>>();

  /** What is known, or what `ask` finds out. A failure is not remembered. */
  get(component: PluginComponent, what: "options" | "output", ask: () => Promise<ConfigSpec>): Promise<ConfigSpec> {
    const key = [what, component.kind, ...component.argv].join("\0");
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const asked = ask();
    this.#known.set(key, asked);
    asked.catch(() => this.#known.delete(key));
    return asked;
  }
}
