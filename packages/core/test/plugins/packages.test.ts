// Plugins that come with npm, or that are named one by one: which files they are, and that they run.
import { appendFileSync, chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { lab, rejects, tmp, within, writeScript } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { explicitPlugin } from "../../src/plugins/explicit.ts";
import { findPackages } from "../../src/plugins/packages.ts";
import { PluginRegistry, type RegistryOptions } from "../../src/plugins/registry.ts";
import { build, program, source } from "../engine/programs.ts";
import { runToEnd } from "../engine/run.ts";
import { samplePlugin } from "../sdk/plugin/bundle.ts";
import { catalogIn } from "./go-components.ts";

const unixTest = lab(test, "linux");
const sampleSource = fileURLToPath(new URL("../sdk/plugin/sample-plugin.ts", import.meta.url));

/** Writes a package: its description, and files by their paths. */
function writePackage(folder: string, manifest: unknown, files: { readonly [path: string]: string } = {}): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), typeof manifest === "string" ? manifest : JSON.stringify(manifest));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

function inModules(
  project: string,
  name: string,
  manifest: object | string,
  files: { readonly [path: string]: string } = { "p.js": "" },
): string {
  const described = typeof manifest === "string" ? manifest : { name, version: "1.2.3", ...manifest };
  return writePackage(join(project, "node_modules", name), described, files);
}

test("packages called like plugins are found upwards, the nearest first, and others that are imported or depended on", async () => {
  const root = tmp("root");
  const project = join(root, "a", "b");
  mkdirSync(project, { recursive: true });
  const plugin = { tspack: { plugin: "p.js" } };
  inModules(root, "tspack-plugin-far", plugin);
  inModules(root, "tspack-plugin-both", { ...plugin, version: "1.0.0" });
  inModules(project, "tspack-plugin-both", { ...plugin, version: "2.0.0" });
  inModules(project, "@acme/tspack-plugin-scoped", { bin: { "packer-plugin-scoped": "p.js", other: "q.js" } });
  inModules(project, "tspack-plugin-only", { bin: { anything: "p.js" } });
  inModules(project, "@acme/images", { tspack: { plugin: "dist/packer-plugin-images" } }, { "dist/packer-plugin-images": "" });
  inModules(project, "named", { tspack: { plugin: "p.js", name: "other-name" } });
  inModules(project, "not-depended-on", { tspack: { plugin: "p.js", name: "x" } });
  inModules(project, "imported", { tspack: { plugin: "p.js", name: "imported" } });
  inModules(project, "plain-library", { bin: "p.js" });
  writePackage(root, { dependencies: { "@acme/images": "1", "plain-library": "1", missing: "1", "../escape": "1" } });
  writePackage(project, { devDependencies: { named: "*" } });
  const image = join(project, "image.ts");
  writeFileSync(image, `import { x } from "imported/sub";\nimport "./local.ts";\nimport fs from "node:fs";\n`);
  for (const at of [image, project]) {
    const { plugins, problems } = await findPackages({ program: at });
    assert.equal(problems, []);
    assert.equal(
      plugins.map(({ name, packageName, version, isDevelopment }) => `${name} ${packageName} ${version} ${isDevelopment}`),
      [
        "scoped @acme/tspack-plugin-scoped 1.2.3 false",
        "both tspack-plugin-both 2.0.0 false",
        "only tspack-plugin-only 1.2.3 false",
        "imported imported 1.2.3 false",
        "other-name named 1.2.3 false",
        "images @acme/images 1.2.3 false",
        "far tspack-plugin-far 1.2.3 false",
      ],
    );
    assert.is(plugins[0]?.file, join(project, "node_modules/@acme/tspack-plugin-scoped/p.js"));
  }
});

test("a package that is linked, or that the program is part of, runs from its source", async () => {
  const work = tmp("work");
  const manifest = { name: "tspack-plugin-mine", version: "0.1.0", tspack: { plugin: "dist/packer-plugin-mine", source: "src/main.ts" } };
  const mine = writePackage(join(work, "mine"), manifest, { "src/main.ts": "", "dist/packer-plugin-mine": "" });
  const project = join(work, "project");
  mkdirSync(join(project, "node_modules"), { recursive: true });
  symlinkSync(mine, join(project, "node_modules", "tspack-plugin-mine"));
  for (const at of [project, mine]) {
    const [found] = (await findPackages({ program: at })).plugins;
    assert.equal([found?.name, found?.file, found?.isDevelopment], ["mine", join(mine, "src/main.ts"), true]);
  }
  const other = tmp("other");
  inModules(other, "tspack-plugin-mine", manifest, { "src/main.ts": "", "dist/packer-plugin-mine": "" });
  assert.match((await findPackages({ program: other })).plugins[0]?.file ?? "", /dist\/packer-plugin-mine$/);
});

