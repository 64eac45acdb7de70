// `tspack plugins` and `tspack init` as a user types them, with the program as it is installed.
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tmp } from "@tspack/test-support";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type TspackResult, tspack } from "../support/tspack.ts";

const source = "github.com/acme/acme";

/** The text of an executable that describes itself as a plugin. */
function pluginText(version: string): string {
  const description = {
    version,
    sdk_version: "0.6.0",
    api_version: "x5.0",
    builders: ["-packer-default-plugin-name-"],
    protocol_version: "v2",
  };
  return `#!/bin/sh\n[ "$1" = describe ] || exit 1\necho '${JSON.stringify(description)}'\n`;
}

/** A folder for programs with an empty plugin folder, and `run` to run commands there. */
function project(): { readonly cwd: string; run(...words: readonly string[]): Promise<TspackResult> } {
  const cwd = tmp("plugins");
  const plugins = join(cwd, "plugins");
  mkdirSync(plugins);
  const env = {
    PACKER_PLUGIN_PATH: plugins,
    PACKER_CACHE_DIR: join(cwd, "cache"),
    PACKER_GITHUB_API_TOKEN: undefined,
    TSPACK_PLUGIN_MIRROR: undefined,
  };
  return { cwd, run: (...words) => tspack(words, { cwd, env }) };
}

/** Writes an executable plugin into the project. */
function writePlugin(cwd: string, version: string): string {
  writeFileSync(join(cwd, "packer-plugin-acme"), pluginText(version));
  chmodSync(join(cwd, "packer-plugin-acme"), 0o755);
  return "packer-plugin-acme";
}

test("plugins install -path, installed, required and remove work on one file after the other", async () => {
  const { cwd, run } = project();
  for (const version of ["1.9.0", "1.10.0"]) {
    const { code, stdout, stderr } = await run("plugins", "install", `-path=${writePlugin(cwd, version)}`, source);
    assert.is(code, 0, stderr);
    assert.match(stdout, new RegExp(`^Installed plugin ${source} v${version} in ".*/packer-plugin-acme_v${version}_x5\\.0_\\w+"\n$`));
  }
  const installed = (await run("plugins", "installed")).stdout.trimEnd().split("\n");
  assert.is(installed.length, 2);
  writeFileSync(
    join(cwd, "a.pkr.hcl"),
    `variable "unset" {}\npacker {\n  required_plugins {\n    mine = { source = "${source}", version = "~> 1.9" }\n  }\n}\nsource "mine" "a" { unset = var.unset }\n`,
  );
  const required = await run("plugin", "required", "a.pkr.hcl");
  assert.is(required.code, 0, required.stderr);
  assert.is(required.stdout, `mine ${source} "~> 1.9"\n  ${installed.join("\n  ")}\n`);
  const removed = await run("plugins", "remove", source, "< 1.10");
  assert.is(removed.stdout, `${installed[0]}\n`);
  assert.not.ok(existsSync(installed[0] ?? ""));
  const byPath = await run("-machine-readable", "plugins", "remove", installed[1] ?? "");
  assert.match(byPath.stdout, /^\d+,,ui,say,.*v1\.10\.0.*\n$/);
  const nothing = await run("plugins", "remove", source);
  assert.is(nothing.code, 1);
  assert.is(nothing.stderr, `No installed plugin ${source} was found.\n`);
});

test("plugins required lists what an image.ts requires, and says that legacy JSON requires nothing", async () => {
  const { cwd, run } = project();
  writeFileSync(
    join(cwd, "image.ts"),
    `import { build, packer, source, variable } from "tspack";\npacker({ required_plugins: { mine: { version: ">= 1.0", source: "${source}" } } });\nvariable("needed");\nexport default build({ sources: [source("null", "a", { communicator: "none" })] });\n`,
  );
  const { code, stdout, stderr } = await run("plugins", "required", ".");
  assert.is(code, 0, stderr);
  assert.is(stdout, `mine ${source} ">= 1.0"\n`);
  writeFileSync(join(cwd, "old.json"), '{ "builders": [{ "type": "null", "communicator": "none" }] }');
  const json = await run("plugins", "required", "old.json");
  assert.is(json.code, 0);
  assert.match(json.stderr, /requires no plugins: legacy JSON has no required_plugins/);
});

test("EXIT-03: the group alone and wrong words show what there is, and exit with 1", async () => {
  const { run } = project();
  const alone = await run("plugins");
  assert.is(alone.code, 1);
  for (const name of ["install", "installed", "remove", "required"]) assert.match(alone.stderr, new RegExp(`^${name}: `, "m"));
  assert.is((await run("plugins", "-help")).code, 0);
  const help = await run("plugins", "remove", "-help");
  assert.match(help.stdout, /^tspack plugins remove: /);
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [["plugins", "instal"], /Did you mean "install"\?/],
    [["plugins", "remove"], /Usage: tspack plugins remove/],
    [["plugins", "required"], /Usage: tspack plugins required/],
    [["plugins", "install"], /Usage: tspack plugins install/],
    [["plugins", "install", "-path=x", source, "1.0"], /-path and a version exclude each other/],
    [["plugins", "install", "-path=x", "acme"], /"acme" is no address of a plugin/],
    [["plugins", "installed", "-force"], /takes no flag|there is no flag/i],
  ];
  for (const [words, message] of cases) {
    const { code, stderr } = await run(...words);
    assert.is(code, 1, words.join(" "));
    assert.match(stderr.replace(/\s+/g, " "), message);
  }
});

test.run();
