// What gets published: complete, and nothing else.
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { buildProgram } from "./support/tspack.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

interface Manifest {
  readonly version: string;
  readonly dependencies?: { readonly [name: string]: string };
  readonly devDependencies?: { readonly [name: string]: string };
  readonly tspack?: { readonly plugin: string };
  readonly bin?: { readonly [name: string]: string };
  readonly exports?: { readonly [path: string]: { readonly types: string; readonly default: string } };
}

const manifest = (name: string): Manifest => JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8"));

/** Paths in the package that `npm pack` would write. */
function packedFiles(name: string): readonly string[] {
  const known = packed.get(name) ?? listPacked(name);
  packed.set(name, known);
  return known;
}

const packed = new Map<string, readonly string[]>();

function listPacked(name: string): readonly string[] {
  const text = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts", "--no-update-notifier"], {
    cwd: join(root, "packages", name),
    encoding: "utf8",
  });
  const answer: unknown = JSON.parse(text);
  // A list, or with newer versions of npm an object by package.
  const [first] = Object.values(answer as object) as { readonly files: readonly { readonly path: string }[] }[];
  return (first?.files ?? []).map(({ path }) => path);
}

/** Packages that the sources import, types among them. */
function importedPackages(name: string): string[] {
  const folder = join(root, "packages", name, "src");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  const specifiers = files.flatMap((file) => {
    const text = readFileSync(join(folder, file), "utf8").replace(/^\s*(\/\/|\*|\/\*\*).*$/gm, "");
    return [...text.matchAll(/(?:\bfrom |\bimport\(|^import )"([@a-z][\w@/.-]*)"/gm)].map(([, specifier = ""]) => specifier);
  });
  const names = specifiers.map((specifier) => /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier);
  return [...new Set(names)].filter((specifier) => !isBuiltin(specifier)).sort();
}

test.before(buildProgram);

for (const name of ["core", "dsl", "cli", "plugin-qemu"]) {
  test(`package ${name} holds what its manifest names, and no sources or tests`, () => {
    const files = packedFiles(name);
    const { bin = {}, exports = {}, tspack } = manifest(name);
    const named = [
      ...Object.values(bin),
      ...(tspack === undefined ? [] : [tspack.plugin, "dist/THIRD-PARTY-LICENCES.txt"]),
      ...Object.values(exports).flatMap((entry) => [entry.types, entry.default]),
    ];
    const needed = ["package.json", "README.md", "LICENSE", ...named.map((path) => path.replace(/^\.\//, ""))];
    assert.equal(
      needed.filter((path) => !files.includes(path)),
      [],
    );
    // A template may be a project with sources and tests.
    const own = files.filter((path) => !path.startsWith("templates/"));
    const stray = own.filter((path) => /(^|\/)(test|src|node_modules)\/|\.test\.|tsbuildinfo|\.map$/.test(path));
    assert.equal(stray, []);
  });
}

test("the package tspack holds templates, guides and the licences of what is bundled", () => {
  const files = packedFiles("cli");
  for (const path of [
    "dist/bin.cjs",
    "dist/runtime.cjs",
    "dist/templates.cjs",
    "dist/library-yaml.cjs",
    "dist/tree.cjs",
    "dist/THIRD-PARTY-LICENCES.txt",
    "docs/errors.md",
    "docs/components.md",
    "templates/container/image.ts",
    "templates/container/_gitignore",
    "templates/container/_tspack/types/index.d.ts",
  ]) {
    assert.ok(files.includes(path), `${path} is missing`);
  }
  const licences = readFileSync(join(root, "packages/cli/dist/THIRD-PARTY-LICENCES.txt"), "utf8");
  for (const name of ["bcryptjs", "citty", "listr2", "re2js", "yaml", "zod"]) assert.match(licences, new RegExp(`^${name} \\d`, "m"));
});

test("every package that a library imports is among its dependencies", () => {
  for (const name of ["core", "dsl"]) {
    // Named in texts that are printed: the package itself, and the one that programs import.
    const own = [`@tspack/${name}`, "tspack"];
    const others = importedPackages(name).filter((specifier) => !own.includes(specifier));
    const missing = others.filter((specifier) => manifest(name).dependencies?.[specifier] === undefined);
    assert.equal(missing, [], name);
  }
});

test("what the program keeps outside of its bundles is among its dependencies", () => {
  const { dependencies = {}, devDependencies = {} } = manifest("cli");
  const all = new Set(["core", "dsl", "cli"].flatMap(importedPackages));
  const missing = [...all].filter((specifier) => dependencies[specifier] === undefined && devDependencies[specifier] === undefined);
  // The package itself, in the types of the components.
  assert.equal(missing, ["tspack"]);
  const bundle = ["bin", "runtime", "templates"]
    .map((name) => readFileSync(join(root, `packages/cli/dist/${name}.cjs`), "utf8"))
    .join("\n");
  const required = [...bundle.matchAll(/\brequire\("([^".:][^":]*)"\)/g)].map(([, specifier = ""]) => specifier);
  const outside = [...new Set(required)].filter((specifier) => !isBuiltin(specifier));
  assert.equal(
    outside.filter((specifier) => dependencies[specifier] === undefined),
    [],
  );
});

test("a project with the packed packages alone uses the plugins that ship, wherever npm puts them", async () => {
  const { version, tspack } = manifest("plugin-qemu");
  assert.is(manifest("cli").dependencies?.["tspack-plugin-qemu"], version);
  const described = execFileSync(process.execPath, [join(root, "packages/plugin-qemu", tspack?.plugin ?? ""), "describe"], {
    encoding: "utf8",
  });
  assert.is(JSON.parse(described).version, version);
  const project = tmp("project");
  const modules = join(project, "node_modules");
  // What `npm install` would put there. Packages of others are linked from here.
  mkdirSync(join(modules, "@tspack"), { recursive: true });
  for (const name of readdirSync(join(root, "node_modules"))) {
    if (name.startsWith(".") || /^@?tspack/.test(name)) continue;
    symlinkSync(join(root, "node_modules", name), join(modules, name));
  }
  const unpack = (name: string, target: string): void => {
    const folder = join(root, "packages", name);
    for (const path of packedFiles(name)) {
      mkdirSync(dirname(join(target, path)), { recursive: true });
      copyFileSync(join(folder, path), join(target, path));
    }
  };
  unpack("core", join(modules, "@tspack/core"));
  unpack("dsl", join(modules, "@tspack/dsl"));
  unpack("cli", join(modules, "tspack"));
  writeFileSync(
    join(project, "image.ts"),
    `import { build, source } from "tspack";
export default build({ sources: [source("qemu", "x", { iso_url: "https://example.org/x.iso", iso_checksum: "none", communicator: "none" })] });
`,
  );
  const env = { PATH: process.env.PATH, HOME: tmp("home"), PACKER_CACHE_DIR: tmp("cache") };
  for (const place of ["tspack-plugin-qemu", "tspack/node_modules/tspack-plugin-qemu"]) {
    unpack("plugin-qemu", join(modules, place));
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(modules, "tspack/bin/tspack.cjs"), "validate", "."], {
      cwd: project,
      env,
      encoding: "utf8",
    });
    assert.is(status, 0, `${place}\n${stdout}\n${stderr}`);
    rmSync(join(modules, place), { recursive: true });
  }
});

test.run();
