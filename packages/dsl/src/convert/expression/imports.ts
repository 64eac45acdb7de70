/** The imports of a module, collected while its text is made. */
export class Imports {
  readonly #byModule = new Map<string, Set<string>>();

  /** Notes that a name is used, and gives it back. Names of `tspack` unless a module is given; `z` comes from `zod`. */
  use(name: string, module: string = name === "z" ? "zod" : "tspack"): string {
    const names = this.#byModule.get(module) ?? new Set();
    this.#byModule.set(module, names);
    names.add(name);
    return name;
  }

  /** Takes over the names of others that stand in a text. */
  addUsed(others: Imports, text: string): void {
    for (const [module, names] of others.#byModule) {
      // Not a property of that name; behind the dots of a spread it is a name.
      for (const name of names) if (new RegExp(`(?<![\\w$]|[^.]\\.)${name}(?![\\w$])`).test(text)) this.use(name, module);
    }
  }

  /** Names used of a module, sorted. */
  of(module: string): readonly string[] {
    return [...(this.#byModule.get(module) ?? [])].sort();
  }

  /** Import declarations of the names that are used after all, sorted by module: Node's own first, the program's own last. */
  declarations(used?: ReadonlySet<string>): readonly string[] {
    const kept = (module: string): readonly string[] => this.of(module).filter((name) => used?.has(name) ?? true);
    return [...this.#byModule.keys()]
      .filter((module) => kept(module).length > 0)
      .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
      .map((module) =>
        module === "zod" ? `import * as z from "zod";` : `import { ${kept(module).join(", ")} } from ${JSON.stringify(module)};`,
      );
  }
}

// --- internal ---

function rank(module: string): number {
  return module.startsWith("node:") ? 0 : module.startsWith(".") ? 2 : 1;
}
