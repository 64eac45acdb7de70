// Keeps what only templates need (functions, HCL, JSON, the converter: more code than all the rest, and libraries) out of what every
// command loads. In the program it is templates.cjs, which runtime.cjs requires on first use; both share the one copy of core and of
// the DSL's own modules that runtime.cjs holds.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type { Plugin, StdinOptions } from "esbuild";

/** The entry of templates.cjs: a door for every module that the DSL's own modules import. None is evaluated before it is used. */
export function templatesEntry(root: string): StdinOptions {
  const source = sourceOf(root);
  const doors = new Set<string>();
  for (const name of readdirSync(source, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"))) {
    if (isOfTemplates(name)) continue;
    const file = join(source, name);
    for (const [, path = ""] of readFileSync(file, "utf8").matchAll(/\b(?:from|import\()\s*"(\.{1,2}\/[^"]+)"/g)) {
      const target = relative(source, resolve(file, "..", path));
      if (isOfTemplates(target)) doors.add(target);
    }
  }
  const lines = [...doors].map((door) => `  get ${JSON.stringify(door)}() { return require(${JSON.stringify(`./${door}`)}); },`);
  return {
    contents: `exports.modules = {\n${lines.join("\n")}\n};\n`,
    resolveDir: source,
    sourcefile: "templates-entry.cjs",
    loader: "js",
  };
}

/** The entry of runtime.cjs: its own, and the modules of the DSL that templates.cjs takes from there. */
export function heldByRuntime(root: string, modules: ReadonlySet<string>): StdinOptions {
  const names = [...modules].sort();
  const lines = [
    'export * from "../../cli/src/runtime.ts";',
    ...names.map((name, index) => `import * as module${index} from ${JSON.stringify(`./${name}`)};`),
    `export const modules = { ${names.map((name, index) => `${JSON.stringify(name)}: module${index}`).join(", ")} };`,
  ];
  return { contents: lines.join("\n"), resolveDir: sourceOf(root), sourcefile: "runtime-entry.ts", loader: "ts" };
}

/** For runtime.cjs: modules of the templates are taken from templates.cjs when something of them is first used. */
export function templatesLater(root: string): Plugin {
  return {
    name: "templates-later",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^\.{1,2}\// }, ({ path, resolveDir, kind }) => {
        const target = relative(sourceOf(root), resolve(resolveDir, path));
        if (!isOfTemplates(target)) return undefined;
        return { path: target, namespace: kind === "dynamic-import" ? "templates" : "used-later" };
      });
      onResolve({ filter: /^\.\/templates\.cjs$/ }, ({ path }) => ({ path, external: true }));
      const module = (path: string): string => `require("./templates.cjs").modules[${JSON.stringify(path)}]`;
      onLoad({ filter: /.*/, namespace: "templates" }, ({ path }) => ({ contents: `module.exports = ${module(path)};` }));
      onLoad({ filter: /.*/, namespace: "used-later" }, ({ path }) => ({
        contents: exportsLater(readFileSync(join(sourceOf(root), path), "utf8"), module(path)),
      }));
    },
  };
}

/** For templates.cjs: the DSL's own modules come from runtime.cjs. Their names are added to `found`. */
export function copyInRuntime(root: string, found: Set<string>): Plugin {
  return {
    name: "copy-in-runtime",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^\.{1,2}\// }, ({ path, resolveDir, namespace }) => {
        const target = relative(sourceOf(root), resolve(resolveDir, path));
        if (namespace !== "file" && namespace !== "") return undefined;
        if (target.startsWith("..") || isOfTemplates(target)) return undefined;
        found.add(target);
        return { path: target, namespace: "copy-in-runtime" };
      });
      onLoad({ filter: /.*/, namespace: "copy-in-runtime" }, ({ path }) => ({
        contents: `module.exports = require("./runtime.cjs").modules[${JSON.stringify(path)}];`,
      }));
    },
  };
}

/** Libraries that few templates need, each in a file of its own: reading them takes longer than all the rest. */
const libraries = ["bcryptjs", "re2js", "yaml"];

/** The entries of those files. */
export const libraryEntries: { readonly [output: string]: string } = Object.fromEntries(
  libraries.map((name) => [`library-${name}`, `library:${name}`]),
);

/** For the files of the libraries: each is what `require` gives of the library. */
export function libraryFiles(root: string): Plugin {
  return {
    name: "library-files",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^library:/ }, ({ path }) => ({ path: path.slice("library:".length), namespace: "library" }));
      onLoad({ filter: /.*/, namespace: "library" }, ({ path }) => ({
        contents: `module.exports = require(${JSON.stringify(path)});`,
        resolveDir: join(root, "packages/dsl"),
      }));
    },
  };
}

/** For templates.cjs: functions require a library's file when they need it. */
export const requiredLibraries: Plugin = {
  name: "required-libraries",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\.\/library-\w+\.cjs$/ }, ({ path }) => ({ path, external: true }));
    onLoad({ filter: /[\\/]functions[\\/]libraries\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replace(/createRequire\(import\.meta\.url\)\("(\w+)"\)/g, 'require("./library-$1.cjs")'),
      loader: "ts",
    }));
  },
};

/** For the library as ES modules: `fn` requires its other file with the first call. */
export const functionsLater: Plugin = {
  name: "functions-later",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\/fn-call\.ts$/ }, ({ path, kind }) =>
      kind === "entry-point" ? undefined : { path, namespace: "functions-later" },
    );
    onLoad({ filter: /.*/, namespace: "functions-later" }, () => ({
      contents: `import { createRequire } from "node:module";
export const callFunction = (name, args) => createRequire(import.meta.url)("./fn-call.js").callFunction(name, args);`,
    }));
  },
};

// --- internal ---

function sourceOf(root: string): string {
  return join(root, "packages/dsl/src");
}

/** True for a module, by its path below the DSL's sources, that only templates need. `fn` itself belongs to every program. */
function isOfTemplates(path: string): boolean {
  if (/^functions[\\/](fn|fn-names|fn-types)\.ts$/.test(path)) return false;
  return /^(functions|hcl|json|convert)[\\/]|^variables[\\/]hcl-/.test(path);
}

/** What a module exports, each taken from it when it is used. Functions are there at once, so that listing them loads nothing. */
function exportsLater(text: string, module: string): string {
  const lines: string[] = [];
  for (const [, kind = "", name = ""] of text.matchAll(/^export (?:async )?(function\*?|const|class) (\w+)/gm)) {
    if (kind === "function") lines.push(`exports.${name} = (...args) => ${module}.${name}(...args);`);
    else lines.push(`Object.defineProperty(exports, ${JSON.stringify(name)}, { enumerable: true, get: () => ${module}.${name} });`);
  }
  return lines.join("\n");
}
