// The process of a shipped plugin is started while it is found out whether that plugin is meant.
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { installPlugin, lab, prepareWell, runningFrom, tmp, writeScript } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type PluginCatalogOptions, pluginCatalog } from "../../src/plugins/catalog.ts";
import { PluginRegistry } from "../../src/plugins/registry.ts";
import { samplePlugin } from "../sdk/plugin/bundle.ts";

const unixTest = lab(test, "linux");
const address = "github.com/acme/sample";

interface World {
  /** Folder of the shipped plugin: whatever runs of it has this in its command line. */
  readonly shipped: string;
  readonly options: PluginCatalogOptions;
  /** How often its component was started. */
  starts(): number;
}

/** Writes a package that holds the sample plugin, which notes each start of a component. */
async function writePackage(folder: string, note: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const real = join(folder, "real");
  copyFileSync(await samplePlugin(), real);
  chmodSync(real, 0o755);
  writeScript(join(folder, "packer-plugin-sample"), `case "$1" in start) echo x >> ${note};; esac\nexec "${real}" "$@"`);
  const manifest = { name: "tspack-plugin-sample", version: "1.0.0", tspack: { plugin: "packer-plugin-sample", replaces: [address] } };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  return folder;
}

async function world(changes: Partial<PluginCatalogOptions> = {}): Promise<World> {
  const root = tmp("root");
  const ownPackage = join(root, "node_modules/tspack");
  mkdirSync(ownPackage, { recursive: true });
  writeFileSync(join(ownPackage, "package.json"), JSON.stringify({ dependencies: { "tspack-plugin-sample": "1.0.0" } }));
  const note = join(tmp("note"), "starts");
  const shipped = await writePackage(join(root, "node_modules/tspack-plugin-sample"), note);
  const folder = tmp("empty");
  const environment = { PATH: process.env.PATH, PACKER_PLUGIN_PATH: folder, PACKER_CACHE_DIR: tmp("cache"), TMPDIR: tmp("temporary") };
  return {
    shipped,
    options: { environment, workingDirectory: folder, ownPackage, ...changes },
    starts: () => (existsSync(note) ? readFileSync(note, "utf8").length / 2 : 0),
  };
}

const use = ({ environment, workingDirectory }: PluginCatalogOptions) => ({ style: "typed" as const, environment, workingDirectory });

unixTest("a run has the process before it asks for it, and needs no other one", async () => {
  const { options, shipped, starts } = await world();
  const catalog = pluginCatalog(options);
  const run = catalog.open(use(options));
  try {
    assert.ok(await catalog.find("builder", "sample"));
    assert.is(runningFrom(shipped).length, 0, "who only looks starts nothing");
    const factory = await run.find("builder", "sample");
    assert.is(runningFrom(`${shipped}/`).length, 1);
    const component = await factory?.create();
    assert.ok(component);
    await prepareWell(component, { image: "debian", folder: "out" });
    assert.is(starts(), 1);
    assert.is(runningFrom(`${shipped}/`).length, 1);
  } finally {
    await run.close();
    await catalog.close();
  }
  assert.is(runningFrom(shipped).length, 0);
});

unixTest("where another plugin is meant after all, that one is used, and nothing of the guess is left", async () => {
  const project = tmp("project");
  const mine = await writePackage(join(project, "node_modules/tspack-plugin-sample"), "/dev/null");
  const { options, shipped } = await world({ program: project });
  const catalog = pluginCatalog(options);
  const run = catalog.open(use(options));
  try {
    const component = await (await run.find("builder", "sample"))?.create();
    assert.ok(component);
    await prepareWell(component, { image: "debian", folder: "out" });
    assert.is(runningFrom(mine).length, 1);
  } finally {
    await run.close();
    await catalog.close();
  }
  assert.equal([...runningFrom(shipped), ...runningFrom(mine)], []);
});

unixTest("nothing is started where the names tell that another plugin is meant, or none", async () => {
  const { options } = await world();
  const { environment, workingDirectory, ownPackage } = options;
  const folder = tmp("plugins");
  const installed = tmp("installed");
  writeScript(join(folder, "packer-plugin-sample"), "exit 1");
  installPlugin(installed, join(folder, "packer-plugin-sample"), "1.0.0", { source: address });
  const base = { environment, workingDirectory, ownPackage, cacheDirectory: tmp("cache"), log: () => undefined };
  const foreseen = (changes: object, kind: "builder" | "provisioner" = "builder", type = "sample", required = {}) =>
    new PluginRegistry({ ...base, ...changes }).foresee(kind, type, required);
  const argv = (await foreseen({}))?.argv;
  assert.equal(argv, (await new PluginRegistry(base).findMulti("builder", "sample", {}))?.component.argv);
  assert.equal((await foreseen({}, "builder", "sample", { sample: { source: address, version: "" } }))?.argv, argv);
  assert.is(await foreseen({}, "builder", "other"), undefined);
  assert.is(await foreseen({}, "provisioner"), undefined);
  assert.is(await foreseen({}, "builder", "sample", { sample: { source: "github.com/else/sample", version: "" } }), undefined);
  assert.is(await foreseen({ forceGob: true }), undefined);
  assert.is(await foreseen({ ownPackage: undefined }), undefined);
  assert.is(await foreseen({ plugins: [{ form: "multi", name: "x", file: join(folder, "packer-plugin-sample") }] }), undefined);
  for (const changes of [{ PACKER_PLUGIN_PATH: folder }, { PACKER_PLUGIN_PATH: installed }, { TSPACK_PLUGIN_DEBUG: "sample" }]) {
    assert.is(await foreseen({ environment: { ...environment, ...changes } }), undefined, Object.keys(changes).join());
  }
});

test.run();
