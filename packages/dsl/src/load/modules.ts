// What the program gets for its imports of packages: our own running copy for tspack's names, the user's folder for the rest.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { types } from "node:util";
import type { ExternalImport } from "./bundle.ts";
import { guardedProcess } from "./guarded-process.ts";

/** The packages that must be the running copy, since their values meet ours. */
const running: { readonly [name: string]: () => Promise<unknown> } = {
  tspack: () => import("@tspack/dsl"),
  "@tspack/dsl": () => import("@tspack/dsl"),
  "@tspack/core": () => import("@tspack/core"),
  "@tspack/core/sdk": () => import("@tspack/core/sdk"),
};

/** What stands behind a program's imports. One per load. */
export interface ProgramModules {
  /** Answers an import. Throws Node's error when there is no such package. */
  readonly require: (specifier: string) => unknown;
  /** The path of a package's file, as `require.resolve` answers it. */
  readonly resolve: (specifier: string, from?: string) => string;
  /** True if a module's `default` export is what `import x from` means, as for every ES module. */
  readonly hasOwnDefault: (module: unknown) => boolean;
  /** Loads a package that `require` cannot, because it waits at its top level (ERR_REQUIRE_ASYNC_MODULE). */
  readonly preload: (specifier: string) => Promise<void>;
}

/** Makes the modules of the program in `file`; `externals` are the imports that its bundle leaves to them. */
export async function programModules(file: string, externals: readonly ExternalImport[]): Promise<ProgramModules> {
  const loaded = new Map<string, unknown>();
  const process = guardedProcess();
  loaded.set("process", process).set("node:process", process);
  const wanted = new Set(externals.map(({ specifier }) => specifier)).add("tspack");
  for (const [name, load] of Object.entries(running)) if (wanted.has(name)) loaded.set(name, await load());

  const fromProgram = createRequire(file);
  const esModules = new WeakSet<object>();
  const resolve = (specifier: string, from = file): string => {
    let first: unknown;
    const importers = externals.filter((external) => external.specifier === specifier).map(({ importer }) => importer);
    for (const place of new Set([from, ...importers])) {
      try {
        return (place === file ? fromProgram : createRequire(place)).resolve(specifier);
      } catch (error) {
        first ??= error;
      }
    }
    // A program that uses zod needs no copy of its own. Zod schemas work by their interface, so two copies do not disturb.
    if (specifier === "zod" || specifier.startsWith("zod/")) return createRequire(import.meta.url).resolve(specifier);
    throw first;
  };
  const requireModule = (specifier: string): unknown => {
    if (loaded.has(specifier)) return loaded.get(specifier);
    const path = resolve(specifier);
    const module: unknown = fromProgram(path);
    if (isObject(module) && hasDefaultExport(module, path)) esModules.add(module);
    loaded.set(specifier, module);
    return module;
  };
  return {
    require: Object.assign(requireModule, { resolve: (specifier: string) => resolve(specifier) }),
    resolve,
    hasOwnDefault: (module) => isObject(module) && esModules.has(module),
    preload: async (specifier) => {
      const module: unknown = await import(pathToFileURL(resolve(specifier)).href);
      if (isObject(module)) esModules.add(module);
      loaded.set(specifier, module);
    },
  };
}

/**
 * True if `import x from` a module means its export named `default`: for ES modules, and for the CommonJS face of a package that
 * has ES modules too (`exports` with `import`). For a package with CommonJS alone Node gives the whole of `module.exports`.
 */
function hasDefaultExport(module: object, path: string): boolean {
  if (types.isModuleNamespaceObject(module)) return true;
  if (!("__esModule" in module) || !("default" in module)) return false;
  for (let folder = dirname(path); dirname(folder) !== folder; folder = dirname(folder)) {
    try {
      const manifest: unknown = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
      if (!isObject(manifest)) continue;
      if ("exports" in manifest && JSON.stringify(manifest.exports).includes('"import"')) return true;
      if ("type" in manifest && manifest.type === "module") return true;
      if ("name" in manifest) return false;
    } catch {
      // No package.json here, or one that cannot be read: the next folder up decides.
    }
  }
  return false;
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
