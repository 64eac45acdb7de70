// The TypeScript in the documentation compiles, as a reader would paste it.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import * as tspack from "../src/index.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** What stands around an example that is not a whole program. */
const prelude = `import { ${Object.keys(tspack).join(", ")}, type BuilderConfig, type Source } from "tspack";
declare const debian: Source<"null", "debian">;
`;

/** Every page for readers, by its path in the repository. */
function pages(): string[] {
  const examples = readdirSync(join(root, "examples"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [".", "docs", ...examples.map(({ name }) => `examples/${name}`)].flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith(".md"))
      .map((name) => join(folder, name)),
  );
}

/** A module made of an example: whole programs as they are, options as the options of something, anything else after the prelude. */
function asModule(code: string): string {
  if (/^import /m.test(code)) return `${code}\nexport {};\n`;
  if (!/^\w+: /.test(code)) return `${prelude}${code}\nexport {};\n`;
  return `${prelude}export const options: Partial<BuilderConfig<"rootfs"> & BuilderConfig<"null">> = {\n${code}\n};\n`;
}

test("every example in the documentation compiles", () => {
  const folder = tmp("docs-examples");
  mkdirSync(join(folder, "node_modules/@types"), { recursive: true });
  mkdirSync(join(folder, "node_modules/@tspack"));
  symlinkSync(join(root, "packages/cli"), join(folder, "node_modules/tspack"));
  symlinkSync(join(root, "packages/core"), join(folder, "node_modules/@tspack/core"));
  for (const name of ["@types/node", "zod"]) symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name));
  let count = 0;
  for (const page of pages()) {
    const text = readFileSync(join(root, page), "utf8");
    // Examples of one page may import each other: the first line says what file they are.
    const place = join(folder, page.replaceAll(/[^a-z]+/gi, "-"));
    mkdirSync(place);
    for (const [, code = ""] of text.matchAll(/^```ts\n(.*?)^```/gms)) {
      const name = /^\/\/ ([\w-]+)\.ts$/m.exec(code.split("\n", 1)[0] ?? "")?.[1] ?? `example-${count}`;
      count++;
      // Declarations of modules stand in a file that is none itself.
      if (code.startsWith("declare module ")) writeFileSync(join(place, `${name}.d.ts`), code);
      else writeFileSync(join(place, `${name}.ts`), asModule(code));
    }
  }
  assert.ok(count > 30, `${count} examples`);
  const settings = {
    target: "es2023",
    module: "nodenext",
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    types: ["node"],
    // The sources' types, which need no build.
    customConditions: ["source"],
  };
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: settings, include: ["*/*.ts"] }));
  const { status, stdout } = spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc")], {
    cwd: folder,
    encoding: "utf8",
  });
  assert.is(status, 0, stdout);
});

test.run();
