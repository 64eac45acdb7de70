// Writes what is published: CommonJS for the program (it starts faster than ES modules do), ES modules for the libraries, and
// declarations. Run by `npm install` through the `prepare` script of packages/cli.
// usage: bundle.ts [--no-types | --program-only]
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, type BuildResult, build, type Plugin } from "esbuild";
import { laterFiles, ProgramFiles } from "./bundle-files.ts";
import { builtinsLater, functionsLater, libraryEntries, libraryFiles, requiredLibraries } from "./bundle-libraries.ts";
import { bundlePlugin, shippedPlugins } from "./bundle-plugins.ts";
import { thirdPartyLicences } from "./third-party.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const cli = join(root, "packages/cli");
const started = Date.now();
/** For tests: nothing but the program, and nothing is removed. */
const isProgramOnly = process.argv.includes("--program-only");

/** Stay outside of every bundle: they bring native code or a program of their own. All are dependencies of packages/cli. */
const external = ["esbuild", "ssh2", "cpu-features", "node-ssh", "socks", "tar-stream", "yazl", "ts-morph", "openpgp"];

const shared = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: "node20.19",
  conditions: ["source"],
  charset: "utf8",
  legalComments: "linked",
  logLevel: "warning",
  write: false,
} satisfies BuildOptions;

const commonJs = {
  ...shared,
  format: "cjs",
  outExtension: { ".js": ".cjs" },
  outdir: join(cli, "dist"),
  metafile: true,
  // See `finished`.
  charset: "ascii",
  // `import.meta` is empty in CommonJS.
  define: { "import.meta.url": "moduleUrl", "import.meta.dirname": "__dirname", "import.meta.filename": "__filename" },
  banner: { js: 'const moduleUrl = require("node:url").pathToFileURL(__filename).href;' },
} satisfies BuildOptions;

/**
 * Makes `import(x)` of something outside the bundle a `require` at that point of time. A real `import()` would start the ES
 * module loader, which costs 10 to 30 ms. An import of a computed path stays what it is.
 */
const lazyRequire: Plugin = {
  name: "lazy-require",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: new RegExp(`^(${external.join("|")})$`) }, ({ path, kind }) =>
      kind === "dynamic-import" ? { path, namespace: "lazy-require" } : { path, external: true },
    );
    onLoad({ filter: /.*/, namespace: "lazy-require" }, ({ path }) => ({ contents: `module.exports = require(${JSON.stringify(path)});` }));
  },
};

