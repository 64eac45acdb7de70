// Installing a file of the user's, and listing and removing what is installed.
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { rejects, tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { chooseInstalled } from "../../../src/plugins/choose.ts";
import { currentPlatform } from "../../../src/plugins/file-name.ts";
import { parsePluginAddress } from "../../../src/plugins/install/address.ts";
import { requireConstraint } from "../../../src/plugins/install/constraint.ts";
import { installLocalPlugin } from "../../../src/plugins/install/install-local.ts";
import type { InstallOptions } from "../../../src/plugins/install/install-options.ts";
import { installedPlugins, removePlugins } from "../../../src/plugins/install/installed.ts";
import { writeFakePlugin } from "./fake-plugin.ts";

const source = "github.com/acme/acme";
const { os, architecture } = currentPlatform();
const { signal } = new AbortController();

/** An empty plugin folder, and options that install into it. */
function machine(): { readonly work: string; readonly folder: string; readonly options: InstallOptions } {
  const work = tmp("install");
  const folder = join(work, "plugins");
  mkdirSync(folder);
  const environment = { PACKER_PLUGIN_PATH: folder, HOME: work, PATH: process.env.PATH };
  return { work, folder, options: { environment, workingDirectory: work, signal, log: () => undefined } };
}

test("INS-09: a file of the user's is installed under its address, version and protocol, with its checksum", async () => {
  const { work, folder, options } = machine();
  for (const [version, expected] of [
    ["1.2.3", "1.2.3"],
    ["1.3.0-dev", "1.3.0-dev"],
    ["1.4.0+meta.1", "1.4.0"],
  ] as const) {
    writeFakePlugin(work, { version });
    const installed = await installLocalPlugin(source, "packer-plugin-acme", options);
    assert.is(installed.file, join(folder, "github.com/acme/acme", `packer-plugin-acme_v${expected}_x5.0_${os}_${architecture}`));
    assert.is(statSync(installed.file).mode & 0o777, 0o755);
    assert.is(readFileSync(`${installed.file}_SHA256SUM`, "utf8"), installed.digest);
    const [found] = await installedPlugins(options, { constraint: requireConstraint(`= ${expected.split("-")[0]}`) });
    assert.is(found?.problem, undefined);
    assert.ok(found);
    const chosen = await chooseInstalled([found], { ...options, cacheDirectory: work, note: (_, why) => assert.match(why, /pre-release/) });
    assert.is(chosen?.file.version, expected, "and the host uses it");
  }
  assert.equal(readdirSync(folder), ["github.com"], "neither a lock nor a draft is left");
});

test("what is no plugin, speaks another protocol, or is another pre-release is refused, and nothing is left of it", async () => {
  const { work, folder, options } = machine();
  const cases: readonly (readonly [string, () => void, RegExp])[] = [
    ["gone", () => undefined, /gone is no file/],
    ["text", () => writeFileSync(join(work, "text"), "hello"), /the plugin text cannot be run: it is not executable/],
    ["beta", () => writeFakePlugin(work, { version: "1.0.0-beta1" }, "beta"), /of pre-releases only -dev/],
    ["newer", () => writeFakePlugin(work, { version: "1.0.0", api: "x5.1" }, "newer"), /it speaks version "x5\.1"/],
    ["older", () => writeFakePlugin(work, { version: "1.0.0", api: "x4.0" }, "older"), /it speaks version "x4\.0"/],
    ["none", () => writeFakePlugin(work, { version: "latest" }, "none"), /it says that it is version "latest"/],
  ];
  for (const [name, make, message] of cases) {
    make();
    await rejects(installLocalPlugin(source, name, options), { message });
    assert.equal(readdirSync(folder, { recursive: true }), [], name);
  }
});

test("PLG-01: an address has three to sixteen parts and nothing of a URL or a path", () => {
  assert.equal(
    { ...parsePluginAddress("github.com/hashicorp/amazon-ebs") },
    {
      source: "github.com/hashicorp/amazon-ebs",
      host: "github.com",
      owner: "hashicorp",
      name: "amazon-ebs",
    },
  );
  const wrong = ["acme", "a/b", "https://github.com/a/b", "github.com/a/b?x", "github.com/../b", "github.com//b", "/github.com/a/b"];
  const names = ["packer-b", "b.c", "b--c", "-b", "b/"].map((name) => `github.com/a/${name}`);
  for (const text of [...wrong, ...names, `a${"/a".repeat(16)}`])
    assert.throws(() => parsePluginAddress(text), /is no address of a plugin/, text);
  // What was meant is told, where that can be guessed.
  const meant = [
    ["github.com/a/packer-plugin-b", "github.com/a/b"],
    ["https://github.com/a/packer-plugin-b.git", "github.com/a/b"],
    ["https://github.com/a/b/", "github.com/a/b"],
    ["a/b", "github.com/a/b"],
    ["b", "github.com/hashicorp/b"],
    ["github.com/b", "github.com/hashicorp/amazon"],
    ["../b", "github.com/hashicorp/amazon"],
    ["", "github.com/hashicorp/amazon"],
  ] as const;
  for (const [text, address] of meant) {
    assert.throws(
      () => parsePluginAddress(text),
      (error: { hint: string }) => error.hint.endsWith(`: ${address}.`),
      text,
    );
  }
});

test("INS-02: a constraint is a list of conditions on releases", () => {
  assert.equal(requireConstraint(" "), []);
  assert.is(requireConstraint(">= 1.0, != 1.2.0, ~> 1.1").length, 3);
  assert.throws(() => requireConstraint("^1.0"), /is no version constraint/);
  assert.throws(() => requireConstraint(">= 1.0.0-beta"), /names a pre-release/);
});

/** Installs some versions. */
async function withVersions(...versions: readonly string[]): Promise<ReturnType<typeof machine>> {
  const made = machine();
  for (const version of versions) {
    writeFakePlugin(made.work, { version });
    await installLocalPlugin(source, "packer-plugin-acme", made.options);
  }
  return made;
}

test("INS-11: what is installed is listed from the lowest version to the highest; a changed file has a problem", async () => {
  const { options } = await withVersions("1.10.0", "1.9.0", "1.2.0-dev");
  const all = await installedPlugins(options);
  assert.equal(
    all.map(({ version }) => version),
    ["1.2.0-dev", "1.9.0", "1.10.0"],
  );
  chmodSync(all[1]?.file ?? "", 0o755);
  writeFileSync(all[1]?.file ?? "", "changed");
  const problems = (await installedPlugins(options)).map(({ problem }) => problem);
  assert.is(problems[0], undefined);
  assert.match(problems[1] ?? "", /install it again/);
});

test("INS-10: removing takes an address with a constraint, or the path of an installed file, and nothing else", async () => {
  const { work, folder, options } = await withVersions("1.0.0", "1.5.0-dev", "2.0.0");
  const removed = await removePlugins("GitHub.com/acme/acme", requireConstraint("< 2"), options);
  assert.is(removed.length, 2);
  for (const file of removed) assert.not.ok(existsSync(file) || existsSync(`${file}_SHA256SUM`));
  const precious = writeFakePlugin(work, { version: "1.0.0" }, `packer-plugin-x_v1.0.0_x5.0_${os}_${architecture}`);
  await rejects(removePlugins(precious, undefined, options), { message: /is no installed plugin/ });
  assert.ok(existsSync(precious));
  const [last] = await installedPlugins(options);
  await rejects(removePlugins(join(dirname(last?.file ?? ""), ".."), undefined, options), { message: /is no installed plugin/ });
  assert.equal(await removePlugins(last?.file ?? "", undefined, options), [last?.file]);
  assert.equal(await removePlugins(source, undefined, options), []);
  assert.equal(readdirSync(join(folder, source)), []);
});

test.run();
