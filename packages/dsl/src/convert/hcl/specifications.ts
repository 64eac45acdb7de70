import { type ComponentCatalog, type ConfigSpec, type Diagnostic, errorText, TspackError } from "@tspack/core";

/** Specifications of the components that a template uses, where they are known: asked for beforehand, since it takes time. */
export class Specifications {
  readonly #known = new Map<string, ConfigSpec>();
  readonly #problems = new Map<string, Diagnostic>();

  static async of(
    catalog: ComponentCatalog,
    used: Iterable<readonly [kind: "builder" | "provisioner" | "post-processor" | "datasource", type: string]>,
  ): Promise<Specifications> {
    const all = new Specifications();
    for (const [kind, type] of used) {
      try {
        const spec = await (await catalog.find(kind, type))?.configSpec();
        if (spec !== undefined) all.#known.set(`${kind} ${type}`, spec);
      } catch (error) {
        if (!TspackError.is(error)) throw error;
        const detail = `${errorText(error)}\nThe options of the ${kind} ${JSON.stringify(type)} are converted without knowing their types.`;
        all.#problems.set(detail, {
          severity: "warning",
          code: error.code,
          summary: "Plugin that cannot be asked",
          detail,
          hint: error.hint,
        });
      }
    }
    return all;
  }

  /** Plugins that could not tell their options: what is converted without them may have to be corrected. */
  get problems(): readonly Diagnostic[] {
    return [...this.#problems.values()];
  }

  find(kind: "builder" | "provisioner" | "post-processor" | "datasource", type: string): ConfigSpec | undefined {
    return this.#known.get(`${kind} ${type}`);
  }
}