test("a package that is no plugin is told with what to fix, when a name may mean it", async () => {
  const cases: readonly (readonly [object | string, RegExp])[] = [
    [{}, /package\.json does not say which file the plugin is: add "tspack"/],
    [{ bin: { a: "p.js", b: "p.js" } }, /does not say which file the plugin is/],
    [{ tspack: { plugin: "gone" } }, /"gone", which .*package\.json names, is not there: build or install/],
    [{ tspack: { plugin: "." } }, /"\.", which .* is not there/],
    [{ tspack: { plugin: "../../outside.js" } }, /is outside of the package/],
    [{ tspack: { plugins: "p.js" } }, /"tspack" in .*package\.json has to be like/],
    [{ tspack: "p.js" }, /has to be like/],
    [{ tspack: { plugin: "p.js", name: "Mine" } }, /lower-case letters, digits and single dashes, and not "Mine"/],
    ["{ no json", /package\.json is not JSON/],
    ["[]", /is no description of a package/],
  ];
  for (const [manifest, reason] of cases) {
    const project = tmp("project");
    writeFileSync(join(project, "outside.js"), "");
    inModules(project, "tspack-plugin-mine", manifest);
    const registry = registryFor({ program: project });
    assert.is(await registry.findMulti("builder", "mine", {}), undefined);
    const [text = ""] = await registry.notesAbout("mine");
    assert.match(text, /^The package tspack-plugin-mine is no plugin that can be used: .*[^.]\.$/);
    assert.match(text, reason);
  }
});

unixTest("a description that is too long is not read, nor one behind a link; a name with dots is a name", async () => {
  const long = JSON.stringify({ name: "x".repeat(1024 * 1024) });
  const project = tmp("project");
  const folder = inModules(project, "tspack-plugin-mine", long);
  const linked = join(project, "node_modules/tspack-plugin-linked");
  mkdirSync(linked);
  symlinkSync(join(folder, "package.json"), join(linked, "package.json"));
  inModules(project, "tspack-plugin-dots", { tspack: { plugin: "..p.js" } }, { "..p.js": "" });
  const { plugins, problems } = await findPackages({ program: project });
  assert.equal(
    problems.map(({ name, text }) => [name, text.endsWith("is too long.")]),
    [
      ["linked", true],
      ["mine", true],
    ],
  );
  assert.equal(
    plugins.map(({ name }) => name),
    ["dots"],
  );
});

/** A registry that finds nothing in folders. */
function registryFor(changes: Partial<RegistryOptions>): PluginRegistry {
  const folder = tmp("empty");
  return new PluginRegistry({
    environment: { PATH: process.env.PATH, PACKER_PLUGIN_PATH: folder },
    workingDirectory: folder,
    cacheDirectory: tmp("cache"),
    log: () => undefined,
    ...changes,
  });
}

test("a named plugin is a file or a folder, with its own name or a given one; others are refused with what to write", async () => {
  const folder = tmp("plugins");
  for (const name of ["packer-plugin-hello", "packer-plugin-hello_v1.0.0_x5.0_linux_amd64", "packer-builder-one.ts", "other.js"]) {
    writeFileSync(join(folder, name), "");
  }
  writePackage(join(folder, "pack"), { name: "tspack-plugin-pack", tspack: { plugin: "p.js" } }, { "p.js": "" });
  writePackage(join(folder, "library"), { name: "library" });
  const at = (path: string): string => join(folder, path);
  const cases: readonly (readonly [string, unknown])[] = [
    ["packer-plugin-hello", { form: "multi", name: "hello", file: at("packer-plugin-hello") }],
    [
      "./packer-plugin-hello_v1.0.0_x5.0_linux_amd64",
      { form: "multi", name: "hello", file: at("packer-plugin-hello_v1.0.0_x5.0_linux_amd64") },
    ],
    ["packer-builder-one.ts", { form: "single", kind: "builder", type: "one", file: at("packer-builder-one.ts") }],
    ["my-own=other.js", { form: "multi", name: "my-own", file: at("other.js") }],
    ["pack", { form: "multi", name: "pack", file: at("pack/p.js") }],
    ["x=pack", { form: "multi", name: "x", file: at("pack/p.js") }],
  ];
  for (const [text, expected] of cases) assert.equal(await explicitPlugin(text, folder), expected, text);
  for (const [text, message] of [
    ["other.js", /the name of its file does not say what it is called/],
    ["gone", /the plugin gone cannot be used: it does not exist/],
    ["library", /its package\.json says nothing of a plugin/],
  ] as const) {
    await rejects(explicitPlugin(text, folder), { code: "TPK4001", message });
  }
});

