// Specifications that plugins told, so that a plugin is not started for its options alone.
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { ConfigSpec } from "../sdk/config/spec.ts";
import type { PluginComponent } from "./plugin-component.ts";
import { recall, remember } from "./remembered.ts";

/** Asks for each specification once, however many runs there are; of a plugin whose file is vouched for, once until the file changes. */
export class KnownSpecs {
  readonly #cacheDirectory: string;
  readonly #known = new Map<string, Promise<ConfigSpec>>();

  constructor(cacheDirectory: string) {
    this.#cacheDirectory = cacheDirectory;
  }

  /** What is known, or what `ask` finds out, decoded. A failure is not remembered. */
  get(component: PluginComponent, what: "options" | "output", ask: () => Promise<Buffer>): Promise<ConfigSpec> {
    const key = [what, component.kind, component.digest ?? "", ...component.argv].join("\0");
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const found = this.#find(component, key, ask);
    this.#known.set(key, found);
    found.catch(() => this.#known.delete(key));
    return found;
  }

  async #find({ digest, form }: PluginComponent, key: string, ask: () => Promise<Buffer>): Promise<ConfigSpec> {
    // Programs without plugins do not load what reads specifications.
    const { decodeSpec } = await import("../protocol/spec/codec.ts");
    if (digest === undefined) return decodeSpec(await ask(), form);
    const path = join(this.#cacheDirectory, `spec-${createHash("sha256").update(key).digest("hex").slice(0, 32)}`);
    const known = await recall(path);
    try {
      if (known !== undefined) return decodeSpec(known, form);
    } catch {
      // Damaged: the plugin is asked.
    }
    const bytes = await ask();
    const spec = decodeSpec(bytes, form);
    // Not being able to remember only costs time.
    await remember(path, bytes).catch(() => undefined);
    return spec;
  }
}
