// Runs a bundle in this process. See bundle.ts for why it is the body of an async function.
import { pathToFileURL } from "node:url";
import { compileFunction } from "node:vm";
import type { Bundle } from "./bundle.ts";
import { guardedProcess } from "./guarded-process.ts";
import { type ProgramModules, programModules } from "./modules.ts";

const parameters = [
  "require",
  "process",
  "__tspack_require",
  "__tspack_resolve",
  "__tspack_url",
  "__tspack_own_default",
  "__tspack_export",
];

/** What a module exports, by name. */
export type Exports = { readonly [name: string]: unknown };

/** What to evaluate, and how. */
export interface Evaluation {
  readonly bundle: Pick<Bundle, "code" | "externals">;
  /** The program's file, absolute. */
  readonly file: string;
  /** The bundle's name in stacks. */
  readonly scriptName: string;
  /** Calls the program, each time with a clean context: it may have to be called more than once. */
  readonly call: (program: () => Promise<Exports>) => Promise<Exports>;
}

/** Evaluates a program and returns what its file exports. Throws what the program throws. */
export async function evaluate({ bundle, file, scriptName, call }: Evaluation): Promise<Exports> {
  const modules = await programModules(file, bundle.externals);
  const preloaded = new Set<string>();
  for (;;) {
    try {
      return await call(async () => settled(await evaluateOnce(bundle.code, modules, scriptName)));
    } catch (error) {
      const late = asyncPackage(error, bundle, modules, preloaded);
      if (late === undefined) throw error;
      preloaded.add(late);
      await modules.preload(late);
    }
  }
}

async function evaluateOnce(code: string, modules: ProgramModules, scriptName: string): Promise<Exports> {
  let exports: Exports = {};
  // The body starts on a line of its own, and line offset -1 makes lines of the stack those of the bundle.
  const body: unknown = compileFunction(`"use strict"; return (async () => {\n${code}\n})();`, parameters, {
    filename: scriptName,
    lineOffset: -1,
  });
  if (typeof body !== "function") throw new TypeError("compileFunction returned no function");
  await body(
    modules.require,
    guardedProcess(),
    modules.require,
    modules.resolve,
    (path: string) => pathToFileURL(path).href,
    modules.hasOwnDefault,
    (value: Exports) => {
      exports = value;
    },
  );
  return exports;
}

/** Exports that are promises (`export default main()`) count as what they give. */
async function settled(exports: Exports): Promise<Exports> {
  const entries = Object.entries(exports);
  if (!entries.some(([, value]) => value instanceof Promise)) return exports;
  return Object.fromEntries(await Promise.all(entries.map(async ([name, value]) => [name, await value] as const)));
}

/** The package that has to be loaded ahead, if that is what the error says. */
function asyncPackage(
  error: unknown,
  bundle: Pick<Bundle, "externals">,
  modules: ProgramModules,
  preloaded: ReadonlySet<string>,
): string | undefined {
  if (!(error instanceof Error) || !("code" in error) || error.code !== "ERR_REQUIRE_ASYNC_MODULE") return undefined;
  const specifiers = bundle.externals.map(({ specifier }) => specifier);
  return specifiers.find((specifier) => {
    if (preloaded.has(specifier)) return false;
    try {
      modules.require(specifier);
      return false;
    } catch (cause) {
      return cause instanceof Error && "code" in cause && cause.code === "ERR_REQUIRE_ASYNC_MODULE";
    }
  });
}
