import type { ComponentCatalog, ConfigSpec } from "@tspack/core";

/** Specifications of the components that a template uses, where they are known: asked for beforehand, since it takes time. */
export class Specifications {
  readonly #known = new Map<string, ConfigSpec>();

  static async of(
    catalog: ComponentCatalog,
    used: Iterable<readonly [kind: "builder" | "provisioner" | "post-processor" | "datasource", type: string]>,
  ): Promise<Specifications> {
    const all = new Specifications();
    for (const [kind, type] of used) {
      const spec = await (await catalog.find(kind, type))?.configSpec();
      if (spec !== undefined) all.#known.set(`${kind} ${type}`, spec);
    }
    return all;
  }

  find(kind: "builder" | "provisioner" | "post-processor" | "datasource", type: string): ConfigSpec | undefined {
    return this.#known.get(`${kind} ${type}`);
  }
}
