// One run of the compiler over all converted programs, as strict as a careful user's.
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../../../..", import.meta.url));

/** The compiler's messages by file (absolute), for the files below `folder` alone. */
export async function typeCheck(folder: string, files: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
  const config = join(folder, "tsconfig.json");
  const modules = join(root, "node_modules");
  const settings = {
    compilerOptions: {
      target: "es2023",
      lib: ["es2023"],
      module: "esnext",
      moduleResolution: "bundler",
      customConditions: ["source"],
      strict: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      noUnusedLocals: true,
      noUnusedParameters: true,
      noImplicitReturns: true,
      verbatimModuleSyntax: true,
      isolatedModules: true,
      skipLibCheck: true,
      noEmit: true,
      allowImportingTsExtensions: true,
      typeRoots: [join(modules, "@types")],
      types: ["node"],
      paths: { tspack: [join(root, "packages/cli/src/index.ts")], zod: [join(modules, "zod")] },
    },
    files: files.map((file) => relative(folder, file)),
  };
  writeFileSync(config, JSON.stringify(settings, undefined, 2));
  const output = await run(join(modules, "typescript/bin/tsc"), ["-p", config, "--pretty", "false"], folder);
  const messages = new Map<string, string[]>();
  let current: string[] | undefined;
  for (const line of output.split("\n")) {
    const [, file, text] = /^(\S.*?\.ts)(\(\d+,\d+\): error .*)$/.exec(line) ?? [];
    if (file !== undefined && text !== undefined) {
      const path = resolve(folder, file);
      current = messages.get(path) ?? [];
      messages.set(path, current);
      current.push(text);
    } else if (/^error /.test(line)) throw new Error(line);
    else if (line.startsWith("  ") && current !== undefined) current[current.length - 1] += ` ${line.trim()}`;
  }
  const wanted = new Set(files);
  return new Map([...messages].filter(([file]) => wanted.has(file)));
}

async function run(script: string, args: readonly string[], cwd: string): Promise<string> {
  try {
    return (await promisify(execFile)(process.execPath, [script, ...args], { cwd, maxBuffer: 1 << 28 })).stdout;
  } catch (error) {
    // Exit status 1 or 2 with messages is an answer.
    if (typeof error === "object" && error !== null && "stdout" in error && typeof error.stdout === "string" && error.stdout !== "") {
      return error.stdout;
    }
    throw error;
  }
}
