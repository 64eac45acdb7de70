// Makes one piece of JavaScript out of the user's program. esbuild writes an ES module, in which top-level `await` may stand;
// every import of a package is turned into a call of `__tspack_require`, so that no `import` or `export` is left and the text can
// be evaluated as the body of an async function (evaluate.ts), in memory, without a temporary file.
import { readFileSync } from "node:fs";
import { dirname, isAbsolute, resolve } from "node:path";
import { errorText } from "@tspack/core";
import type { BuildFailure, Message, Metafile, Plugin } from "esbuild";
import { resolutionFiles } from "./resolution-files.ts";
import { restoreDeclarations } from "./restore-declarations.ts";
import { contentHash, type HashedFile, impliedExtensions, isCode, loaderFor, metaModule, metaPrefix, withMeta } from "./source-file.ts";

/** Changes whenever bundles made before can no longer be used. */
export const bundleFormat = 1;

/** An import of something that is not part of the bundle: a package, or a module of Node. */
export interface ExternalImport {
  readonly specifier: string;
  /** The file that imports it, absolute. */
  readonly importer: string;
}

/** The user's program as one piece of code. */
export interface Bundle {
  readonly code: string;
  /** The source map, JSON text. Its sources are relative to the program's folder. */
  readonly map: string;
  /** Files that were bundled, absolute. */
  readonly inputs: readonly HashedFile[];
  /** Files that decide how imports are resolved and how TypeScript is read. */
  readonly settings: readonly HashedFile[];
  /** Files that do not exist, and would change the bundle if they did. */
  readonly absent: readonly string[];
  readonly externals: readonly ExternalImport[];
}

/** The text of the error for a file that is not there although it was resolved. */
export const missingFile = "No such file";

/** The bundle, or what esbuild has against the program. */
export type BundleResult = { readonly bundle: Bundle } | { readonly errors: readonly Message[]; readonly inputs: readonly string[] };

/** Bundles the program whose entry is `file` (absolute). Starts esbuild. */
export async function bundleProgram(file: string): Promise<BundleResult> {
  const { build } = await import("esbuild");
  const folder = dirname(file);
  const inputs = new Map<string, string>();
  const sources: string[] = [];
  try {
    const result = await build({
      stdin: {
        contents: `import * as program from ${JSON.stringify(file)};\n__tspack_export(program);`,
        resolveDir: folder,
        sourcefile: "tspack-entry",
      },
      absWorkingDir: folder,
      outdir: folder,
      bundle: true,
      write: false,
      metafile: true,
      format: "esm",
      platform: "node",
      target: "node20.19",
      charset: "utf8",
      packages: "external",
      ignoreAnnotations: true,
      resolveExtensions: impliedExtensions,
      // `import()` becomes a call of `require`: a real one would need a flag of Node's vm.
      supported: { "dynamic-import": false },
      define: {
        "import.meta": "__tspack_meta",
        __dirname: "__tspack_meta.dirname",
        __filename: "__tspack_meta.filename",
      },
      sourcemap: "external",
      sourcesContent: false,
      logLevel: "silent",
      logLimit: 0,
      plugins: [userFiles(inputs, sources), packages],
    });
    const text = (suffix: string): string => result.outputFiles.find((output) => output.path.endsWith(suffix))?.text ?? "";
    return {
      bundle: {
        code: restoreDeclarations(withOwnDefaults(text(".js")), sources),
        map: text(".map"),
        inputs: [...inputs].map(([path, hash]) => ({ path, hash })),
        ...resolutionFiles(folder, result.metafile),
        externals: externalImports(folder, result.metafile),
      },
    };
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    return { errors: error.errors, inputs: [...inputs.keys()] };
  }
}

/** Reads the user's files, so that the hash is that of the very bytes that were bundled. */
function userFiles(inputs: Map<string, string>, sources: string[]): Plugin {
  return {
    name: "tspack-files",
    setup({ onLoad, onResolve }) {
      onLoad({ filter: /.*/, namespace: "file" }, ({ path, with: attributes }) => {
        let content: Buffer;
        try {
          content = readFileSync(path);
        } catch (error) {
          // esbuild takes no notice of capital letters where it looks for files.
          const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
          return { errors: [{ text: isMissing ? missingFile : `Could not read ${path}: ${errorText(error)}` }] };
        }
        inputs.set(path, contentHash(content));
        const loader = loaderFor(path, attributes.type);
        if (loader === "binary") return { contents: content, loader };
        if (loader === "text" && content.includes(0)) {
          return { errors: [{ text: `${path} is not text; import it with { type: "bytes" }` }] };
        }
        const text = content.toString("utf8").replace(/^\uFEFF/, "");
        if (isCode(loader)) sources.push(text);
        return { contents: isCode(loader) ? withMeta(path, text) : text, loader, resolveDir: dirname(path) };
      });
      onResolve({ filter: new RegExp(`^${metaPrefix}`) }, ({ path }) => ({
        path: path.slice(metaPrefix.length),
        namespace: "tspack-meta",
      }));
      onLoad({ filter: /.*/, namespace: "tspack-meta" }, ({ path }) => ({ contents: metaModule(path), loader: "js" }));
    },
  };
}

/** Leaves packages outside. What looks like one but is a path of tsconfig.json, or an import of package.json (`#x`), comes in. */
const packages: Plugin = {
  name: "tspack-packages",
  setup({ onLoad, onResolve, resolve: resolveByEsbuild }) {
    onResolve({ filter: /^[^./]/ }, async ({ path, importer, kind, resolveDir, namespace, pluginData, with: attributes }) => {
      if (pluginData === packages || kind === "entry-point" || namespace !== "file" || isAbsolute(path)) return undefined;
      if (kind === "require-resolve") return { path, external: true };
      const found = await resolveByEsbuild(path, { importer, kind, resolveDir, namespace, pluginData: packages, with: attributes });
      if (found.errors.length === 0 && !found.external) return { path: found.path, namespace: found.namespace };
      return { path, namespace: "tspack-package" };
    });
    onLoad({ filter: /.*/, namespace: "tspack-package" }, ({ path }) => ({
      contents: `module.exports = __tspack_require(${JSON.stringify(path)});`,
      loader: "js",
    }));
  },
};

/**
 * In a folder of `"type": "module"` esbuild takes the whole of an imported module for its default export, as Node does for
 * CommonJS. What `__tspack_require` answers may be an ES module, which has a default export of its own. The text replaced
 * stands in esbuild's helper `__toESM`, on a line without code of the user.
 */
function withOwnDefaults(code: string): string {
  return code.replace("isNodeMode || !mod || !mod.__esModule ?", "!__tspack_own_default(mod) && (isNodeMode || !mod || !mod.__esModule) ?");
}

function externalImports(folder: string, { inputs }: Metafile): ExternalImport[] {
  const found: ExternalImport[] = [];
  for (const [importer, { imports }] of Object.entries(inputs)) {
    for (const { path } of imports) {
      if (path.startsWith("tspack-package:")) {
        found.push({ specifier: path.slice("tspack-package:".length), importer: resolve(folder, importer) });
      }
    }
  }
  return found;
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && "errors" in error && Array.isArray(error.errors);
}
