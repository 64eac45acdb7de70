// Runs and type-checks generated expressions, all of a test in one program each.
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual, promisify } from "node:util";
import { transformSync } from "esbuild";
import * as dsl from "../../../src/index.ts";

const repository = fileURLToPath(new URL("../../../../../", import.meta.url));

/** Evaluates each text as TypeScript, with the DSL and the bindings in scope. What throws gives the error. */
export function evaluateAll(texts: readonly string[], bindings: { readonly [name: string]: unknown }): readonly unknown[] {
  const scope = { ...dsl, isDeepStrictEqual, ...bindings };
  const { code } = transformSync(`return [${texts.map((text) => `() => (${text}\n),`).join("\n")}];`, {
    loader: "ts",
    target: "node20",
    supported: { "top-level-await": true },
    logLevel: "silent",
  });
  const functions: readonly (() => unknown)[] = new Function(...Object.keys(scope), code)(...Object.values(scope));
  return functions.map((evaluate) => {
    try {
      return evaluate();
    } catch (error) {
      return error;
    }
  });
}

/** Checks the texts with the project's strict settings; gives the compiler's complaints by the text they are about. */
export async function typeCheckAll(
  folder: string,
  texts: readonly string[],
  declarations: string,
): Promise<readonly { readonly text: string; readonly message: string }[]> {
  const head = [
    'import { all, at, entries, fn, t, type RefOf, type UntypedRef } from "@tspack/dsl";',
    'import { isDeepStrictEqual } from "node:util";',
    "export const used = [all, at, entries, fn, t, isDeepStrictEqual];",
    declarations,
  ].join("\n");
  const lines: string[] = head.split("\n");
  const starts: { readonly line: number; readonly text: string }[] = [];
  for (const [index, text] of texts.entries()) {
    starts.push({ line: lines.length + 1, text });
    lines.push(...`export const r${index} = (${text}\n);`.split("\n"));
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(join(folder, "generated.ts"), lines.join("\n"));
  const base: { compilerOptions: object } = JSON.parse(readFileSync(join(repository, "tsconfig.base.json"), "utf8"));
  const compilerOptions = {
    ...base.compilerOptions,
    composite: false,
    declaration: false,
    emitDeclarationOnly: false,
    noEmit: true,
    noUnusedParameters: true,
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["generated.ts"] }));
  symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"));
  const output = await promisify(execFile)(join(repository, "node_modules/.bin/tsc"), ["-p", folder, "--pretty", "false"], {
    maxBuffer: 1 << 26,
  }).then(
    ({ stdout }) => stdout,
    (error: { stdout?: string }) => error.stdout ?? String(error),
  );
  return [...output.matchAll(/generated\.ts\((\d+),\d+\): error (.*)/g)].map(([, line = "0", message = ""]) => ({
    text: starts.findLast((start) => start.line <= Number(line))?.text ?? "(declarations)",
    message,
  }));
}
