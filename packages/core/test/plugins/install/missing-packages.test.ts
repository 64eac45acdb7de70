// Plugins of npm that a project names or a program imports, and that are not there.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parsePluginAddress } from "../../../src/plugins/install/address.ts";
import { findMissingPackages } from "../../../src/plugins/install/missing-packages.ts";

/** Writes files into a folder; answers it. */
function project(files: { readonly [path: string]: string }): string {
  const folder = tmp("packages");
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

const needsBoth = JSON.stringify({
  dependencies: { "tspack-plugin-a": "^1" },
  devDependencies: { "@acme/tspack-plugin-b": "2", left: "3" },
});

/** An installed plugin package. */
function installed(name: string): { readonly [path: string]: string } {
  const folder = `node_modules/${name}`;
  const manifest = JSON.stringify({ name, version: "1.0.0", tspack: { plugin: "plugin", name: "mine" } });
  return { [`${folder}/package.json`]: manifest, [`${folder}/plugin`]: "" };
}

test("packages called like plugins have to be installed; the message has the command of the project's package manager", async () => {
  const cases: readonly (readonly [string, { readonly [path: string]: string }, string, readonly RegExp[]])[] = [
    ["nothing named", { "image.ts": 'import { build } from "tspack";' }, ".", []],
    ["all there", { "package.json": needsBoth, ...installed("tspack-plugin-a"), ...installed("@acme/tspack-plugin-b") }, ".", []],
    [
      "above the program",
      { "package.json": needsBoth, ...installed("tspack-plugin-a"), "x/image.ts": "" },
      "x/image.ts",
      [/plugin-b, which .*package\.json names, .* `npm install`\.$/],
    ],
    [
      "yarn",
      { "package.json": needsBoth, "yarn.lock": "", ...installed("@acme/tspack-plugin-b") },
      ".",
      [/package tspack-plugin-a, .* `yarn install`\.$/],
    ],
    [
      "pnpm",
      { "pnpm-lock.yaml": "", "image.ts": 'import { x } from "tspack-plugin-c/more";' },
      ".",
      [/tspack-plugin-c, which the program imports.*`pnpm add --save-dev tspack-plugin-c`\.$/],
    ],
    [
      "imported",
      { "package.json": "{}", "a.ts": 'import "@acme/tspack-plugin-d";' },
      "a.ts",
      [/`npm install --save-dev @acme\/tspack-plugin-d`\.$/],
    ],
    [
      "broken",
      { "package.json": needsBoth, ...installed("@acme/tspack-plugin-b"), "node_modules/tspack-plugin-a/package.json": "{}" },
      ".",
      [/tspack-plugin-a is no plugin that can be used/],
    ],
    ["names of paths", { "package.json": JSON.stringify({ dependencies: { "../tspack-plugin-x": "1" } }) }, ".", []],
  ];
  for (const [what, files, program, expected] of cases) {
    const texts = (await findMissingPackages(join(project(files), program))).map(({ text }) => text);
    assert.is(texts.length, expected.length, `${what}: ${texts.join("\n")}`);
    for (const [index, pattern] of expected.entries()) assert.match(texts[index] ?? "", pattern, what);
  }
});

test("an address of npm in required_plugins is refused with the command that does it", () => {
  assert.throws(
    () => parsePluginAddress("npm:tspack-plugin-a"),
    (error: Error & { hint?: string }) =>
      /plugins of npm/.test(error.message) && /`npm install --save-dev tspack-plugin-a`/.test(error.hint ?? ""),
  );
});

test.run();
