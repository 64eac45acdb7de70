import { builtInCatalog, type ComponentCatalog, type ComponentKind, type ConfigSpec } from "@tspack/core";
import { blocksOf } from "./body.ts";
import type { Configuration } from "./declarations.ts";
import { specKey } from "./decoding.ts";

/** The specifications of components, asked for once each. */
export class Specifications {
  readonly known = new Map<string, ConfigSpec | undefined>();
  readonly #catalog: ComponentCatalog;

  constructor(catalog: ComponentCatalog = builtInCatalog()) {
    this.#catalog = catalog;
  }

  /** Asks for all components that a configuration names as such; what `dynamic` makes is found out only when it is decoded. */
  async prepare(configuration: Configuration): Promise<void> {
    await this.add([
      ...configuration.datasources.map(({ type }) => specKey("datasource", type)),
      ...configuration.sources.map(({ type }) => specKey("builder", type)),
      ...configuration.builds.flatMap(({ blocks }) => blocks.flatMap((block) => [block, ...blocksOf(block.body)]).flatMap(stepKeys)),
    ]);
  }

  async add(keys: Iterable<string>): Promise<void> {
    for (const key of new Set(keys)) {
      if (this.known.has(key)) continue;
      const space = key.indexOf(" ");
      const kind = componentKinds.find((one) => one === key.slice(0, space));
      const factory = kind === undefined ? undefined : await this.#catalog.find(kind, key.slice(space + 1));
      this.known.set(key, await factory?.configSpec());
    }
  }
}

// --- internal ---

const componentKinds: readonly ComponentKind[] = ["builder", "provisioner", "post-processor", "datasource"];

function stepKeys(block: { readonly type: string; readonly labels: readonly { readonly text: string }[] }): readonly string[] {
  const type = block.labels[0]?.text;
  if (type === undefined) return [];
  if (block.type === "post-processor") return [specKey("post-processor", type)];
  return block.type === "provisioner" || block.type === "error-cleanup-provisioner" ? [specKey("provisioner", type)] : [];
}
