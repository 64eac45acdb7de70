// What tspack.lock names is what runs.
import { createHash } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { installPlugin, rejects, tmp, writeScript } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { currentPlatform } from "../../src/plugins/file-name.ts";
import { PluginRegistry } from "../../src/plugins/registry.ts";

const source = "github.com/tspack/probe";
const { os, architecture } = currentPlatform();

interface Bench {
  readonly registry: PluginRegistry;
  readonly lockFile: string;
  /** Installs a version; answers its file. */
  install(version: string): string;
  lock(version: string, digest?: string): void;
}

function bench(): Bench {
  const folder = tmp("plugins");
  const lockFile = join(tmp("project"), "tspack.lock");
  return {
    lockFile,
    registry: new PluginRegistry({
      environment: { PATH: process.env.PATH, PACKER_PLUGIN_PATH: folder },
      workingDirectory: folder,
      cacheDirectory: tmp("cache"),
      lockFile,
      log: () => undefined,
    }),
    install(version) {
      const file = join(tmp("made"), "plugin");
      writeScript(file, `echo '{"version":"${version}","api_version":"x5.0","builders":["-packer-default-plugin-name-"]}'`);
      return installPlugin(folder, file, version, { source });
    },
    lock(version, digest) {
      const binaries = digest === undefined ? {} : { [`${os}_${architecture}`]: digest };
      writeFileSync(
        lockFile,
        JSON.stringify({ lockVersion: 1, plugins: { [source]: { version, protocol: "5.0", archives: {}, binaries } } }),
      );
    },
  };
}

function digestOf(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

const required = { mine: { source, version: ">= 1.0" } };

test("the locked version runs although a newer one is installed; without a lock, or for plugins that it does not name, the newest", async () => {
  const { registry, install, lock } = bench();
  const locked = install("1.1.0");
  install("1.2.0");
  lock("1.1.0", digestOf(locked));
  assert.is((await registry.findMulti("builder", "mine", required))?.component.file, locked);
  assert.is((await registry.findMulti("builder", "probe", {}))?.component.file, locked, "also before it is known what is required");
  const free = bench();
  free.install("1.1.0");
  const newest = free.install("1.2.0");
  assert.is((await free.registry.findMulti("builder", "mine", required))?.component.file, newest);
  writeFileSync(free.lockFile, JSON.stringify({ lockVersion: 1, plugins: {} }));
});

const refusals: readonly { readonly name: string; readonly reason: RegExp; prepare(one: Bench): void }[] = [
  {
    name: "that is not installed",
    reason: /version 1\.1\.0 of github\.com\/tspack\/probe, which .*tspack\.lock names, is not installed$/,
    prepare: ({ install, lock }) => {
      install("1.2.0");
      lock("1.1.0");
    },
  },
  {
    name: "whose file is another one",
    reason: /it is not the file that tspack\.lock names: its SHA-256 is another/,
    prepare: ({ install, lock }) => {
      install("1.1.0");
      lock("1.1.0", "0".repeat(64));
    },
  },
  {
    name: "that does not fit the constraint any more",
    reason: /0\.9\.0 does not fit >= 1\.0/,
    prepare: ({ install, lock }) => lock("0.9.0", digestOf(install("0.9.0"))),
  },
  {
    name: "whose checksum file is gone",
    reason: /there is no _SHA256SUM file beside it/,
    prepare: ({ install, lock }) => {
      const file = install("1.1.0");
      lock("1.1.0", digestOf(file));
      rmSync(`${file}_SHA256SUM`);
    },
  },
];

for (const { name, reason, prepare } of refusals) {
  test(`a locked version ${name} stops the program, with what to run`, async () => {
    const one = bench();
    prepare(one);
    const error = await rejects(one.registry.findMulti("builder", "mine", required), { code: "TPK4008", message: reason });
    assert.match(String(Reflect.get(error, "hint")), /tspack init/);
    assert.is((await one.registry.missing(required)).length, 1);
    assert.equal(await one.registry.names("builder", required), [], "another version does not stand in for it");
  });
}

test("a lock file that cannot be understood stops what uses installed plugins", async () => {
  const { registry, lockFile, install } = bench();
  install("1.1.0");
  writeFileSync(lockFile, "{}");
  await rejects(registry.findMulti("builder", "mine", required), {
    code: "TPK4008",
    message: /no lock file that this version understands/,
  });
  await rejects(registry.findMulti("builder", "probe", {}), { code: "TPK4008" });
});

test.run();
