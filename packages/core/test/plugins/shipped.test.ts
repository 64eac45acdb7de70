// Plugins that ship with tspack: where they are found, what comes before them, and what they stand in for.
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { installPlugin, lab, rejects, tmp, writeScript } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { findPackages } from "../../src/plugins/packages.ts";
import { PluginRegistry, type RegistryOptions } from "../../src/plugins/registry.ts";

const unixTest = lab(test, "linux");
const address = "github.com/hashicorp/probe";

interface World {
  /** The package tspack. */
  readonly ownPackage: string;
  /** How often the shipped plugin was asked what it is. */
  asked(): number;
  registry(changes?: Partial<RegistryOptions>): PluginRegistry;
  /** What was logged, line by line. */
  readonly log: string[];
}

/** A plugin's file that says it has the builder of its own name. Notes in a file that it was asked. */
function plugin(file: string, note = "/dev/null"): void {
  writeScript(
    file,
    `echo x >> ${note}\necho '{"version":"1.0.0","api_version":"x5.0","builders":["-packer-default-plugin-name-"],"protocol_version":"v2"}'`,
  );
}

function writePackage(folder: string, manifest: object): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  return folder;
}

/** tspack below a folder `node_modules`, with a plugin that it depends on in `modules`, from that folder. */
function world(modules: string, replaces: readonly string[] = [address]): World {
  const root = tmp("root");
  const ownPackage = writePackage(join(root, "node_modules/tspack"), {
    name: "tspack",
    dependencies: { "tspack-plugin-probe": "1.0.0", "@tspack/core": "1.0.0" },
  });
  const shipped = writePackage(join(root, modules, "tspack-plugin-probe"), {
    name: "tspack-plugin-probe",
    version: "1.0.0",
    tspack: { plugin: "packer-plugin-probe", replaces },
  });
  const note = join(tmp("asked"), "log");
  plugin(join(shipped, "packer-plugin-probe"), note);
  const log: string[] = [];
  const folder = tmp("empty");
  const cacheDirectory = tmp("cache");
  return {
    ownPackage,
    log,
    asked: () => (existsSync(note) ? readFileSync(note, "utf8").length / 2 : 0),
    registry: (changes) =>
      new PluginRegistry({
        environment: { PATH: process.env.PATH, PACKER_PLUGIN_PATH: folder },
        workingDirectory: folder,
        cacheDirectory,
        ownPackage,
        log: (_level, _source, text) => log.push(text),
        ...changes,
      }),
  };
}

unixTest("a plugin that tspack depends on is found wherever npm has put it, and asked once", async () => {
  for (const modules of ["node_modules", "node_modules/tspack/node_modules"]) {
    const { ownPackage, registry, asked } = world(modules);
    // A project that has tspack in its own node_modules sees the same package: it ships all the same.
    const found = await findPackages({ program: join(ownPackage, "../.."), ownPackage });
    assert.equal([found.plugins.length, found.shipped.map(({ name }) => name)], [0, ["probe"]]);
    assert.is(await registry().findMulti("builder", "other", {}), undefined);
    assert.is(asked(), 0, "another name asks nobody");
    for (let time = 0; time < 2; time++) {
      const one = await registry().findMulti("builder", "probe", {});
      assert.is(one?.isUnverified, false);
      assert.match(one?.component.file ?? "", /tspack-plugin-probe\/packer-plugin-probe$/);
    }
    assert.is(asked(), 1);
    const [listed] = await registry().plugins({});
    assert.equal([listed?.name, listed?.isShipped, listed?.isRequired], ["probe", true, false]);
  }
});

unixTest("a linked package of tspack's own repository is remembered too", async () => {
  const { ownPackage, registry, asked } = world("packages");
  symlinkSync(join(ownPackage, "../../packages/tspack-plugin-probe"), join(ownPackage, "../tspack-plugin-probe"));
  for (let time = 0; time < 2; time++) assert.ok(await registry().findMulti("builder", "probe", {}));
  assert.is(asked(), 1);
});

unixTest("an installed plugin, a file in a plugin folder and a package of the project come first", async () => {
  const { registry, asked } = world("node_modules");
  const folder = tmp("plugins");
  plugin(join(folder, "packer-plugin-probe"));
  const installed = tmp("installed");
  installPlugin(installed, join(folder, "packer-plugin-probe"), "1.0.0", { source: address });
  const environment = { PATH: process.env.PATH, PACKER_PLUGIN_PATH: installed };
  for (const required of [{}, { probe: { source: address, version: ">= 1.0" } }]) {
    const found = await registry({ environment }).findMulti("builder", "probe", required);
    assert.ok(found?.component.file.startsWith(join(installed, address)), found?.component.file);
  }
  const inFolder = registry({ environment: { PATH: process.env.PATH, PACKER_PLUGIN_PATH: folder } });
  assert.is((await inFolder.findMulti("builder", "probe", {}))?.component.file, join(folder, "packer-plugin-probe"));
  const project = tmp("project");
  const mine = writePackage(join(project, "node_modules/tspack-plugin-probe"), {
    name: "tspack-plugin-probe",
    version: "2.0.0",
    tspack: { plugin: "packer-plugin-probe" },
  });
  plugin(join(mine, "packer-plugin-probe"));
  const inProject = await registry({ program: project }).findMulti("builder", "probe", {});
  assert.is(inProject?.component.file, join(mine, "packer-plugin-probe"));
  assert.is(asked(), 0);
});

unixTest("it stands in for a required plugin that is not installed, under the name that the program gives it", async () => {
  const { registry, log } = world("node_modules");
  const required = { own: { source: "github.com/HashiCorp/probe", version: ">= 7.0" } };
  const one = registry();
  for (let time = 0; time < 2; time++) assert.is((await one.findMulti("builder", "own", required))?.component.type, "own");
  assert.equal(log, [
    'The required plugin "own" (github.com/HashiCorp/probe) is not installed; tspack\'s own tspack-plugin-probe 1.0.0 stands in for it. ' +
      "`tspack init` installs the one that is required.",
  ]);
  assert.equal(await one.missing(required), []);
  const listed = (await one.plugins(required)).map(({ name, isRequired, isShipped }) => [name, isRequired, isShipped]);
  assert.equal(listed, [
    ["own", true, false],
    ["probe", false, true],
  ]);
});

unixTest("it is no other plugin of its name, and none in place of a locked one", async () => {
  const other = { probe: { source: "github.com/acme/probe", version: "" } };
  const { registry, asked } = world("node_modules");
  assert.is(await registry().findMulti("builder", "probe", other), undefined);
  assert.equal(
    (await registry().missing(other)).map(({ source }) => source),
    ["github.com/acme/probe"],
  );
  const lockFile = join(tmp("lock"), "tspack.lock");
  writeFileSync(
    lockFile,
    JSON.stringify({ lockVersion: 1, plugins: { [address]: { version: "1.4.0", protocol: "5.0", archives: {}, binaries: {} } } }),
  );
  const locked = { probe: { source: address, version: ">= 1.0" } };
  await rejects(registry({ lockFile }).findMulti("builder", "probe", locked), { code: "TPK4008", message: /1\.4\.0/ });
  assert.equal((await registry({ lockFile }).standIns(locked)).length, 0);
  assert.is(asked(), 0);
});

test.run();
