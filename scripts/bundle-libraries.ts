// Code of others that is loaded when it is first used: libraries of a few functions of the language, modules of Node. And the functions
// of the language in the library.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "esbuild";

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

/** Modules of Node that a small run does not need; the first use of one takes 2 to 7 ms. */
const laterBuiltins = ["child_process", "http", "https", "net", "tls", "zlib"];

/** For the program: what it imports of those is taken from them when it is used. */
export const builtinsLater: Plugin = {
  name: "builtins-later",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: new RegExp(`^node:(${laterBuiltins.join("|")})$`) }, ({ path, kind }) =>
      kind === "import-statement" ? { path, namespace: "builtins-later" } : undefined,
    );
    onLoad({ filter: /.*/, namespace: "builtins-later" }, async ({ path }) => {
      const { default: _, ...names }: { readonly [name: string]: unknown } = await import(path);
      const lines = Object.keys(names).map(
        (name) => `Object.defineProperty(exports, ${JSON.stringify(name)}, { enumerable: true, get: () => later().${name} });`,
      );
      return { contents: `let found;\nconst later = () => (found ??= require(${JSON.stringify(path)}));\n${lines.join("\n")}\n` };
    });
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