unixTest(
  "what a package says about itself is remembered until it is another version; what is being written is asked each time",
  async () => {
    const asked = join(tmp("asked"), "log");
    const script = (provisioner: string): string =>
      `#!/bin/sh\necho x >> ${asked}\necho '{"version":"1.0.0","api_version":"x5.0","provisioners":["${provisioner}"]}'\n`;
    const runs = (): number => (existsSync(asked) ? readFileSync(asked, "utf8").trim().split("\n").length : 0);
    const cacheDirectory = tmp("cache");
    const find = (from: string, type: string) => registryFor({ program: from, cacheDirectory }).findMulti("provisioner", type, {});
    const place = (folder: string): string => {
      const file = join(folder, "packer-plugin-mine");
      writeScript(file, "");
      writeFileSync(file, script("one"));
      return folder;
    };
    const project = tmp("project");
    const installed = place(inModules(project, "tspack-plugin-mine", { tspack: { plugin: "packer-plugin-mine" } }));
    for (let time = 0; time < 2; time++) {
      const found = await find(project, "mine-one");
      assert.is(found?.isUnverified, false);
      assert.equal(found?.component.argv, [join(installed, "packer-plugin-mine"), "start", "provisioner", "one"]);
    }
    assert.is(runs(), 1);
    appendFileSync(join(installed, "package.json"), "\n");
    await find(project, "mine-one");
    assert.is(runs(), 2);
    const written = place(writePackage(tmp("mine"), { name: "tspack-plugin-mine", tspack: { plugin: "packer-plugin-mine" } }));
    for (let time = 0; time < 2; time++) assert.ok(await find(written, "mine-one"));
    assert.is(runs(), 4);
  },
);

unixTest("a script without a version is asked each time, since what it runs changes without it", async () => {
  const folder = tmp("plugins");
  const answer = join(folder, "answer.json");
  writeScript(join(folder, "packer-plugin-dev"), `cat ${answer}`);
  const cacheDirectory = tmp("cache");
  const environment = { PATH: process.env.PATH, PACKER_PLUGIN_PATH: folder };
  for (const name of ["one", "two"]) {
    writeFileSync(answer, JSON.stringify({ version: "1.0.0", api_version: "x5.0", builders: [name] }));
    assert.equal(await registryFor({ environment, cacheDirectory }).names("builder", {}), [`dev-${name}`]);
  }
});

const ways: { readonly [name: string]: (project: string) => Promise<Parameters<typeof catalogIn>[1]> } = {
  "a package of one file, which lost its mark as an executable": async (project) => {
    const folder = inModules(project, "@acme/tspack-plugin-sample", { bin: "dist/packer-plugin-sample" }, { "dist/x": "" });
    copyFileSync(await samplePlugin(), join(folder, "dist/packer-plugin-sample"));
    chmodSync(join(folder, "dist/packer-plugin-sample"), 0o644);
    return { program: project };
  },
  "a package of one .cjs file": async (project) => {
    const folder = inModules(project, "tspack-plugin-sample", { tspack: { plugin: "plugin.cjs" } });
    copyFileSync(await samplePlugin(), join(folder, "plugin.cjs"));
    return { program: join(project, "image.ts") };
  },
  "a named TypeScript file": async () => ({ plugins: [await explicitPlugin(`sample=${sampleSource}`, "/")] }),
  "a named executable": async () => ({ plugins: [await explicitPlugin(await samplePlugin(), "/")] }),
};
for (const [name, prepare] of Object.entries(ways)) {
  unixTest(`a build uses ${name}`, async () => {
    const project = tmp("project");
    const place = tmp("machine");
    const one = source("one", { type: "sample", config: { folder: place, image: join(place, "image") } });
    // The sources of this repository are found by a condition.
    const environment = {
      ...process.env,
      PACKER_PLUGIN_PATH: tmp("none"),
      PACKER_CACHE_DIR: tmp("cache"),
      NODE_OPTIONS: "--conditions=source",
    };
    const catalog = catalogIn(tmp("none"), { environment, ...(await prepare(project)) });
    try {
      const made = program([build(undefined, one)]);
      const { result, lines } = await within(60_000, () => runToEnd(made, { catalog, environment, workingDirectory: tmp("work") }));
      assert.is(result.exitCode, 0, lines.join("\n"));
      assert.is(readFileSync(join(place, "image"), "utf8"), "no marker");
      assert.equal(
        result.diagnostics.map(({ code }) => code),
        name.startsWith("a named") ? ["TPK4006"] : [],
      );
    } finally {
      await catalog.close();
    }
  });
}

test.run();
