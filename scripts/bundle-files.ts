// Which file of the program holds which module. runtime.cjs is what every command with a program loads; what few need is in files of
// their own, which are read when something of them is first used. There is one copy of each module, whoever asks for it.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import type { Plugin, StdinOptions } from "esbuild";
import * as z from "zod";

/** Files besides runtime.cjs, by name, with the modules that they hold: paths below `packages`, without `src`. */
const rules: { readonly [file: string]: RegExp } = {
  templates: /^dsl\/(functions\/(?!(fn|fn-names|fn-types)\.ts)|hcl\/|json\/|convert\/|variables\/hcl-)/,
  plugins:
    /^core\/(protocol\/|plugins\/install\/(?!lock-file\.ts)|sdk\/plugin\/|plugins\/(describe|failure|handshake|inspect-plugin|plugin-log|pool|problems|process|remote-\w+)\.ts)/,
  // Builders that do more than a file or a single connection.
  builders: /^core\/(components\/builders\/[^/]+\/|communicator\/chroot\/|sdk\/(boot\/(?!key\.ts)|media\/|http-server\/|release\/))/,
  ssh: /^core\/communicator\/ssh\//,
  download: /^core\/(aws\/|google\/|download\/(?!cache-directory\.ts))/,
  archives: /^core\/(archive|compression)\//,
};

/** Names of the files that are read later. */
export const laterFiles: readonly string[] = Object.keys(rules);

/** The modules of core and of the DSL, and who asks for whom from another file. */
export class ProgramFiles {
  readonly #packages: string;
  /** By file: its modules that others ask for. */
  readonly #doors = new Map<string, Set<string>>();
  /** What the other files use of zod, whose one copy is in runtime.cjs. All of it would be three times as much. */
  readonly #zodNames = new Set<string>();

  constructor(root: string) {
    this.#packages = join(root, "packages");
    for (const name of ["core", "dsl"]) this.#scan(join(this.#packages, name, "src"));
  }