/** Points the program's imports of the packages at the one copy in runtime.cjs, and those of the live display at tree.cjs. */
const otherFiles: Plugin = {
  name: "other-files",
  setup({ onResolve, onLoad }) {
    const expressions: { readonly [path: string]: string } = {
      "@tspack/core": 'require("./runtime.cjs").core',
      "@tspack/core/sdk": 'require("./runtime.cjs").sdk',
      "@tspack/dsl": 'require("./runtime.cjs").dsl',
    };
    onResolve({ filter: /^@tspack\// }, ({ path }) => ({ path, namespace: "other-file" }));
    onResolve({ filter: /\/tree\.ts$/ }, ({ kind }) =>
      kind === "dynamic-import" ? { path: 'require("./tree.cjs")', namespace: "other-file" } : undefined,
    );
    onResolve({ filter: /^\.\/(runtime|tree)\.cjs$/ }, ({ path }) => ({ path, external: true }));
    onLoad({ filter: /.*/, namespace: "other-file" }, ({ path }) => ({ contents: `module.exports = ${expressions[path] ?? path};` }));
  },
};

/** Writes what esbuild made. */
function writeOutputs({ outputFiles = [] }: BuildResult): void {
  for (const { path, contents } of outputFiles) writeInOneStep(path, contents);
}

/**
 * Writes a file in one step: a `tspack` that starts meanwhile finds the old or the new one. Several builds may run at the same time,
 * so each has a temporary name of its own, and what is as it should be stays untouched.
 */
function writeInOneStep(path: string, contents: Uint8Array, mode = 0o644): void {
  if (existsSync(path) && statSync(path).mode % 0o1000 === mode && readFileSync(path).equals(contents)) return;
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.new`;
  writeFileSync(temporary, contents);
  chmodSync(temporary, mode);
  renameSync(temporary, path);
}

/**
 * The program: `bin.cjs` parses arguments, `runtime.cjs` is engine and DSL, `tree.cjs` the live display; what few runs need of engine
 * and DSL is in further files.
 */
async function bundleProgram(): Promise<void> {
  const files = new ProgramFiles(root);
  const results = await Promise.all([
    build({
      ...commonJs,
      stdin: files.entry("runtime"),
      entryNames: "runtime",
      plugins: [files.others("runtime"), builtinsLater, lazyRequire],
    }),
    ...laterFiles.map((name) =>
      build({
        ...commonJs,
        stdin: files.entry(name),
        entryNames: name,
        plugins: [files.others(name), otherFiles, requiredLibraries, builtinsLater, lazyRequire],
      }),
    ),
    build({
      ...commonJs,
      entryPoints: {
        bin: join(cli, "src/bin.ts"),
        tree: join(cli, "src/display/tree.ts"),
        "compiled-cache": join(cli, "src/compiled-cache.ts"),
      },
      plugins: [otherFiles, builtinsLater, lazyRequire],
    }),
    build({ ...commonJs, entryPoints: libraryEntries, plugins: [libraryFiles(root)] }),
  ]);
  for (const { outputFiles } of results) {
    for (const file of outputFiles) {
      if (file.path.endsWith(".cjs")) file.contents = finished(file.contents);
    }
  }
  results.forEach(writeOutputs);
  const bundled = results.flatMap(({ metafile }) => Object.keys(metafile?.inputs ?? {}));
  writeInOneStep(join(cli, "dist/THIRD-PARTY-LICENCES.txt"), Buffer.from(thirdPartyLicences(root, bundled)));
  writeInOneStep(join(cli, "dist/index.mjs"), Buffer.from(await moduleEntry()));
}

/**
 * Text of single bytes, which is read in a quarter of the time: what esbuild has left of other characters are comments and regular
 * expressions. It ends with its digest, by which src/compiled-cache.ts knows what it compiled.
 */
function finished(contents: Uint8Array): Uint8Array {
  const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  const text = Buffer.from(contents)
    .toString()
    .replace(/[^\0-\x7f]/g, escaped);
  return Buffer.from(`${text}// sha256:${createHash("sha256").update(text).digest("hex")}\n`);
}

/** The plugins that come with the program, each with the licences of what is in it. */
async function bundlePlugins(): Promise<void> {
  for (const { folder, program, result } of await Promise.all(shippedPlugins.map((name) => bundlePlugin(root, name, shared)))) {
    for (const { path, contents } of result.outputFiles ?? []) {
      if (path === program) writeInOneStep(path, finished(contents), 0o755);
      else writeInOneStep(path, contents);
    }
    // A file without an extension is what the nearest package.json says.
    writeInOneStep(join(folder, "package.json"), Buffer.from('{ "type": "commonjs" }\n'));
    const licences = thirdPartyLicences(root, Object.keys(result.metafile?.inputs ?? {}));
    writeInOneStep(join(folder, "THIRD-PARTY-LICENCES.txt"), Buffer.from(licences));
  }
}

/** What `import … from "tspack"` loads outside of a program: the same copy, export by export. */
async function moduleEntry(): Promise<string> {
  const { metafile } = await build({
    ...shared,
    entryPoints: [join(cli, "src/index.ts")],
    format: "esm",
    packages: "bundle",
    external: [...external, "node:*"],
    outdir: join(cli, "dist"),
    metafile: true,
    legalComments: "none",
  });
  const names = Object.values(metafile.outputs).flatMap((output) => output.exports);
  return `import runtime from "./runtime.cjs";\nexport const {${names.map((name) => `\n  ${name},`).join("")}\n} = runtime.tspack;\n`;
}

/** The libraries as ES modules, for scripts and plugin authors that use them without the program. */
async function bundleLibraries(): Promise<void> {
  const library = {
    ...shared,
    format: "esm",
    packages: "external",
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
  } satisfies BuildOptions;
  for (const name of ["core", "dsl"]) rmSync(join(root, "packages", name, "dist/chunks"), { recursive: true, force: true });
  const results = await Promise.all([
    build({
      ...library,
      entryPoints: publicEntries("core"),
      outdir: join(root, "packages/core/dist"),
    }),
    build({
      ...library,
      entryPoints: { index: join(root, "packages/dsl/src/index.ts"), "fn-call": join(root, "packages/dsl/src/functions/fn-call.ts") },
      outdir: join(root, "packages/dsl/dist"),
      plugins: [functionsLater],
    }),
  ]);
  results.forEach(writeOutputs);
}

/** The entries of a library, by the names that its manifest gives their files: whatever is exported there is bundled. */
function publicEntries(name: string): { [output: string]: string } {
  const folder = join(root, "packages", name);
  const manifest: { readonly exports: { readonly [entry: string]: { readonly source: string; readonly default: string } } } = JSON.parse(
    readFileSync(join(folder, "package.json"), "utf8"),
  );
  return Object.fromEntries(
    Object.values(manifest.exports).map((entry) => [relative("dist", entry.default).replace(/\.js$/, ""), join(folder, entry.source)]),
  );
}

/** Declarations. Errors in the types are the type check's business: they are told, and what could be written is written. */
function writeTypes(): void {
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  const { status } = spawnSync(process.execPath, [compiler, "-b", "packages/cli"], { cwd: root, stdio: "ignore" });
  if (status !== 0) console.log("tspack: the sources have type errors (see `npm run typecheck`); their declarations may be incomplete");
}

/** `tspack new` finds its templates in the package, and readers the pages that messages name. */
function copyFolders(): void {
  for (const name of ["templates", "docs"]) {
    const target = join(cli, name);
    if (!isProgramOnly) rmSync(target, { recursive: true, force: true });
    for (const entry of readdirSync(join(root, name), { recursive: true, withFileTypes: true })) {
      const source = join(entry.parentPath, entry.name);
      if (entry.isFile()) {
        // Executable stays executable; who may write is the business of whoever has the source.
        const mode = (statSync(source).mode & 0o111) === 0 ? 0o644 : 0o755;
        writeInOneStep(join(target, relative(join(root, name), source)), readFileSync(source), mode);
      }
    }
  }
}

mkdirSync(join(cli, "dist"), { recursive: true });
await Promise.all([bundleProgram(), bundlePlugins(), ...(isProgramOnly ? [] : [bundleLibraries()])]);
copyFolders();
if (!isProgramOnly && !process.argv.includes("--no-types")) writeTypes();
console.log(`tspack: built in ${((Date.now() - started) / 1000).toFixed(1)} s`);