  /** The entry of a file: a door for every module that others ask for. None is evaluated before it is used. */
  entry(file: string): StdinOptions {
    const lines = [...(this.#doors.get(file) ?? [])]
      .sort()
      .map((id) => `  get ${JSON.stringify(id)}() { return require(${JSON.stringify(this.#pathOf(id))}); },`);
    const zodNames = [...this.#zodNames].sort().map((name) => `get ${name}() { return z.${name}; }`);
    const isRuntime = file === "runtime";
    return {
      contents: [
        ...(isRuntime ? ['import * as z from "zod";', 'export * from "./cli/src/runtime.ts";'] : []),
        "export const modules = {",
        ...lines,
        ...(isRuntime ? [`  zod: { __esModule: true, ${zodNames.join(", ")} },`] : []),
        "};",
      ].join("\n"),
      resolveDir: this.#packages,
      sourcefile: `${file}-entry.ts`,
      loader: "ts",
    };
  }

  /** For bundling a file: modules of others are taken from there; those of runtime.cjs at once, all else when it is first used. */
  others(file: string): Plugin {
    return {
      name: "other-files-of-the-program",
      setup: ({ onResolve, onLoad }) => {
        onResolve({ filter: /^\.{1,2}\// }, ({ path, resolveDir, kind, namespace }) => {
          if (/^\.\/[\w-]+\.cjs$/.test(path) && namespace !== "file") return { path, external: true };
          const id = this.#idOf(resolve(resolveDir, path));
          if (id === undefined || fileOf(id) === file) return undefined;
          return { path: id, namespace: kind === "dynamic-import" || fileOf(id) === "runtime" ? "held-elsewhere" : "used-later" };
        });
        onResolve({ filter: /^zod$/ }, ({ path }) => (file === "runtime" ? undefined : { path, namespace: "held-elsewhere" }));
        onLoad({ filter: /.*/, namespace: "held-elsewhere" }, ({ path }) => ({
          contents: exportsNow(path === "zod" ? "" : this.#textOf(path), expressionFor(path)),
        }));
        onLoad({ filter: /.*/, namespace: "used-later" }, ({ path }) => ({
          contents: exportsLater(path, this.#textOf(path), expressionFor(path)),
        }));
      },
    };
  }

  #scan(source: string): void {
    for (const name of readdirSync(source, { recursive: true, encoding: "utf8" })) {
      if (!name.endsWith(".ts") || name.endsWith(".d.ts")) continue;
      const path = join(source, name);
      const from = this.#idOf(path);
      if (from === undefined) continue;
      const text = readFileSync(path, "utf8");
      if (fileOf(from) !== "runtime" && text.includes('from "zod"')) {
        for (const [, used = ""] of text.matchAll(/\bz\.(\w+)/g)) if (Object.hasOwn(z, used)) this.#zodNames.add(used);
      }
      for (const target of importsOf(text)) {
        const id = this.#idOf(resolve(path, "..", target));
        if (id === undefined || fileOf(from) === fileOf(id)) continue;
        const doors = this.#doors.get(fileOf(id)) ?? new Set();
        this.#doors.set(fileOf(id), doors.add(id));
      }
    }
  }

  /** `core/engine/core.ts`; undefined for what is in neither package. */
  #idOf(path: string): string | undefined {
    const [name, src, ...rest] = relative(this.#packages, path).split(sep);
    return (name === "core" || name === "dsl") && src === "src" ? [name, ...rest].join("/") : undefined;
  }

  #pathOf(id: string): string {
    const [name, ...rest] = id.split("/");
    return `./${[name, "src", ...rest].join("/")}`;
  }

  #textOf(id: string): string {
    return readFileSync(join(this.#packages, this.#pathOf(id)), "utf8");
  }
}

// --- internal ---

function fileOf(id: string): string {
  return Object.entries(rules).find(([, modules]) => modules.test(id))?.[0] ?? "runtime";
}

function expressionFor(id: string): string {
  const file = fileOf(id);
  return `require(${JSON.stringify(`./${file}.cjs`)}).modules[${JSON.stringify(id)}]`;
}

/** Paths of the modules that one needs when it runs: imports of types are left out. */
function importsOf(text: string): string[] {
  const patterns = [/^(?:import|export) (?!type )[^;"]*?\bfrom "(\.[^"]+)"/gm, /^import "(\.[^"]+)"/gm, /\bimport\("(\.[^"]+)"\)/g];
  return patterns.flatMap((pattern) => [...text.matchAll(pattern)].map(([, path = ""]) => path));
}

/** What a module exports, taken from it at once. */
function exportsNow(text: string, module: string): string {
  // Modules of the bundle are seen as Node sees CommonJS: a default export would be the whole module.
  const listed = [...text.matchAll(/^export \{([^}]*)\}/gm)]
    .flatMap(([, list = ""]) => list.split(","))
    .map((name) => name.split(" as ").at(-1)?.trim() ?? "");
  if (!/^export default /m.test(text) && !listed.includes("default")) return `module.exports = ${module};`;
  const names = [...namesIn(text).map(({ name }) => name), ...listed].filter((name) => name !== "default" && !/^(type |$)/.test(name));
  return `const module = ${module};\nexport const { ${names.join(", ")} } = module;\nexport default module.default;`;
}

/** What a module exports, each taken from it when it is used. Functions are there at once, so that listing them loads nothing. */
function exportsLater(id: string, text: string, module: string): string {
  const strange = /^export (?!type |interface |(async )?function|const |class )[^\n]*/m.exec(text)?.[0];
  if (strange !== undefined) throw new Error(`${id} is used from another file, which \`${strange}\` does not allow`);
  const lines = namesIn(text).map(({ name, kind }) =>
    kind.startsWith("function")
      ? `exports.${name} = (...args) => later().${name}(...args);`
      : `Object.defineProperty(exports, ${JSON.stringify(name)}, { enumerable: true, get: () => later().${name} });`,
  );
  return `let found;\nconst later = () => (found ??= ${module});\n${lines.join("\n")}\n`;
}

function namesIn(text: string): { readonly kind: string; readonly name: string }[] {
  return [...text.matchAll(/^export (?:async )?(function\*?|const|class) (\w+)/gm)].map(([, kind = "", name = ""]) => ({ kind, name }));
}
